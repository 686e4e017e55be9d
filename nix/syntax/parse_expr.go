package syntax

// expr parses an expression: a function, assert, with, let, if or operators.
func (p *parser) expr() Expr {
	outer := p.enter()
	e := p.function()
	p.leave(outer)
	return e
}

func (p *parser) function() Expr {
	start := p.start
	switch p.tok {
	case tIdent:
		return p.identOrLambda(start)
	case tBraceOpen:
		return p.setOrLambda(start)
	case tAssert:
		p.next()
		cond := p.expr()
		p.want(tSemicolon)
		body := p.expr()
		return &Assert{p.from(start), cond, body}
	case tWith:
		p.next()
		set := p.expr()
		p.want(tSemicolon)
		body := p.expr()
		return &With{p.from(start), set, body}
	case tLet:
		return p.let(start)
	case tIf:
		return p.ifElse(start)
	}
	return p.pipe(nil, start)
}

func (p *parser) identOrLambda(start Pos) Expr {
	name, span := p.word(), Span{p.start, p.end}
	p.next()
	switch p.tok {
	case tColon:
		p.next()
		body := p.expr()
		return p.nodes.lambdas.add(Lambda{Span: p.from(start), Arg: name, ArgSpan: span, Body: body})
	case tAt:
		p.next()
		if p.tok != tBraceOpen {
			p.unexpected(tBraceOpen)
		}
		open := p.start
		p.next()
		switch p.tok {
		case tIdent, tEllipsis, tBraceClose:
		default:
			p.unexpected(tIdent, tEllipsis, tBraceClose)
		}
		formals := p.formals(open)
		if p.tok != tColon {
			p.unexpected(tColon)
		}
		return p.lambda(start, formals, name, span)
	}
	return p.pipe(p.nodes.idents.add(Ident{span, name}), start)
}

// setOrLambda parses what begins with a brace.
func (p *parser) setOrLambda(start Pos) Expr {
	p.next()
	switch p.tok {
	case tBraceClose:
		p.next()
		if p.tok == tColon || p.tok == tAt {
			return p.formalsLambda(start, &Formals{Span: p.from(start)})
		}
		return p.pipe(p.nodes.sets.add(AttrSet{Span: p.from(start), attrs: p.flatten(start, false, nil, 0)}), start)
	case tEllipsis:
		return p.formalsLambda(start, p.formals(start))
	case tIdent:
		first := AttrName{Span: Span{p.start, p.end}, Name: p.word()}
		p.next()
		switch p.tok {
		case tComma, tQuestion, tBraceClose:
			return p.formalsLambda(start, p.formalsFrom(start, first))
		}
		return p.pipe(p.set(start, &first), start)
	}
	return p.pipe(p.set(start, nil), start)
}

// formalsLambda parses what follows formals.
func (p *parser) formalsLambda(start Pos, formals *Formals) Expr {
	switch p.tok {
	case tColon:
		return p.lambda(start, formals, "", Span{})
	case tAt:
		p.next()
		if p.tok != tIdent {
			p.unexpected(tIdent)
		}
		name, span := p.word(), Span{p.start, p.end}
		p.next()
		if p.tok != tColon {
			p.unexpected(tColon)
		}
		return p.lambda(start, formals, name, span)
	}
	p.unexpected(tColon, tAt)
	return nil
}

// lambda parses the body of a function with formals, from the colon on.
func (p *parser) lambda(start Pos, formals *Formals, arg string, argSpan Span) Expr {
	p.next()
	body := p.expr()
	p.checkFormals(start, formals, arg)
	return p.nodes.lambdas.add(Lambda{p.from(start), arg, argSpan, formals, body})
}

// formals parses a set pattern after its brace.
func (p *parser) formals(open Pos) *Formals {
	mark := len(p.stack.formals)
	if p.tok == tIdent {
		p.formal(AttrName{Span: Span{p.start, p.end}, Name: p.word()}, true)
		return p.formalsRest(open, mark)
	}
	return p.formalsEnd(open, mark)
}

// formalsFrom parses a set pattern after its first name.
func (p *parser) formalsFrom(open Pos, first AttrName) *Formals {
	mark := len(p.stack.formals)
	p.formal(first, false)
	return p.formalsRest(open, mark)
}

// formalsRest parses a set pattern after its first formal.
func (p *parser) formalsRest(open Pos, mark int) *Formals {
	for p.tok == tComma {
		p.next()
		switch p.tok {
		case tIdent:
			p.formal(AttrName{Span: Span{p.start, p.end}, Name: p.word()}, true)
		case tEllipsis, tBraceClose:
			return p.formalsEnd(open, mark)
		default:
			p.unexpected(tIdent, tEllipsis, tBraceClose)
		}
	}
	if p.tok != tBraceClose {
		p.unexpected(tBraceClose, tComma)
	}
	return p.formalsEnd(open, mark)
}

// formal parses one formal, from its name on or after it.
func (p *parser) formal(name AttrName, atName bool) {
	if atName {
		p.next()
	}
	f := Formal{Span: name.Span, Name: name.Name}
	if p.tok == tQuestion {
		p.next()
		f.Default = p.expr()
		f.End = p.prevEnd
	}
	p.stack.formals = append(p.stack.formals, f)
}

// formalsEnd parses the end of a set pattern: an ellipsis if there is one, and the
// brace.
func (p *parser) formalsEnd(open Pos, mark int) *Formals {
	f := &Formals{Ellipsis: p.tok == tEllipsis}
	if f.Ellipsis {
		p.next()
	}
	p.want(tBraceClose)
	f.Span = p.from(open)
	f.List = p.nodes.formals.slice(p.stack.formals[mark:])
	p.stack.formals = p.stack.formals[:mark]
	return f
}

func (p *parser) let(start Pos) Expr {
	p.next()
	if p.tok == tBraceOpen {
		return p.pipe(p.letBody(start), start)
	}
	bindings := p.bindings(nil)
	if p.tok != tIn {
		p.unexpected(tIn, tInherit)
	}
	p.next()
	body := p.expr()
	l := &Let{Span: p.from(start), Bindings: bindings, Body: body}
	l.attrs = p.mergeBindings(start, true, bindings)
	for _, b := range bindings {
		if !b.Inherit && b.Path[0].Expr != nil {
			p.fail(l.Span, "dynamic attributes not allowed in let")
		}
	}
	return l
}

func (p *parser) ifElse(start Pos) Expr {
	p.next()
	cond := p.expr()
	p.want(tThen)
	then := p.expr()
	p.want(tElse)
	other := p.expr()
	return &If{p.from(start), cond, then, other}
}

// word is the text of the current token.
func (p *parser) word() string {
	return p.src[p.start:p.end]
}
