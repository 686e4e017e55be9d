package json

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// token is what the scanner tells apart.
type token uint8

const (
	tokenNone token = iota
	tokenTrue
	tokenFalse
	tokenNull
	tokenString
	tokenUnsigned
	tokenInteger
	tokenFloat
	tokenBeginArray
	tokenBeginObject
	tokenEndArray
	tokenEndObject
	tokenColon
	tokenComma
	tokenError
	tokenEnd
	tokenValue // none that is scanned: what messages call the beginning of a value
)

func (t token) String() string {
	switch t {
	case tokenTrue:
		return "true literal"
	case tokenFalse:
		return "false literal"
	case tokenNull:
		return "null literal"
	case tokenString:
		return "string literal"
	case tokenUnsigned, tokenInteger, tokenFloat:
		return "number literal"
	case tokenBeginArray:
		return "'['"
	case tokenBeginObject:
		return "'{'"
	case tokenEndArray:
		return "']'"
	case tokenEndObject:
		return "'}'"
	case tokenColon:
		return "':'"
	case tokenComma:
		return "','"
	case tokenEnd:
		return "end of input"
	case tokenValue:
		return "'[', '{', or a literal"
	}
	return "<parse error>"
}

// end is what get returns at the end of the text.
const end = -1

// scanner reads tokens. Its position counts what was read, the end included, as
// the messages do.
type scanner struct {
	text string
	read int // bytes that were read, with the end as one more

	start  int // of the last string or number: where "last read" begins
	lines  int
	column int

	message string // of tokenError
	value   strings.Builder
	number  Value
}

// get reads the next byte.
func (s *scanner) get() int {
	s.read++
	s.column++
	if s.read > len(s.text) {
		return end
	}
	c := s.text[s.read-1]
	if c == '\n' {
		s.lines++
		s.column = 0
	}
	return int(c)
}

// unget makes get return the last byte once more. It is never called after a
// line break.
func (s *scanner) unget() {
	s.read--
	s.column--
}

func (s *scanner) fail(message string) token {
	s.message = message
	return tokenError
}

// lastRead is the text that messages quote, with control characters by number.
func (s *scanner) lastRead() string {
	var out strings.Builder
	for _, c := range []byte(s.text[min(s.start, len(s.text)):min(s.read, len(s.text))]) {
		if c < ' ' {
			fmt.Fprintf(&out, "<U+%04X>", c)
		} else {
			out.WriteByte(c)
		}
	}
	return out.String()
}

func (s *scanner) next() token {
	if s.read == 0 && strings.HasPrefix(s.text, "\xef") {
		if !strings.HasPrefix(s.text, "\ufeff") {
			for s.read < 3 && s.get() == int("\ufeff"[s.read-1]) {
				continue
			}
			return s.fail("invalid BOM; must be 0xEF 0xBB 0xBF if given")
		}
		s.read, s.column = 3, 3
	}
	c := s.get()
	for c == ' ' || c == '\t' || c == '\n' || c == '\r' {
		c = s.get()
	}
	switch c {
	case '[':
		return tokenBeginArray
	case ']':
		return tokenEndArray
	case '{':
		return tokenBeginObject
	case '}':
		return tokenEndObject
	case ':':
		return tokenColon
	case ',':
		return tokenComma
	case 't':
		return s.literal("true", tokenTrue)
	case 'f':
		return s.literal("false", tokenFalse)
	case 'n':
		return s.literal("null", tokenNull)
	case '"':
		return s.string()
	case end, 0:
		return tokenEnd
	}
	if c == '-' || isDigit(c) {
		return s.scanNumber(c)
	}
	return s.fail("invalid literal")
}

func (s *scanner) literal(text string, t token) token {
	for i := 1; i < len(text); i++ {
		if s.get() != int(text[i]) {
			return s.fail("invalid literal")
		}
	}
	return t
}

func isDigit(c int) bool { return c >= '0' && c <= '9' }

func (s *scanner) scanNumber(c int) token {
	s.start = s.read - 1
	kind := tokenUnsigned
	if c == '-' {
		kind = tokenInteger
		if c = s.get(); !isDigit(c) {
			return s.fail("invalid number; expected digit after '-'")
		}
	}
	first := c
	c = s.get()
	for first != '0' && isDigit(c) {
		c = s.get()
	}
	if c == '.' {
		kind = tokenFloat
		if c = s.get(); !isDigit(c) {
			return s.fail("invalid number; expected digit after '.'")
		}
		for isDigit(c) {
			c = s.get()
		}
	}
	if c == 'e' || c == 'E' {
		kind = tokenFloat
		c = s.get()
		if c == '+' || c == '-' {
			if c = s.get(); !isDigit(c) {
				return s.fail("invalid number; expected digit after exponent sign")
			}
		} else if !isDigit(c) {
			return s.fail("invalid number; expected '+', '-', or digit after exponent")
		}
		for isDigit(c) {
			c = s.get()
		}
	}
	s.unget()
	return s.convert(s.text[s.start:s.read], kind)
}

// convert sets the number; an integer that is too large becomes a float.
func (s *scanner) convert(text string, kind token) token {
	switch kind {
	case tokenUnsigned:
		if n, err := strconv.ParseUint(text, 10, 64); err == nil {
			s.number = Value{Kind: Int, Int: int64(n)}
			if n > math.MaxInt64 {
				s.number = Value{Kind: Unsigned, Uint: n}
			}
			return kind
		}
	case tokenInteger:
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			s.number = Value{Kind: Int, Int: n}
			return kind
		}
	}
	f, _ := strconv.ParseFloat(text, 64) // infinite if out of range; the parser refuses it
	s.number = Value{Kind: Float, Float: f}
	return tokenFloat
}
