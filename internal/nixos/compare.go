package nixos

import (
	"maps"
	"slices"
	"strings"

	"luminousnix/internal/operation"
	"luminousnix/nix/store"
	"luminousnix/nix/storedb"
)

// Compare finds what differs between two closures, by package name: packages in
// only one of them, and packages with other versions. The same version at
// another store path (a rebuild) is no change.
func Compare(from, to []storedb.Object) operation.Comparison {
	before, after := group(from), group(to)
	c := operation.Comparison{
		Added: []operation.Change{}, Removed: []operation.Change{}, Changed: []operation.Change{},
		SizeDelta: total(to) - total(from),
	}
	for _, name := range slices.Sorted(maps.Keys(before)) {
		b := before[name]
		a, both := after[name]
		switch {
		case !both:
			c.Removed = append(c.Removed, operation.Change{Name: name, From: b.versions, SizeDelta: -b.size})
		case !slices.Equal(b.versions, a.versions):
			c.Changed = append(c.Changed, operation.Change{Name: name, From: b.versions, To: a.versions, SizeDelta: a.size - b.size})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(after)) {
		if _, both := before[name]; !both {
			a := after[name]
			c.Added = append(c.Added, operation.Change{Name: name, To: a.versions, SizeDelta: a.size})
		}
	}
	return c
}

// member is a package of a closure: all paths of one name.
type member struct {
	versions []string // in order, each once
	size     int64
}

func group(closure []storedb.Object) map[string]*member {
	members := make(map[string]*member, len(closure))
	for _, info := range closure {
		name, version := PackageOf(info.Path)
		m := members[name]
		if m == nil {
			m = &member{}
			members[name] = m
		}
		m.versions = append(m.versions, version)
		m.size += info.NarSize
	}
	for _, m := range members {
		slices.Sort(m.versions)
		m.versions = slices.Compact(m.versions)
	}
	return members
}

func total(closure []storedb.Object) (sum int64) {
	for _, info := range closure {
		sum += info.NarSize
	}
	return sum
}

// PackageOf splits the name of a store path into package and version, leaving
// out which output of the package it is.
func PackageOf(path store.Path) (name, version string) {
	name = path.Name()
	if i := strings.LastIndexByte(name, '-'); i >= 0 && isOutput(name[i+1:]) {
		if pname, version := store.SplitName(name[:i]); version != "" {
			return pname, version
		}
	}
	return store.SplitName(name)
}

// isOutput reports a name that outputs of nixpkgs commonly have.
func isOutput(name string) bool {
	switch name {
	case "bin", "data", "debug", "dev", "devdoc", "dist", "doc", "info", "lib", "man", "modules", "static", "terminfo":
		return true
	}
	return false
}
