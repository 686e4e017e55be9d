package action

import (
	"context"
	"path/filepath"
	"strings"

	"luminousnix/internal/operation"
)

// An inventory is what is installed on this machine: versions by name.
type inventory struct{ versions map[string]string }

// readInventory reads what the system's and the user's profile have. A generation
// never changes, so what was read of it once is kept. What cannot be read counts as
// not installed: a search is answered all the same.
func readInventory(ctx context.Context, m *Machine) *inventory {
	all := &inventory{map[string]string{}}
	for _, chosen := range profilesFor(m.Host, operation.Arguments{}) {
		// Reading the profile would look at all of its generations.
		target, err := filepath.EvalSymlinks(string(chosen.Profile))
		if err != nil {
			continue
		}
		key := "packages of " + target
		if content, ok := m.Cache.Get(key); ok && !m.NoCache {
			all.decode(string(content))
			continue
		}
		packages, err := packagesIn(ctx, m, chosen, target)
		if err != nil {
			m.Log.Debug("not read", "profile", target, "error", err)
			continue
		}
		text := encodePackages(packages)
		all.decode(text)
		if m.NoCache {
			continue
		}
		if err := m.Cache.Put(key, []byte(text)); err != nil {
			m.Log.Debug("not kept", "error", err)
		}
	}
	return all
}

// encodePackages writes a line for each package: name, tab, version.
func encodePackages(packages []operation.InstalledPackage) string {
	var b strings.Builder
	for _, p := range packages {
		b.WriteString(p.Name + "\t" + p.Version + "\n")
	}
	return b.String()
}

func (i *inventory) decode(text string) {
	for line := range strings.Lines(text) {
		name, version, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if _, known := i.versions[name]; ok && !known {
			i.versions[name] = version
		}
	}
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
