package syntax

// quotedText is the end of the text of a quoted string from i on: at its closing
// quote, at an interpolation or at the end of the source. plain tells that the
// text stands for itself.
func (l *lexer) quotedText(i int) (end int, plain bool) {
	src := l.src
	plain = true
	for i < len(src) {
		switch src[i] {
		case '"':
			return i, plain
		case '\\':
			plain = false
			i += 2
		case '\r':
			plain = false
			i++
		case '$':
			switch l.at(i + 1) {
			case '{':
				return i, plain
			case '"', '\\':
				i++
			default:
				if l.at(i+1) == '\r' {
					plain = false
				}
				i += 2
			}
		default:
			i++
		}
	}
	return len(src), plain
}

// unescape resolves the escapes of a quoted string, and makes every end of line a
// line feed.
func unescape(raw string) string {
	b := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		switch {
		case c == '\\' && i+1 < len(raw):
			i++
			c = escaped(raw[i])
		case c == '\r':
			c = '\n'
			if i+1 < len(raw) && raw[i+1] == '\n' {
				i++
			}
		}
		b = append(b, c)
	}
	return string(b)
}

// escaped is what a backslash and a byte stand for.
func escaped(c byte) byte {
	switch c {
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return c
}

// indentedText reads a piece of the text of an indented string at i: a run that
// stands for itself, or one escape. It returns no text at the closing quotes, at an
// interpolation and at the end of the source.
func (l *lexer) indentedText(i int) (end int, piece indentedPiece) {
	from := i
	src := l.src
	for i < len(src) {
		next := l.at(i + 1)
		switch src[i] {
		case '$':
			if next == '{' || next == '\'' || i+1 == len(src) {
				goto stop
			}
			i += 2
		case '\'':
			if next == '\'' || next == '$' || i+1 == len(src) {
				goto stop
			}
			i += 2
		default:
			i++
		}
	}
stop:
	if i > from {
		return i, indentedPiece{text: src[from:i], indents: true}
	}
	return l.indentedEscape(i)
}

// indentedEscape reads an escape of an indented string at i, or a single $ or ' that
// is none of its syntax.
func (l *lexer) indentedEscape(i int) (end int, piece indentedPiece) {
	switch c := l.at(i); {
	case c == '$' && l.at(i+1) != '{':
		return i + 1, indentedPiece{text: "$"}
	case c != '\'':
		return i, piece
	case l.at(i+1) != '\'':
		return i + 1, indentedPiece{text: "'"}
	}
	switch c := l.at(i + 2); {
	case c == '$':
		return i + 3, indentedPiece{text: "$"}
	case c == '\'':
		return i + 3, indentedPiece{text: "''"}
	case c == '\\' && i+3 < len(l.src):
		return i + 4, indentedPiece{text: unescape(l.src[i+2 : i+4])}
	}
	return i, piece
}

// firstLine is the offset after the first line of an indented string if it has
// only spaces, else the offset given.
func (l *lexer) firstLine(i int) int {
	end := i
	for l.at(end) == ' ' {
		end++
	}
	if l.at(end) == '\n' {
		return end + 1
	}
	return i
}
