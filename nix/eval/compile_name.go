package eval

import (
	"path/filepath"
	"slices"
	"strings"

	"luminousnix/nix/syntax"
)

func (c *compiler) ident(e *syntax.Ident, s *scope) node {
	if e.Name == "__curPos" {
		return &curPosNode{c.at(e.Start)}
	}
	return c.variable(c.intern(e.Name), c.at(e.Start), s)
}

// variable resolves a name: to the place of a variable, or, if no scope has it, to
// a search of the sets of the with expressions around.
func (c *compiler) variable(name Symbol, pos Pos, s *scope) node {
	depth := uint32(0)
	var withs []withPlace
	for ; s != nil; s = s.up {
		if s.with {
			withs = append(withs, withPlace{depth, s.pos})
		} else if slot, ok := s.slot(name); ok {
			if s == c.ev.globals.scope {
				if v, ok := (*c.ev.globals.env.slot(slot)).evaluated(); ok {
					return newConst(v)
				}
			}
			return &varNode{depth: depth, slot: slot, pos: pos}
		}
		depth++
	}
	if len(withs) == 0 {
		c.fail(KindUndefined, pos, "undefined variable '"+c.ev.symbols.name(name)+"'")
	}
	return &withVarNode{name: name, pos: pos, withs: withs}
}

// global returns the builtin that name stands for in s, if nothing hides it.
func (c *compiler) global(name string, s *scope) *Builtin {
	if n, ok := c.variable(c.intern(name), noPos, s).(*constNode); ok && n.thunk.value.tag == tagBuiltin {
		return n.thunk.value.builtin()
	}
	return nil
}

func (c *compiler) attrPath(path []syntax.AttrName, s *scope) []attrName {
	names := make([]attrName, len(path))
	for i, n := range path {
		names[i].pos = noPos
		if n.Expr != nil {
			names[i].expr = c.expr(n.Expr, s)
			names[i].pos = c.posOf(n.Expr)
			shown := c.written(n.Expr)
			names[i].shown = &shown
		} else {
			names[i].symbol = c.intern(n.Name)
		}
	}
	return names
}

func (c *compiler) selection(e *syntax.Select, s *scope) node {
	n := &selectNode{
		set: c.expr(e.Set, s), setPos: c.posOf(e.Set),
		path: c.attrPath(e.Path, s), pos: c.at(e.Start),
	}
	if e.Default != nil {
		c.lintOr(e.Default)
		n.fallback = c.expr(e.Default, s)
		return n
	}
	if len(n.path) > 1 || n.path[0].expr != nil {
		return n
	}
	if set, ok := n.set.(*constNode); ok && set.thunk.value.tag == tagAttrs {
		if attr := set.thunk.value.Attrs().get(n.path[0].symbol); attr != nil {
			if v, ok := attr.Value.evaluated(); ok {
				return newConst(v)
			}
		}
	}
	return &selectOneNode{*n}
}

func (c *compiler) formals(e *syntax.Formals) *formals {
	f := &formals{list: make([]formal, len(e.List)), ellipsis: e.Ellipsis}
	for i, item := range e.List {
		f.list[i] = formal{name: c.intern(item.Name), pos: c.at(item.Start)}
	}
	slices.SortFunc(f.list, func(a, b formal) int { return int(a.name) - int(b.name) })
	return f
}

// text makes the node of a string.
func (c *compiler) text(e *syntax.String, s *scope) node {
	c.lintURL(e)
	if len(e.Parts) == 0 {
		return newConst(stringValue(""))
	}
	if len(e.Parts) == 1 && e.Parts[0].Expr == nil {
		return newConst(stringValue(e.Parts[0].Text))
	}
	return &textNode{c.parts(e.Parts, s), c.at(c.textStart(e))}
}

func (c *compiler) parts(parts []syntax.Part, s *scope) []textPart {
	list := make([]textPart, len(parts))
	for i, part := range parts {
		list[i] = textPart{text: part.Text, pos: c.at(part.Start)}
		if part.Expr != nil {
			list[i].expr = c.expr(part.Expr, s)
			list[i].exprPos = c.posOf(part.Expr)
		}
	}
	return list
}

// path makes the node of a path. The directory of its first part is resolved now.
func (c *compiler) path(e *syntax.Path, s *scope) node {
	c.lintPath(e)
	literal := e.Parts[0].Text
	path := literal
	switch {
	case strings.HasPrefix(literal, "~/"):
		if c.ev.options.Pure {
			c.fail(KindRestricted, noPos, "the path '"+literal+"' can not be resolved in pure mode")
		}
		path = c.ev.inputs.Getenv("HOME") + literal[1:]
	case strings.HasPrefix(literal, "/"):
		path = filepath.Clean(literal)
	default:
		path = filepath.Join(c.dir, literal)
	}
	if len(e.Parts) == 1 {
		return newConst(pathValue(filepath.Clean(path)))
	}
	if strings.HasSuffix(literal, "/") && !strings.HasSuffix(path, "/") {
		path += "/"
	}
	parts := c.parts(e.Parts, s)
	parts[0].text = path
	return &pathNode{parts, c.at(e.Start)}
}

// searchPath makes the node of <name>, a call of __findFile.
func (c *compiler) searchPath(e *syntax.SearchPath, s *scope) node {
	return &call2Node{
		fun: c.variable(c.intern("__findFile"), noPos, s),
		a:   newLazy(c.variable(c.intern("__nixPath"), noPos, s)),
		b:   newLazy(newConst(stringValue(e.Name))),
		pos: c.at(e.Start),
	}
}
