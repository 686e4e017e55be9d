package syntax

import (
	"path"
	"strings"
)

// str prints a string: text, or its parts as a sum.
func (d *desugarer) str(s *String) {
	parts := s.Parts
	if s.Style == Indented {
		parts = d.indentedParts(s)
		if len(parts) == 1 && parts[0].Expr != nil {
			if text, ok := constantText(parts[0].Expr); ok {
				d.text(printString(text))
				return
			}
		}
	}
	switch {
	case len(parts) == 0:
		d.text(`""`)
	case len(parts) == 1 && parts[0].Expr == nil:
		d.text(printString(parts[0].Text))
	default:
		d.sum(parts)
	}
}

// sum prints the parts of a string as a sum.
func (d *desugarer) sum(parts []Part) {
	d.text("(")
	for i, part := range parts {
		if i > 0 {
			d.text(" + ")
		}
		d.part(part)
	}
	d.text(")")
}

// part prints a part of a string.
func (d *desugarer) part(part Part) {
	if part.Expr != nil {
		d.expr(part.Expr)
	} else {
		d.text(printString(part.Text))
	}
}

// indentedParts are the parts of an indented string as Nix has them: with the text
// of escapes apart from that around. The source has to be read again for that.
func (d *desugarer) indentedParts(s *String) []Part {
	if int(s.End) > len(d.file.Source) {
		return s.Parts
	}
	l := lexer{src: string(d.file.Source[s.Start:s.End])}
	shift := int(s.Start)
	interpolations := s.Parts
	var pieces []indentedPiece
	for i := l.firstLine(len("''")); ; {
		end, piece := l.indentedText(i)
		if end == i {
			for len(interpolations) > 0 && interpolations[0].Expr == nil {
				interpolations = interpolations[1:]
			}
			if len(interpolations) == 0 {
				break
			}
			piece.expr = interpolations[0].Expr
			end = int(interpolations[0].End) - shift
			interpolations = interpolations[1:]
		}
		pieces = append(pieces, piece)
		i = end
	}
	return stripIndentation(pieces, nil)
}

// path prints a path, absolute.
func (d *desugarer) path(e *Path) {
	first := e.Parts[0].Text
	resolved := d.dirs.Home + strings.TrimPrefix(first, "~")
	if first[0] != '~' {
		resolved = first
		if first[0] != '/' {
			resolved = d.dirs.Base + "/" + first
		}
		resolved = path.Clean(resolved)
		if len(first) > 1 && first[len(first)-1] == '/' {
			resolved += "/"
		}
	}
	if len(e.Parts) == 1 {
		d.text(resolved)
		return
	}
	d.text("(")
	d.text(resolved)
	for _, part := range e.Parts[1:] {
		d.text(" + ")
		d.part(part)
	}
	d.text(")")
}

// printString is a string in quotes, escaped as Nix prints it.
func printString(s string) string {
	var b strings.Builder
	b.Grow(len(s) + 2)
	b.WriteByte('"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\t':
			b.WriteString(`\t`)
		case c == '$' && i+1 < len(s) && s[i+1] == '{':
			b.WriteString(`\$`)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// printName is an attribute name, in quotes where it needs them.
func printName(name string) string {
	if name == "" {
		return `""`
	}
	if k := keyword(name); k != tIdent && k != tOrKeyword {
		return `"` + name + `"`
	}
	if c := classes[name[0]]; c&identStart == 0 {
		return printString(name)
	}
	for i := range len(name) {
		if classes[name[i]]&identChar == 0 {
			return printString(name)
		}
	}
	return name
}

// pathString is an attribute path as messages have it.
func pathString(f *File, path []AttrName) string {
	d := desugarer{file: f}
	d.attrPath(path)
	return d.b.String()
}

// String is the operator as it is written.
func (o Op) String() string {
	switch o {
	case OpNot:
		return "!"
	case OpNegate, OpSubtract:
		return "-"
	case OpAdd:
		return "+"
	case OpMultiply:
		return "*"
	case OpDivide:
		return "/"
	case OpConcat:
		return "++"
	case OpUpdate:
		return "//"
	case OpEqual:
		return "=="
	case OpNotEqual:
		return "!="
	case OpLess:
		return "<"
	case OpLessEqual:
		return "<="
	case OpMore:
		return ">"
	case OpMoreEqual:
		return ">="
	case OpAnd:
		return "&&"
	case OpOr:
		return "||"
	case OpImply:
		return "->"
	case OpPipeTo:
		return "|>"
	case OpPipeFrom:
		return "<|"
	}
	return "?"
}
