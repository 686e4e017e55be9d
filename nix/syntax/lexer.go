package syntax

import "strings"

// lexer splits source into tokens, one at a time. The parser tells it where the
// inside of a string or path begins, so it needs no stack of states.
type lexer struct {
	src string
	pos int // where the next token is looked for

	tok        kind
	start, end Pos // of tok
	prevEnd    Pos // end of the token before

	noPath int // no path or URI begins before this offset: a run of their bytes was seen to end without
}

// next moves to the next token, past whitespace and comments.
func (l *lexer) next() {
	l.prevEnd = l.end
	l.skip()
	l.start = Pos(l.pos)
	l.tok = l.scan()
	l.end = Pos(l.pos)
}

// at is the byte at an offset, or 0 past the end.
func (l *lexer) at(i int) byte {
	if i < len(l.src) {
		return l.src[i]
	}
	return 0
}

// skip moves past whitespace and comments.
func (l *lexer) skip() {
	src, i := l.src, l.pos
	for i < len(src) {
		switch c := src[i]; {
		case classes[c]&space != 0:
			i++
		case c == '#':
			i += lineLength(src[i:])
		case c == '/' && i+1 < len(src) && src[i+1] == '*':
			n := strings.Index(src[i+2:], "*/")
			if n < 0 {
				l.pos = i
				return
			}
			i += n + 4
		default:
			l.pos = i
			return
		}
	}
	l.pos = i
}

// lineLength is the length of the first line, without its end.
func lineLength(s string) int {
	for i := range len(s) {
		if s[i] == '\n' || s[i] == '\r' {
			return i
		}
	}
	return len(s)
}

// scan reads the token at l.pos and moves past it.
func (l *lexer) scan() kind {
	i := l.pos
	if i >= len(l.src) {
		return tEOF
	}
	c := l.src[i]
	if classes[c]&identStart != 0 {
		return l.scanWord()
	}
	if classes[c]&pathChar != 0 || c == '/' || c == '~' {
		if k := l.scanPath(); k != tInvalid {
			return k
		}
		if classes[c]&digit != 0 || c == '.' && classes[l.at(i+1)]&digit != 0 {
			return l.scanNumber()
		}
	}
	return l.scanSymbol(c)
}

// scanSymbol reads an operator or a delimiter.
func (l *lexer) scanSymbol(c byte) kind {
	second := l.at(l.pos + 1)
	switch c {
	case '=':
		return l.either(second == '=', tEqual, tAssign)
	case '!':
		return l.either(second == '=', tNotEqual, tNot)
	case '>':
		return l.either(second == '=', tMoreEqual, tMore)
	case '/':
		return l.either(second == '/', tUpdate, tDivide)
	case '+':
		return l.either(second == '+', tConcat, tPlus)
	case '-':
		return l.either(second == '>', tImply, tMinus)
	case '&':
		return l.either(second == '&', tAnd, tInvalid)
	case '$':
		return l.either(second == '{', tInterpolate, tInvalid)
	case '\'':
		return l.either(second == '\'', tIndentedOpen, tInvalid)
	case '|':
		if second == '>' {
			return l.take(2, tPipeTo)
		}
		return l.either(second == '|', tOr, tInvalid)
	case '<':
		return l.scanLess(second)
	case '.':
		if second == '.' && l.at(l.pos+2) == '.' {
			return l.take(3, tEllipsis)
		}
		return l.take(1, tDot)
	}
	return l.take(1, delimiter(c))
}

// delimiter is the kind of a token of one byte.
func delimiter(c byte) kind {
	switch c {
	case '{':
		return tBraceOpen
	case '}':
		return tBraceClose
	case '(':
		return tParenOpen
	case ')':
		return tParenClose
	case '[':
		return tBracketOpen
	case ']':
		return tBracketClose
	case ';':
		return tSemicolon
	case ':':
		return tColon
	case ',':
		return tComma
	case '"':
		return tQuote
	case '@':
		return tAt
	case '?':
		return tQuestion
	case '*':
		return tTimes
	}
	return tInvalid
}

// take moves past n bytes, which are a token of kind k.
func (l *lexer) take(n int, k kind) kind {
	l.pos += n
	return k
}

// either takes two bytes as a token if they are both of it, else one.
func (l *lexer) either(both bool, two, one kind) kind {
	if both {
		return l.take(2, two)
	}
	return l.take(1, one)
}

// scanLess reads what begins with <, whose next byte is given.
func (l *lexer) scanLess(second byte) kind {
	switch second {
	case '=':
		return l.take(2, tLessEqual)
	case '|':
		return l.take(2, tPipeFrom)
	}
	i := l.pos + 1
	for {
		from := i
		i = l.run(i, pathChar)
		if i == from {
			return l.take(1, tLess)
		}
		switch l.at(i) {
		case '>':
			l.pos = i + 1
			return tSearchPath
		case '/':
			i++
		default:
			return l.take(1, tLess)
		}
	}
}

// run is the offset of the first byte at or after i without the class.
func (l *lexer) run(i int, class uint8) int {
	for i < len(l.src) && classes[l.src[i]]&class != 0 {
		i++
	}
	return i
}

// scanWord reads what begins with a letter or underscore: an identifier, keyword,
// path or URI.
func (l *lexer) scanWord() kind {
	i := l.run(l.pos+1, identChar)
	switch l.at(i) {
	case '/', ':', '.', '+':
		if k := l.scanPath(); k != tInvalid {
			return k
		}
	}
	word := l.src[l.pos:i]
	l.pos = i
	return keyword(word)
}

// keyword is the kind of a word.
func keyword(word string) kind {
	if len(word) < 2 || len(word) > 7 {
		return tIdent
	}
	switch word {
	case "if":
		return tIf
	case "then":
		return tThen
	case "else":
		return tElse
	case "assert":
		return tAssert
	case "with":
		return tWith
	case "let":
		return tLet
	case "in":
		return tIn
	case "rec":
		return tRec
	case "inherit":
		return tInherit
	case "or":
		return tOrKeyword
	}
	return tIdent
}

// scanNumber reads an integer or float.
func (l *lexer) scanNumber() kind {
	i := l.run(l.pos, digit)
	whole := l.src[l.pos:i]
	fraction := l.at(i) == '.'
	switch {
	case whole == "" || whole == "0":
		fraction = fraction && classes[l.at(i+1)]&digit != 0
	case whole[0] == '0':
		fraction = false
	}
	if !fraction {
		l.pos = i
		return tInt
	}
	i = l.run(i+1, digit)
	if c := l.at(i); c == 'e' || c == 'E' {
		e := i + 1
		if c := l.at(e); c == '+' || c == '-' {
			e++
		}
		if end := l.run(e, digit); end > e {
			i = end
		}
	}
	l.pos = i
	return tFloat
}
