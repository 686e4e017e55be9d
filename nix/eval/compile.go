package eval

import (
	"luminousnix/nix/syntax"
)

// compiler makes nodes of the syntax tree of one source.
type compiler struct {
	ev  *Evaluator
	src *source
	dir string // what relative paths begin at
	// err is the first error; what is compiled after it is of no use.
	err *Error
	// nesting counts nodes within each other since the last guard.
	nesting int
}

// compile makes a node of a whole source. base is the scope of its free variables.
func (ev *Evaluator) compile(src *source, dir string, base *scope) (node, error) {
	c := &compiler{ev: ev, src: src, dir: dir}
	n := c.expr(src.file.Root, base)
	src.file.Root = nil // nothing needs it any more
	if c.err != nil {
		return nil, c.err
	}
	return n, nil
}

func (c *compiler) fail(kind ErrorKind, pos Pos, message string) {
	if c.err == nil {
		c.err = &Error{Kind: kind, Message: message, pos: pos, positions: c.ev.positions, static: true}
	}
}

func (c *compiler) at(p syntax.Pos) Pos { return c.src.at(p) }

func (c *compiler) intern(name string) Symbol { return c.ev.symbols.intern(name) }

// guardEvery is how many nodes may be within each other before their evaluation
// is counted as one more of those that are limited by the stack.
const guardEvery = 8

// expr makes a node of an expression.
func (c *compiler) expr(e syntax.Expr, s *scope) node {
	c.nesting++
	if c.nesting < guardEvery {
		n := c.plain(e, s)
		c.nesting--
		return n
	}
	outer := c.nesting
	c.nesting = 0
	n := c.plain(e, s)
	c.nesting = outer - 1
	return &guardNode{n}
}

// delayed makes a lazy of an expression.
func (c *compiler) delayed(e syntax.Expr, s *scope) lazy { return c.delayedNamed(e, s, symNone) }

// delayedNamed is delayed for what is given a name: functions remember it.
func (c *compiler) delayedNamed(e syntax.Expr, s *scope, name Symbol) lazy {
	outer := c.nesting
	c.nesting = 0
	defer func() { c.nesting = outer }()
	if l, ok := unparen(e).(*syntax.Lambda); ok {
		return newLazy(c.lambda(l, s, name))
	}
	return newLazy(c.expr(e, s))
}

// newLazy makes a lazy of a node.
func newLazy(n node) lazy {
	switch n := n.(type) {
	case *constNode:
		return lazy{node: n, kind: lazyConstant}
	case *varNode:
		return lazy{node: n, kind: lazyVariable, depth: uint16(n.depth), slot: n.slot}
	}
	return lazy{node: n}
}

func unparen(e syntax.Expr) syntax.Expr {
	for {
		p, ok := e.(*syntax.Paren)
		if !ok {
			return e
		}
		e = p.Expr
	}
}

func (c *compiler) plain(e syntax.Expr, s *scope) node {
	switch e := e.(type) {
	case *syntax.Paren:
		return c.plain(unparen(e), s)
	case *syntax.Int:
		return newConst(intValue(e.Value))
	case *syntax.Float:
		return newConst(floatValue(e.Value))
	case *syntax.String:
		return c.text(e, s)
	case *syntax.Path:
		return c.path(e, s)
	case *syntax.SearchPath:
		return c.searchPath(e, s)
	case *syntax.Ident:
		return c.ident(e, s)
	case *syntax.Select:
		return c.selection(e, s)
	case *syntax.HasAttr:
		return &hasAttrNode{set: c.expr(e.Set, s), pos: c.posOf(e.Set), path: c.attrPath(e.Path, s)}
	case *syntax.AttrSet:
		return c.attrSet(e, s)
	case *syntax.Let:
		return c.let(e, s)
	case *syntax.List:
		return c.list(e, s)
	case *syntax.Lambda:
		return c.lambda(e, s, symNone)
	case *syntax.Apply:
		return c.apply(e, s)
	case *syntax.With:
		set := c.delayed(e.Set, s)
		inner := &scope{up: s, with: true, pos: c.at(e.Start)}
		return &withNode{set: set, body: c.expr(e.Body, inner)}
	case *syntax.If:
		return &ifNode{c.condition(e.Cond, s), c.expr(e.Then, s), c.expr(e.Else, s)}
	case *syntax.Assert:
		return &assertNode{cond: c.condition(e.Cond, s), body: c.expr(e.Body, s), pos: c.at(e.Start), shown: c.written(e.Cond)}
	case *syntax.Unary:
		return c.unary(e, s)
	case *syntax.Binary:
		return c.binary(e, s)
	}
	panic("eval: unknown syntax node")
}

// posOf is the position that errors give for the value of an expression.
// Literals have none.
func (c *compiler) posOf(e syntax.Expr) Pos {
	switch e := unparen(e).(type) {
	case *syntax.Int, *syntax.Float, *syntax.Let:
		return noPos
	case *syntax.String:
		for _, part := range e.Parts {
			if part.Expr != nil {
				return c.at(c.textStart(e))
			}
		}
		return noPos
	case *syntax.Path:
		if len(e.Parts) < 2 {
			return noPos
		}
	case *syntax.List:
		if len(e.Elements) == 0 {
			return noPos
		}
		return c.posOf(e.Elements[0])
	case *syntax.HasAttr:
		return c.posOf(e.Set)
	case *syntax.Unary:
		if e.Op == syntax.OpNot {
			return c.posOf(e.Expr)
		}
	case *syntax.Apply:
		return c.callPos(e)
	case *syntax.Binary:
		return c.binaryPos(e)
	}
	return c.at(unparen(e).Range().Start)
}

// textStart is where Nix says that a string with interpolations is.
func (c *compiler) textStart(e *syntax.String) syntax.Pos {
	if e.Style == syntax.Quoted && len(e.Parts) > 0 {
		return e.Parts[0].Start
	}
	return e.Start
}

// condition makes a node that must give a Boolean.
func (c *compiler) condition(e syntax.Expr, s *scope) condition {
	return condition{c.expr(e, s), c.posOf(e)}
}

func (c *compiler) list(e *syntax.List, s *scope) node {
	if len(e.Elements) == 0 {
		return newConst(listValue(nil))
	}
	n := &listNode{elements: make([]lazy, len(e.Elements))}
	for i, element := range e.Elements {
		c.lintOr(element)
		n.elements[i] = c.delayed(element, s)
	}
	return n
}

// lambda makes the node of a function. Its name is that of what it is the value of.
func (c *compiler) lambda(e *syntax.Lambda, s *scope, name Symbol) node {
	outer := c.nesting
	c.nesting = 0
	defer func() { c.nesting = outer }()

	l := &lambda{pos: c.at(e.Start), name: name, named: e.Arg != ""}
	var names []Symbol
	if l.named {
		names = append(names, c.intern(e.Arg))
	}
	if e.Formals != nil {
		l.formals = c.formals(e.Formals)
		for _, f := range l.formals.list {
			names = append(names, f.name)
		}
	}
	l.size = len(names)
	l.arg = symNone
	if l.named {
		l.arg = names[0]
	}
	inner := newScope(s, names)
	if e.Formals != nil {
		for _, f := range e.Formals.List {
			if f.Default != nil {
				fallback := c.delayedNamed(f.Default, inner, symNone)
				l.formals.find(c.intern(f.Name)).fallback = &fallback
			}
		}
	}
	if body, ok := unparen(e.Body).(*syntax.Lambda); ok {
		l.body = c.lambda(body, inner, name)
	} else {
		l.body = c.expr(e.Body, inner)
	}
	if body, ok := l.body.(*lambdaNode); ok && l.formals == nil {
		l.inner = body.lambda
	}
	return &lambdaNode{l}
}
