package eval

import (
	"slices"

	"luminousnix/nix/syntax"
)

func (c *compiler) attrSet(e *syntax.AttrSet, s *scope) node {
	attrs := e.Attrs()
	n := c.attrs(attrs, s, c.at(e.Start))
	if !e.Body {
		return n
	}
	return &selectOneNode{selectNode{
		set: n, setPos: c.at(e.Start), pos: c.at(e.Start), path: []attrName{{symbol: symBody}},
	}}
}

// attrs makes the node of what the bindings of a set define.
func (c *compiler) attrs(a *syntax.Attrs, s *scope, pos Pos) node {
	if len(a.List) == 0 && len(a.Dynamic) == 0 {
		return newConst(attrsValue(new(Attrs)))
	}
	inner := s
	order := c.order(a.List)
	if a.Rec {
		inner = newScope(s, namesOf(order))
	}
	n := &attrsNode{bindings: c.bindings(a, order, inner, s), pos: pos, recursive: a.Rec}
	for _, d := range a.Dynamic {
		name := c.expr(d.Name, inner)
		n.dynamic = append(n.dynamic, dynamicAttr{name, c.value(d.Value, d.Set, inner, symNone), c.at(d.Pos)})
	}
	if a.Rec {
		n.overrides = slices.Index(namesOf(order), symOverrides)
		return &recNode{*n}
	}
	return n
}

// namedAttr is an attribute of the syntax with its symbol.
type namedAttr struct {
	*syntax.Attr
	symbol Symbol
}

// order sorts attributes by symbol.
func (c *compiler) order(list []syntax.Attr) []namedAttr {
	order := make([]namedAttr, len(list))
	for i := range list {
		order[i] = namedAttr{&list[i], c.intern(list[i].Name)}
	}
	slices.SortFunc(order, func(a, b namedAttr) int { return int(a.symbol) - int(b.symbol) })
	return order
}

func namesOf(order []namedAttr) []Symbol {
	names := make([]Symbol, len(order))
	for i, attr := range order {
		names[i] = attr.symbol
	}
	return names
}

// bindings compiles attributes whose values are in the scope inner, inherited ones
// in outer.
func (c *compiler) bindings(a *syntax.Attrs, order []namedAttr, inner, outer *scope) bindings {
	var b bindings
	for _, from := range a.From {
		b.from = append(b.from, c.delayed(from, inner))
	}
	b.list = make([]binding, len(order))
	for i, attr := range order {
		pos := c.at(attr.Pos)
		item := binding{name: attr.symbol, pos: pos}
		switch {
		case attr.Inherited:
			item.kind = bindOuter
			item.value = newLazy(c.variable(attr.symbol, pos, outer))
		case attr.From >= 0:
			item.kind = bindFrom
			from := a.From[attr.From]
			set := &varNode{depth: 0, slot: uint32(attr.From), pos: c.at(from.Range().Start)}
			item.value = newLazy(&selectOneNode{selectNode{
				set: set, setPos: c.at(from.Range().Start), pos: pos, path: []attrName{{symbol: attr.symbol}},
			}})
		default:
			item.value = c.value(attr.Value, attr.Set, inner, attr.symbol)
		}
		if item.value.kind != lazyConstant {
			b.thunks++
		}
		b.list[i] = item
	}
	return b
}

// value compiles the value of an attribute, which is an expression or what
// attribute paths led into.
func (c *compiler) value(e syntax.Expr, set *syntax.Attrs, s *scope, name Symbol) lazy {
	if set == nil {
		return c.delayedNamed(e, s, name)
	}
	pos := noPos
	if set.Pos >= 0 {
		pos = c.at(set.Pos)
	}
	outer := c.nesting
	c.nesting = 0
	n := c.attrs(set, s, pos)
	c.nesting = outer
	return newLazy(n)
}

func (c *compiler) let(e *syntax.Let, s *scope) node {
	a := e.Attrs()
	order := c.order(a.List)
	inner := newScope(s, namesOf(order))
	return &letNode{bindings: c.bindings(a, order, inner, s), body: c.expr(e.Body, inner)}
}
