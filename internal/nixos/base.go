package nixos

import (
	"path/filepath"
	"slices"
)

// Base finds which of the toplevels a system belongs to: itself, or the one that it
// is a specialisation of. It returns "" for none.
func Base(toplevels []string, system string) string {
	if system == "" || slices.Contains(toplevels, system) {
		return system
	}
	for _, toplevel := range toplevels {
		links, err := filepath.Glob(filepath.Join(toplevel, "specialisation", "*"))
		if err != nil {
			continue // the pattern is wrong: a toplevel with brackets in its name
		}
		for _, link := range links {
			if target, err := filepath.EvalSymlinks(link); err == nil && target == system {
				return toplevel
			}
		}
	}
	return ""
}
