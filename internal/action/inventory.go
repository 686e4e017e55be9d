package action

import (
	"context"
	"path/filepath"

	"luminousnix/internal/operation"
)

// An inventory is what is installed on this machine: versions by name.
type inventory struct{ versions map[string]string }

// readInventory reads what the system's and the user's profile have. What cannot be read
// counts as not installed: a search is answered all the same.
func readInventory(ctx context.Context, m *Machine) *inventory {
	all := &inventory{map[string]string{}}
	for _, chosen := range profilesFor(m.Host, operation.Arguments{}) {
		// Reading the profile would look at all of its generations.
		target, err := filepath.EvalSymlinks(string(chosen.Profile))
		if err != nil {
			continue
		}
		packages, err := packagesIn(ctx, m, chosen, target)
		if err != nil {
			m.Log.Debug("not read", "profile", target, "error", err)
			continue
		}
		for _, p := range packages {
			if !all.has(p.Name) {
				all.versions[p.Name] = p.Version
			}
		}
	}
	return all
}

// version is that of an installed package, which may be "".
func (i *inventory) version(name string) (version string, installed bool) {
	version, installed = i.versions[name]
	return version, installed
}

func (i *inventory) has(name string) bool {
	_, ok := i.versions[name]
	return ok
}
