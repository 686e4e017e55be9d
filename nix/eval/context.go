package eval

import (
	"slices"
	"strings"

	"luminousnix/nix/store"
)

// Context is what a string depends on, as a sorted set. It is shared and must
// not be changed.
type Context []ContextElement

// ContextElement is one dependency in the form that Nix itself uses: a store
// path (a source, or a derivation file as a plain file); !OUTPUT!PATH, an output
// of a derivation; =PATH, a derivation with all its outputs and inputs.
type ContextElement string

// opaque, builtOutput and deep make the three kinds of elements.
func opaque(p store.Path) ContextElement { return ContextElement(p) }

func builtOutput(drv store.Path, output string) ContextElement {
	return ContextElement("!" + output + "!" + string(drv))
}

func deep(drv store.Path) ContextElement { return ContextElement("=" + string(drv)) }

// Path returns the store path, of the derivation if it is about one.
func (e ContextElement) Path() store.Path {
	switch {
	case strings.HasPrefix(string(e), "="):
		return store.Path(e[1:])
	case strings.HasPrefix(string(e), "!"):
		_, path, _ := strings.Cut(string(e[1:]), "!")
		return store.Path(path)
	}
	return store.Path(e)
}

// Output returns the name of the output if the element is one, or "".
func (e ContextElement) Output() string {
	if !strings.HasPrefix(string(e), "!") {
		return ""
	}
	output, _, _ := strings.Cut(string(e[1:]), "!")
	return output
}

// Deep says whether the element is a derivation with everything.
func (e ContextElement) Deep() bool { return strings.HasPrefix(string(e), "=") }

// newContext makes a context of elements in any order.
func newContext(elements ...ContextElement) Context {
	c := slices.Clone(elements)
	slices.Sort(c)
	return slices.Compact(c)
}

// union returns the context of what depends on both.
func (c Context) union(d Context) Context {
	if len(d) == 0 {
		return c
	}
	if len(c) == 0 {
		return d
	}
	if len(c) == len(d) && slices.Equal(c, d) {
		return c
	}
	if len(d) == 1 {
		if _, found := slices.BinarySearch(c, d[0]); found {
			return c
		}
	}
	return newContext(slices.Concat(c, d)...)
}

// display returns the element as error messages show it, without the store
// directory.
func (e ContextElement) display() string { return string(e) }
