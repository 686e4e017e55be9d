package syntax

import (
	"strconv"
	"strings"
)

// simple parses an operand that needs no parentheses as an argument.
func (p *parser) simple() Expr {
	start := p.start
	switch p.tok {
	case tIdent:
		e := p.nodes.idents.add(Ident{Span{p.start, p.end}, p.word()})
		p.next()
		return e
	case tInt, tFloat:
		return p.number()
	case tQuote:
		parts := p.quoted()
		return p.nodes.strings.add(String{p.from(start), parts, Quoted})
	case tIndentedOpen:
		return p.indented()
	case tPath, tHomePath:
		return p.path()
	case tSearchPath:
		name := p.src[p.start+1 : p.end-1]
		p.next()
		return &SearchPath{p.from(start), name}
	case tURI:
		parts := []Part{{Span: Span{p.start, p.end}, Text: p.word()}}
		p.next()
		return p.nodes.strings.add(String{p.from(start), parts, URI})
	case tParenOpen:
		p.next()
		e := p.expr()
		p.want(tParenClose)
		return &Paren{p.from(start), e}
	case tLet:
		p.next()
		if p.tok != tBraceOpen {
			p.unexpected(tBraceOpen)
		}
		return p.letBody(start)
	case tRec:
		return p.rec(start)
	case tBraceOpen:
		p.next()
		if p.tok == tBraceClose {
			p.next()
			return p.nodes.sets.add(AttrSet{Span: p.from(start), attrs: p.flatten(start, false, nil, 0)})
		}
		return p.set(start, nil)
	case tBracketOpen:
		return p.list(start)
	}
	p.unexpected()
	return nil
}

// number parses an integer or float, which next has checked.
func (p *parser) number() Expr {
	span := Span{p.start, p.end}
	var e Expr
	if p.tok == tInt {
		value, _ := strconv.ParseInt(p.word(), 10, 64)
		e = &Int{span, value}
	} else {
		value, _ := strconv.ParseFloat(p.word(), 64)
		e = &Float{span, value}
	}
	p.next()
	return e
}

// checkInteger refuses an integer that is too large.
func (p *parser) checkInteger() {
	const safe = 18 // digits
	if p.end-p.start <= safe {
		return
	}
	if _, err := strconv.ParseInt(p.word(), 10, 64); err != nil {
		p.fail(Span{p.start, p.end}, "invalid integer '"+p.word()+"'")
	}
}

// checkFloat refuses a float that is too large, or so small that it would not be
// exact.
func (p *parser) checkFloat() {
	const smallestNormal = 0x1p-1022
	value, err := strconv.ParseFloat(p.word(), 64)
	mantissa, _, _ := strings.Cut(strings.ToLower(p.word()), "e")
	underflow := value < smallestNormal && strings.Trim(mantissa, "0.") != ""
	if err != nil || underflow {
		p.fail(Span{p.start, p.end}, "invalid float '"+p.word()+"'")
	}
}

func (p *parser) list(start Pos) Expr {
	p.next()
	outer := p.enter()
	mark := len(p.stack.exprs)
	for p.tok != tBracketClose {
		e := p.selection(nil, p.start)
		p.stack.exprs = append(p.stack.exprs, e)
	}
	elements := p.nodes.exprs.slice(p.stack.exprs[mark:])
	p.stack.exprs = p.stack.exprs[:mark]
	p.leave(outer)
	p.next()
	return p.nodes.lists.add(List{p.from(start), elements})
}

// path parses a path and its interpolations.
func (p *parser) path() Expr {
	start, end := p.start, int(p.end)
	mark := len(p.stack.parts)
	p.addPart(Part{Span: Span{p.start, p.end}, Text: p.word()})
	for {
		if p.interpolationAt(end) {
			end = p.interpolation(end)
			continue
		}
		more := p.pathText(end)
		if more == end {
			break
		}
		p.addPart(Part{Span: Span{Pos(end), Pos(more)}, Text: p.src[end:more]})
		if top := len(p.stack.parts); top == mark+2 && !p.interpolationAt(more) {
			p.unexpectedKind(tPathEnd, Span{Pos(end), Pos(more)}, tInterpolate)
		}
		end = more
	}
	if p.src[end-1] == '/' {
		at := Span{Pos(end), Pos(end + 1)}
		if end == len(p.src) {
			at = p.stack.parts[len(p.stack.parts)-1].Span // as Nix has it at the end
		}
		p.fail(at, "path has a trailing slash")
	}
	parts := p.takeParts(mark)
	p.resume(end)
	return &Path{Span{start, Pos(end)}, parts}
}
