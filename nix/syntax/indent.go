package syntax

import "strings"

// indentedPiece is a piece of an indented string before its indentation is
// removed: text, or an interpolation.
type indentedPiece struct {
	Span
	text    string
	indents bool // text that stands for itself: its spaces count as indentation
	expr    Expr
}

// stripIndentation removes from the pieces of an indented string the indentation
// common to its lines, and the spaces of a last line that has nothing else. Text
// that became empty is left out; one part is made of each other piece.
//
// Only spaces are indentation. Lines of spaces alone don't count towards what is
// common; escapes and interpolations end a line's indentation.
func stripIndentation(pieces []indentedPiece, parts []Part) []Part {
	s := stripper{common: commonIndentation(pieces), lineStart: true}
	for i, piece := range pieces {
		if piece.expr != nil {
			s.lineStart, s.dropped = false, 0
			parts = append(parts, Part{Span: piece.Span, Expr: piece.expr})
			continue
		}
		text := s.strip(piece.text)
		if i == len(pieces)-1 {
			text = withoutBlankEnd(text)
		}
		if text != "" {
			parts = append(parts, Part{Span: piece.Span, Text: text})
		}
	}
	return parts
}

// commonIndentation is the number of spaces that all lines begin with.
func commonIndentation(pieces []indentedPiece) int {
	const none = 1_000_000 // spaces; what Nix begins with
	common, current := none, 0
	lineStart := true
	for _, piece := range pieces {
		if !piece.indents {
			if lineStart {
				lineStart = false
				common = min(common, current)
			}
			continue
		}
		for rest := piece.text; rest != ""; {
			if !lineStart {
				end := strings.IndexByte(rest, '\n')
				if end < 0 {
					break
				}
				rest = rest[end+1:]
				lineStart, current = true, 0
				continue
			}
			switch rest[0] {
			case ' ':
				current++
			case '\n':
				current = 0
			default:
				lineStart = false
				common = min(common, current)
			}
			rest = rest[1:]
		}
	}
	return common
}

// stripper removes indentation from one piece after another.
type stripper struct {
	common    int
	lineStart bool // only spaces were seen in this line
	dropped   int  // of them
}

// strip is text without its indentation.
func (s *stripper) strip(text string) string {
	if s.common == 0 || !s.lineStart && strings.IndexByte(text, '\n') < 0 {
		s.pass(text)
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	for text != "" {
		if s.lineStart {
			text = s.stripStart(text, &b)
			continue
		}
		end := strings.IndexByte(text, '\n') + 1
		if end == 0 {
			b.WriteString(text)
			break
		}
		b.WriteString(text[:end])
		text = text[end:]
		s.lineStart = true
	}
	return b.String()
}

// stripStart handles the first byte of text, which is at the start of a line.
func (s *stripper) stripStart(text string, b *strings.Builder) (rest string) {
	switch text[0] {
	case ' ':
		s.dropped++
		if s.dropped <= s.common {
			return text[1:]
		}
	case '\n':
		s.dropped = 0
	default:
		s.lineStart, s.dropped = false, 0
	}
	b.WriteByte(text[0])
	return text[1:]
}

// pass keeps the account of lines for text that nothing is removed from.
func (s *stripper) pass(text string) {
	if end := strings.LastIndexByte(text, '\n'); end >= 0 {
		s.lineStart, s.dropped = true, 0
		text = text[end+1:]
	}
	if s.lineStart && strings.Trim(text, " ") != "" {
		s.lineStart, s.dropped = false, 0
	}
}

// withoutBlankEnd removes the spaces after the last end of line, if nothing else is
// there.
func withoutBlankEnd(text string) string {
	end := strings.LastIndexByte(text, '\n') + 1
	if end > 0 && strings.Trim(text[end:], " ") == "" {
		return text[:end]
	}
	return text
}
