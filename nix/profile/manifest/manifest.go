// Package manifest reads and writes the list of packages that a Nix profile
// keeps in itself.
//
// There are two kinds. What `nix profile` makes has a manifest.json, which
// [Parse] reads in all versions and [Manifest.Marshal] writes as Nix itself
// does, byte by byte, since the store path of the profile depends on it. What
// nix-env makes has a manifest.nix, a literal of the Nix language, which
// [ParseNixEnv] reads; [FromNixEnv] makes of it what `nix profile` does when it
// takes over such a profile.
//
// The versions of manifest.json, and who writes them:
//
//	1   Nix 2.4 to 2.7    a list; read only
//	2   Nix 2.8           a list
//	2   Nix 2.9 to 2.19   a list, with priorities and outputs
//	3   Nix 2.20 on       an object: elements have names
//
// Each Nix reads all earlier versions and refuses later ones, so a manifest
// keeps its [Format] unless the caller decides otherwise.
//
// The package reads no files and knows no profiles: see the packages
// environment and profile for these. Facts are from Nix's profile.cc,
// url-name.cc and user-env.cc, checked against Nix 2.8, 2.26 and 2.34.
package manifest

import (
	"slices"
	"strconv"

	"luminousnix/nix/store"
)

// DefaultPriority is the priority of an element that was given none. Of two
// elements with the same file the one with the lower number provides it.
const DefaultPriority = 5

// Format is a form of manifest.json.
type Format int

const (
	// V3 is the form of Nix 2.20 and later.
	V3 Format = iota
	// V2 is the form of Nix 2.9 to 2.19.
	V2
	// V2Plain is the form of Nix 2.8: without priorities, all being
	// DefaultPriority, and without outputs.
	V2Plain
)

// HasPriorities says whether the Nix that writes the format knows priorities.
func (f Format) HasPriorities() bool { return f != V2Plain }

func (f Format) version() int {
	if f == V3 {
		return 3
	}
	return 2
}

// Manifest is what a profile consists of. The zero value is that of an empty
// profile of Nix 2.20 or later.
type Manifest struct {
	// Format is the form that Marshal writes. Parse sets it to the one that it
	// found; version 1 becomes V2Plain.
	Format Format
	// Elements have different names. Their order is kept by version 2 only:
	// it is the order in which they were added.
	Elements []Element
}

// Element is a package in a profile: what one argument of `nix profile add`
// stands for.
type Element struct {
	// Name is what `nix profile remove` takes. Version 2 does not write it.
	Name string
	// StorePaths are sorted. There are several when a package has several outputs.
	StorePaths []store.Path
	// Active says that the files of the element are linked into the profile.
	Active   bool
	Priority int
	// Source is where the element came from, nil if it was added by store path.
	Source *Source
}

// Source says which attribute of which flake an element was built from. URLs
// are kept as they are. Nix writes its own form of them when it changes a
// profile, which is the same unless another version of Nix, or a person, wrote
// them: 2.8 had other characters with percent signs than later ones.
type Source struct {
	OriginalURL string // as the user has it, such as flake:nixpkgs
	URL         string // locked to a revision
	AttrPath    string // such as legacyPackages.x86_64-linux.hello
	// Outputs are the names of the outputs, sorted; nil for those that the
	// package itself chooses, and "*" alone for all.
	Outputs []string
}

// ForPaths returns an active element of default priority that holds the paths.
func ForPaths(paths ...store.Path) Element {
	return Element{StorePaths: sortPaths(paths), Active: true, Priority: DefaultPriority}
}

// Add adds e at the end. Its name, made by [Element.DefaultName] when it is
// empty, gets -1, -2 and so on added when there is one like it already.
//
// The same store path may well be added twice. But an element from a flake is
// not added when there is one of that name with the same original URL,
// attribute path and priority: then added is false and name that of the present
// one.
func (m *Manifest) Add(e Element) (name string, added bool) {
	e.StorePaths = sortPaths(e.StorePaths)
	if e.Name == "" {
		e.Name = e.DefaultName()
	}
	if i := m.index(e.Name); i >= 0 && sameSource(&m.Elements[i], &e) {
		return e.Name, false
	}
	return m.add(e), true
}

// add adds e under a name that is not yet taken.
func (m *Manifest) add(e Element) string {
	candidate := e.Name
	for i := 1; m.index(e.Name) >= 0; i++ {
		e.Name = candidate + "-" + strconv.Itoa(i)
	}
	m.Elements = append(m.Elements, e)
	return e.Name
}

func sameSource(a, b *Element) bool {
	return a.Source != nil && b.Source != nil && a.Priority == b.Priority &&
		a.Source.OriginalURL == b.Source.OriginalURL && a.Source.AttrPath == b.Source.AttrPath
}

func (m *Manifest) index(name string) int {
	return slices.IndexFunc(m.Elements, func(e Element) bool { return e.Name == name })
}

// Remove removes the elements that match one of the functions, such as [Named]
// or [Holding], and returns them. No function matches no element.
func (m *Manifest) Remove(match ...func(*Element) bool) []Element {
	var removed, kept []Element
	for _, e := range m.Elements {
		if slices.ContainsFunc(match, func(matches func(*Element) bool) bool { return matches(&e) }) {
			removed = append(removed, e)
		} else {
			kept = append(kept, e)
		}
	}
	m.Elements = kept
	return removed
}

// Clone returns a copy whose elements can be changed on their own.
func (m *Manifest) Clone() *Manifest {
	c := &Manifest{Format: m.Format, Elements: slices.Clone(m.Elements)}
	for i := range c.Elements {
		e := &c.Elements[i]
		e.StorePaths = slices.Clone(e.StorePaths)
		if e.Source != nil {
			source := *e.Source
			source.Outputs = slices.Clone(source.Outputs)
			e.Source = &source
		}
	}
	return c
}

// sortPaths returns the paths in Nix's order, each once.
func sortPaths(paths []store.Path) []store.Path {
	sorted := slices.Clone(paths)
	slices.Sort(sorted)
	return slices.Compact(sorted)
}
