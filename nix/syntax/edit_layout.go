package syntax

import "strings"

// indentation is the whitespace that the line of a position begins with.
func indentation(source string, p Pos) string {
	start := lineStart(source, p)
	end := start
	for end < len(source) && (source[end] == ' ' || source[end] == '\t') {
		end++
	}
	return source[start:end]
}

// lineStart is where the line of a position begins.
func lineStart(source string, p Pos) int {
	return strings.LastIndexByte(source[:p], '\n') + 1
}

// firstOnLine reports whether only whitespace is before a position on its line.
func firstOnLine(source string, p Pos) bool {
	return strings.TrimLeft(source[lineStart(source, p):p], " \t") == ""
}

// trailing is where the line of a position ends if nothing but comments follows on
// it; they may go on over further lines. Else it is the position, and last is false.
func trailing(source string, p Pos) (end Pos, last bool) {
	for i := int(p); i < len(source); {
		switch rest := source[i:]; {
		case rest[0] == '\n' || strings.HasPrefix(rest, "\r\n"):
			return Pos(i), true
		case classes[rest[0]]&space != 0:
			i++
		case rest[0] == '#':
			i += lineLength(rest)
		case strings.HasPrefix(rest, "/*"):
			n := strings.Index(rest[2:], "*/")
			if n < 0 {
				return p, false
			}
			i += n + 4
		default:
			return p, false
		}
	}
	return Pos(len(source)), true
}

// lineEnd is how the lines of a source end.
func lineEnd(source string) string {
	if i := strings.IndexByte(source, '\n'); i > 0 && source[i-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}

// unit is by how much the source indents: what the first line of a set or list has
// more than that on which it is opened.
func unit(f *File) string {
	const usual = "  "
	source := string(f.Source)
	found := ""
	var look func(Expr) bool
	look = func(e Expr) bool {
		inner := Pos(-1)
		switch e := e.(type) {
		case *AttrSet:
			if len(e.Bindings) > 0 {
				inner = e.Bindings[0].Start
			}
		case *List:
			if len(e.Elements) > 0 {
				inner = e.Elements[0].Range().Start
			}
		}
		if inner >= 0 && firstOnLine(source, inner) {
			more, ok := strings.CutPrefix(indentation(source, inner), indentation(source, e.Range().Start))
			if ok && more != "" {
				found = more
				return false
			}
		}
		return children(e, look)
	}
	look(f.Root)
	if found == "" {
		return usual
	}
	return found
}

// indent puts indentation before the lines of an expression but the first. Lines
// within strings stay as they are: they are part of the value.
func indent(expr, indentation, end string) string {
	var b strings.Builder
	for token := range Tokens(expr) {
		for i, line := range strings.Split(token.Before, "\n") {
			if i > 0 {
				b.WriteString(end)
				b.WriteString(indentation)
			}
			b.WriteString(strings.TrimSuffix(line, "\r"))
		}
		b.WriteString(token.Text)
	}
	return b.String()
}

// splice is source with a span replaced.
func splice(source string, s Span, text string) string {
	return source[:s.Start] + text + source[s.End:]
}

// blank is source with spans replaced by spaces.
func blank(source string, spans ...Span) string {
	b := []byte(source)
	for _, s := range spans {
		for i := s.Start; i < s.End; i++ {
			b[i] = ' '
		}
	}
	return string(b)
}

// cut is the span to remove so that what is at s goes, with the line if nothing else
// is on it but comments behind, else with one side's spaces.
func cut(source string, s Span) Span {
	end, last := trailing(source, s.End)
	if last && firstOnLine(source, s.Start) {
		s.Start = Pos(lineStart(source, s.Start))
		s.End = end
		if i := strings.IndexByte(source[end:], '\n'); i >= 0 {
			s.End += Pos(i) + 1
		}
		return s
	}
	before := s.Start
	for before > 0 && (source[before-1] == ' ' || source[before-1] == '\t') {
		before--
	}
	atOpening := before == 0 || strings.IndexByte("[{(\n", source[before-1]) >= 0
	if before < s.Start && !(atOpening && source[before-1] == '\n') {
		s.Start = before
		return s
	}
	for int(s.End) < len(source) && (source[s.End] == ' ' || source[s.End] == '\t') {
		s.End++
	}
	return s
}
