package eval

import (
	"slices"
	"strings"
)

// Attrs is an attribute set. It is never changed once it is a value.
type Attrs struct {
	list []Attr // by symbol
	pos  Pos    // where it is written, noPos for those of builtins
}

// Attr is an attribute of a set.
type Attr struct {
	Name  Symbol
	Pos   Pos // where it is defined; noPos for those of builtins
	Value *Thunk
}

// makeAttrs returns a set of size attributes that are yet to be set. Those of
// small sets are allocated together with it.
func makeAttrs(size int, pos Pos) *Attrs {
	var a *Attrs
	switch size {
	case 1:
		s := new(struct {
			Attrs
			items [1]Attr
		})
		a, s.list = &s.Attrs, s.items[:]
	case 2:
		s := new(struct {
			Attrs
			items [2]Attr
		})
		a, s.list = &s.Attrs, s.items[:]
	case 3:
		s := new(struct {
			Attrs
			items [3]Attr
		})
		a, s.list = &s.Attrs, s.items[:]
	case 4:
		s := new(struct {
			Attrs
			items [4]Attr
		})
		a, s.list = &s.Attrs, s.items[:]
	default:
		a = &Attrs{list: make([]Attr, size)}
	}
	a.pos = pos
	return a
}

// newAttrs returns an empty set with room for size attributes, which are put
// with add; finish completes it.
func newAttrs(size int) *Attrs { return &Attrs{list: make([]Attr, 0, size)} }

// add appends an attribute. The name must be new.
func (a *Attrs) add(name Symbol, value *Thunk, pos Pos) {
	a.list = append(a.list, Attr{name, pos, value})
}

// addValue is add of a value from a builtin.
func (a *Attrs) addValue(name Symbol, v Value) { a.add(name, valueThunk(v), noPos) }

// finish brings the attributes into order.
func (a *Attrs) finish() *Attrs {
	slices.SortFunc(a.list, compareAttrs)
	return a
}

// finishKeepLast is finish for names that may be there twice: the one that was
// added last stays.
func (a *Attrs) finishKeepLast() *Attrs { return a.dedup(true) }

// finishKeepFirst is finish for names that may be there twice: the one that was
// added first stays.
func (a *Attrs) finishKeepFirst() *Attrs { return a.dedup(false) }

func (a *Attrs) dedup(last bool) *Attrs {
	slices.SortStableFunc(a.list, compareAttrs)
	kept := a.list[:0]
	for _, attr := range a.list {
		if n := len(kept); n > 0 && kept[n-1].Name == attr.Name {
			if last {
				kept[n-1] = attr
			}
			continue
		}
		kept = append(kept, attr)
	}
	a.list = kept
	return a
}

func compareAttrs(a, b Attr) int {
	if a.Name < b.Name {
		return -1
	}
	if a.Name > b.Name {
		return 1
	}
	return 0
}

// Len returns the number of attributes.
func (a *Attrs) Len() int { return len(a.list) }

// get returns the attribute of that name, or nil.
func (a *Attrs) get(name Symbol) *Attr {
	list := a.list
	low, high := 0, len(list)
	for high-low > 8 {
		middle := int(uint(low+high) >> 1)
		if list[middle].Name <= name {
			low = middle
		} else {
			high = middle
		}
	}
	for i := low; i < high; i++ {
		if list[i].Name == name {
			return &list[i]
		}
	}
	return nil
}

// update returns a // b.
func update(a, b *Attrs) *Attrs {
	if len(a.list) == 0 {
		return b
	}
	if len(b.list) == 0 {
		return a
	}
	merged := make([]Attr, 0, len(a.list)+len(b.list))
	x, y := a.list, b.list
	for len(x) > 0 && len(y) > 0 {
		switch {
		case x[0].Name < y[0].Name:
			merged, x = append(merged, x[0]), x[1:]
		case x[0].Name > y[0].Name:
			merged, y = append(merged, y[0]), y[1:]
		default:
			merged, x, y = append(merged, y[0]), x[1:], y[1:]
		}
	}
	merged = append(merged, x...)
	merged = append(merged, y...)
	return &Attrs{list: merged, pos: a.pos}
}

// sorted returns the attributes in the order of their names.
func (a *Attrs) sorted(s *symbols) []Attr {
	list := slices.Clone(a.list)
	slices.SortFunc(list, func(x, y Attr) int {
		return strings.Compare(s.name(x.Name), s.name(y.Name))
	})
	return list
}
