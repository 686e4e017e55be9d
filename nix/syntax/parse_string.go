package syntax

import "strings"

// addPart puts a part on the stack.
func (p *parser) addPart(part Part) {
	p.stack.parts = append(p.stack.parts, part)
}

// takeParts takes the parts above the mark off the stack.
func (p *parser) takeParts(mark int) []Part {
	parts := p.nodes.parts.slice(p.stack.parts[mark:])
	clear(p.stack.parts[mark:])
	p.stack.parts = p.stack.parts[:mark]
	return parts
}

// interpolation parses ${…} at an offset, adds it as a part and returns the offset
// after it.
func (p *parser) interpolation(i int) (end int) {
	e, end := p.interpolated(i)
	p.addPart(Part{Span: Span{Pos(i), Pos(end)}, Expr: e})
	return end
}

// interpolated parses ${…} at an offset and returns the offset after it.
func (p *parser) interpolated(i int) (e Expr, end int) {
	p.resume(i + len("${"))
	e = p.expr()
	if p.tok != tBraceClose {
		p.unexpected(tBraceClose)
	}
	return e, int(p.end)
}

// quoted parses a string from its opening quote on, and moves past it.
func (p *parser) quoted() []Part {
	mark := len(p.stack.parts)
	i := int(p.end)
	for {
		end, plain := p.quotedText(i)
		if end > i {
			text := p.src[i:end]
			if !plain {
				text = unescape(text)
			}
			p.refuseNUL(text, i)
			p.addPart(Part{Span: Span{Pos(i), Pos(end)}, Text: text})
		}
		if end == len(p.src) {
			p.unexpectedKind(tEOF, Span{Pos(end), Pos(end)}, tQuote)
		}
		i = end
		if p.src[i] == '"' {
			break
		}
		i = p.interpolation(i)
	}
	parts := p.takeParts(mark)
	p.resume(i + 1)
	return parts
}

// indented parses an indented string from its opening quotes on.
func (p *parser) indented() Expr {
	start := p.start
	i := p.firstLine(int(p.end))
	mark := len(p.stack.pieces)
	for {
		end, piece := p.indentedText(i)
		switch {
		case end > i:
			piece.Span = Span{Pos(i), Pos(end)}
			p.refuseNUL(piece.text, i)
		case p.interpolationAt(i):
			piece.expr, end = p.interpolated(i)
			piece.Span = Span{Pos(i), Pos(end)}
		case i == len(p.src):
			p.unexpectedKind(tEOF, Span{Pos(i), Pos(i)}, tIndentedText, tInterpolate, tIndentedClose)
		default:
			e := p.nodes.strings.add(String{Span{start, Pos(i + 2)}, p.strip(mark), Indented})
			p.resume(i + 2)
			return e
		}
		p.stack.pieces = append(p.stack.pieces, piece)
		i = end
	}
}

// refuseNUL refuses text with a NUL, which no string can have.
func (p *parser) refuseNUL(text string, start int) {
	if strings.IndexByte(text, 0) >= 0 {
		p.fail(Span{Pos(start), Pos(start + 1)}, "input string '"+strings.ReplaceAll(text, "\x00", "␀")+
			"' cannot be represented as Nix string because it contains null bytes")
	}
}

// strip takes the pieces above the mark off the stack, as parts.
func (p *parser) strip(mark int) []Part {
	partMark := len(p.stack.parts)
	p.stack.parts = stripIndentation(p.stack.pieces[mark:], p.stack.parts)
	p.stack.parts = p.stack.parts[:partMark+len(joinTexts(p.stack.parts[partMark:]))]
	clear(p.stack.pieces[mark:])
	p.stack.pieces = p.stack.pieces[:mark]
	return p.takeParts(partMark)
}

// joinTexts joins neighbouring texts, in place.
func joinTexts(parts []Part) []Part {
	out := parts[:0]
	for i := 0; i < len(parts); {
		part, end := parts[i], i+1
		for part.Expr == nil && end < len(parts) && parts[end].Expr == nil {
			end++
		}
		if end > i+1 {
			part.Text = joinedText(parts[i:end])
			part.End = parts[end-1].End
		}
		out = append(out, part)
		i = end
	}
	return out
}

func joinedText(parts []Part) string {
	var b strings.Builder
	for i := range parts {
		b.WriteString(parts[i].Text)
	}
	return b.String()
}
