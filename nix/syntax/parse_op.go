package syntax

// The precedences of operators; a higher one binds more.
const (
	precImply uint8 = iota + 1
	precOr
	precAnd
	precEqual
	precCompare
	precUpdate
	precNot
	precAdd
	precMultiply
	precConcat
	precHasAttr
	precNegate
)

// operator is what a token is between two operands.
type operator struct {
	op    Op
	prec  uint8 // 0 if it is no operator
	right bool  // groups to the right
}

// operatorOf is the operator of a kind of token.
func operatorOf(k kind) operator {
	switch k {
	case tImply:
		return operator{OpImply, precImply, true}
	case tOr:
		return operator{OpOr, precOr, false}
	case tAnd:
		return operator{OpAnd, precAnd, false}
	case tEqual:
		return operator{OpEqual, precEqual, false}
	case tNotEqual:
		return operator{OpNotEqual, precEqual, false}
	case tLess:
		return operator{OpLess, precCompare, false}
	case tLessEqual:
		return operator{OpLessEqual, precCompare, false}
	case tMore:
		return operator{OpMore, precCompare, false}
	case tMoreEqual:
		return operator{OpMoreEqual, precCompare, false}
	case tUpdate:
		return operator{OpUpdate, precUpdate, true}
	case tPlus:
		return operator{OpAdd, precAdd, false}
	case tMinus:
		return operator{OpSubtract, precAdd, false}
	case tTimes:
		return operator{OpMultiply, precMultiply, false}
	case tDivide:
		return operator{OpDivide, precMultiply, false}
	case tConcat:
		return operator{OpConcat, precConcat, true}
	case tQuestion:
		return operator{0, precHasAttr, false}
	}
	return operator{}
}

// pipe parses operators and, around them, the pipe operators, of which only one
// kind can be in a chain. first is the first operand if it is already read; start
// is where it begins.
func (p *parser) pipe(first Expr, start Pos) Expr {
	left := p.operators(first, start, precImply)
	switch p.tok {
	case tPipeTo:
		for p.tok == tPipeTo {
			opSpan := Span{p.start, p.end}
			p.next()
			right := p.operators(nil, p.start, precImply)
			p.grow()
			left = p.nodes.binaries.add(Binary{p.from(start), OpPipeTo, opSpan, left, right})
		}
	case tPipeFrom:
		return p.pipeFrom(left, start)
	}
	return left
}

// pipeFrom parses the rest of a chain of <|, at the first of them.
func (p *parser) pipeFrom(left Expr, start Pos) Expr {
	outer := p.enter()
	opSpan := Span{p.start, p.end}
	p.next()
	rightStart := p.start
	right := p.operators(nil, rightStart, precImply)
	if p.tok == tPipeFrom {
		right = p.pipeFrom(right, rightStart)
	}
	p.leave(outer)
	return p.nodes.binaries.add(Binary{p.from(start), OpPipeFrom, opSpan, left, right})
}

// operators parses operands and the operators between them that have at least the
// given precedence.
func (p *parser) operators(first Expr, start Pos, least uint8) Expr {
	outer := p.enter()
	left := p.unary(first, start)
	last := uint8(0)
	for {
		o := operatorOf(p.tok)
		if o.prec == 0 || o.prec < least {
			break
		}
		if o.prec == last && (last == precEqual || last == precCompare) {
			p.unexpected()
		}
		last = o.prec
		left = p.operation(left, start, o)
		p.grow()
	}
	p.leave(outer)
	return left
}

// operation parses an operator and its right operand.
func (p *parser) operation(left Expr, start Pos, o operator) Expr {
	opSpan := Span{p.start, p.end}
	p.next()
	if o.prec == precHasAttr {
		path := p.attrPath(nil)
		return &HasAttr{p.from(start), left, path}
	}
	least := o.prec + 1
	if o.right {
		least = o.prec
	}
	right := p.operators(nil, p.start, least)
	return p.nodes.binaries.add(Binary{p.from(start), o.op, opSpan, left, right})
}

// unary parses an operand, with the prefix operators before it.
func (p *parser) unary(first Expr, start Pos) Expr {
	if first == nil {
		switch p.tok {
		case tNot:
			p.next()
			e := p.operators(nil, p.start, precNot+1)
			return &Unary{p.from(start), OpNot, e}
		case tMinus:
			p.next()
			e := p.operators(nil, p.start, precNegate+1)
			return &Unary{p.from(start), OpNegate, e}
		}
	}
	return p.apply(first, start)
}

// apply parses a function and its arguments, or what is none.
func (p *parser) apply(first Expr, start Pos) Expr {
	e := p.selection(first, start)
	for p.tok.startsSimple() {
		arg := p.selection(nil, p.start)
		p.grow()
		e = p.nodes.applies.add(Apply{p.from(start), e, arg})
	}
	return e
}

// selection parses a simple expression and an attribute path after it.
func (p *parser) selection(e Expr, start Pos) Expr {
	if e == nil {
		e = p.simple()
	}
	switch p.tok {
	case tDot:
		p.next()
		path := p.attrPath(nil)
		s := Select{Set: e, Path: path}
		if p.tok == tOrKeyword {
			p.next()
			outer := p.enter()
			s.Default = p.selection(nil, p.start)
			p.leave(outer)
		}
		s.Span = p.from(start)
		return p.nodes.selects.add(s)
	case tOrKeyword:
		// A function named or is applied to, as in map or [ … ].
		or := p.nodes.idents.add(Ident{Span{p.start, p.end}, "or"})
		p.next()
		return p.nodes.applies.add(Apply{p.from(start), e, or})
	}
	return e
}
