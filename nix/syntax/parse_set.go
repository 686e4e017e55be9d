package syntax

// set parses an attribute set after its brace, or after its first name if that is
// given.
func (p *parser) set(start Pos, first *AttrName) Expr {
	outer := p.enter()
	bindings := p.bindings(first)
	p.leave(outer)
	if p.tok != tBraceClose {
		p.unexpected(tInherit)
	}
	return p.setEnd(start, AttrSet{Bindings: bindings})
}

// rec parses rec { … }.
func (p *parser) rec(start Pos) Expr {
	p.next()
	if p.tok != tBraceOpen {
		p.unexpected(tBraceOpen)
	}
	return p.recBody(start, AttrSet{Rec: true})
}

// letBody parses let { … } from the brace on.
func (p *parser) letBody(start Pos) Expr {
	return p.recBody(start, AttrSet{Rec: true, Body: true})
}

func (p *parser) recBody(start Pos, s AttrSet) Expr {
	p.next()
	outer := p.enter()
	s.Bindings = p.bindings(nil)
	p.leave(outer)
	if p.tok != tBraceClose {
		p.unexpected(tInherit, tBraceClose)
	}
	return p.setEnd(start, s)
}

// setEnd moves past the closing brace of a set.
func (p *parser) setEnd(start Pos, s AttrSet) Expr {
	p.next()
	s.Span = p.from(start)
	s.attrs = p.mergeBindings(start, s.Rec, s.Bindings)
	return p.nodes.sets.add(s)
}

// bindings parses bindings until a token that begins none.
func (p *parser) bindings(first *AttrName) []Binding {
	mark := len(p.stack.bindings)
	for {
		var b Binding
		switch {
		case first != nil:
			b = p.binding(first)
			first = nil
		case p.tok == tInherit:
			b = p.inherit()
		case p.tok == tIdent || p.tok == tOrKeyword || p.tok == tQuote || p.tok == tInterpolate:
			b = p.binding(nil)
		default:
			bindings := p.nodes.bindings.slice(p.stack.bindings[mark:])
			clear(p.stack.bindings[mark:])
			p.stack.bindings = p.stack.bindings[:mark]
			return bindings
		}
		p.stack.bindings = append(p.stack.bindings, b)
	}
}

// binding parses a value at an attribute path, after the first name if it is given.
func (p *parser) binding(first *AttrName) Binding {
	start := p.start
	if first != nil {
		start = first.Start
	}
	path := p.attrPath(first)
	if p.tok != tAssign {
		p.unexpected(tDot, tAssign)
	}
	p.next()
	outer := p.enter()
	value := p.expr()
	p.height += len(path) // for each name a set
	p.grow()
	p.leave(outer)
	p.want(tSemicolon)
	return Binding{Span: p.from(start), Path: path, Value: value}
}

func (p *parser) inherit() Binding {
	b := Binding{Span: Span{Start: p.start}, Inherit: true}
	p.next()
	if p.tok == tParenOpen {
		p.next()
		b.From = p.expr()
		p.want(tParenClose)
	}
	mark := len(p.stack.names)
	for p.tok != tSemicolon {
		name, ok := p.attrName()
		if !ok {
			p.unexpected()
		}
		if name.Expr != nil {
			p.fail(name.Span, "dynamic attributes not allowed in inherit")
		}
		p.stack.names = append(p.stack.names, name)
	}
	b.Names = p.takeNames(mark)
	p.next()
	b.End = p.prevEnd
	return b
}

// attrPath parses an attribute path, after the first name if it is given.
func (p *parser) attrPath(first *AttrName) []AttrName {
	mark := len(p.stack.names)
	if first != nil {
		p.stack.names = append(p.stack.names, *first)
	} else {
		p.addName()
	}
	for p.tok == tDot {
		p.next()
		p.addName()
	}
	return p.takeNames(mark)
}

// addName parses a name of an attribute path.
func (p *parser) addName() {
	name, ok := p.attrName()
	if !ok {
		p.unexpected(tIdent, tOrKeyword, tInterpolate, tQuote)
	}
	p.stack.names = append(p.stack.names, name)
}

// takeNames takes the names above the mark off the stack.
func (p *parser) takeNames(mark int) []AttrName {
	names := p.nodes.names.slice(p.stack.names[mark:])
	clear(p.stack.names[mark:])
	p.stack.names = p.stack.names[:mark]
	return names
}

// attrName parses a name; ok is false at a token that begins none.
func (p *parser) attrName() (name AttrName, ok bool) {
	start := p.start
	switch p.tok {
	case tIdent, tOrKeyword:
		name.Name = p.word()
		p.next()
	case tQuote:
		parts := p.quoted()
		switch {
		case len(parts) == 0:
		case len(parts) == 1 && parts[0].Expr == nil:
			name.Name = parts[0].Text
		default:
			name.Expr = p.nodes.strings.add(String{p.from(start), parts, Quoted})
		}
	case tInterpolate:
		e, end := p.interpolated(int(start))
		p.resume(end)
		name.Expr = e
		if text, ok := constantText(e); ok {
			name.Name, name.Expr = text, nil
		}
	default:
		return name, false
	}
	name.Span = p.from(start)
	return name, true
}

// constantText is the text of a string without interpolations, also in parentheses:
// Nix takes it for a fixed name within ${…} too.
func constantText(e Expr) (text string, ok bool) {
	for {
		switch v := e.(type) {
		case *Paren:
			e = v.Expr
		case *String:
			switch {
			case len(v.Parts) == 0:
				return "", true
			case len(v.Parts) == 1 && v.Parts[0].Expr == nil:
				return v.Parts[0].Text, true
			case len(v.Parts) == 1 && v.Style == Indented:
				e = v.Parts[0].Expr
			default:
				return "", false
			}
		default:
			return "", false
		}
	}
}
