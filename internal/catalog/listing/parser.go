package listing

import (
	"bytes"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// cutOff is the reason of a parser that came to the end of its bytes inside a
// value: with more bytes it may succeed.
const cutOff = "cut off"

// minRepeated is the shortest array that is worth remembering.
const minRepeated = 256

// A parser reads JSON values from b, starting at i. After the first failure,
// reason is set and all methods do nothing: callers check once, at the end of a
// value.
type parser struct {
	b      []byte
	i      int
	reason string
	// repeated is the last long array that was skipped. Whole groups of packages
	// have the same list of platforms, a third of the file: comparing is ten
	// times faster than walking.
	repeated *[]byte
	// platforms has the lists of platforms that were read.
	platforms map[string]string
}

func (p *parser) fail(reason string) {
	if p.reason == "" {
		p.reason = reason
	}
}

// peek skips white space and returns the next byte, or 0 after a failure.
func (p *parser) peek() byte {
	if p.reason != "" {
		return 0
	}
	for p.i < len(p.b) {
		switch c := p.b[p.i]; c {
		case ' ', '\n', '\t', '\r':
			p.i++
		default:
			return c
		}
	}
	p.fail(cutOff)
	return 0
}

func (p *parser) expect(c byte) {
	switch got := p.peek(); {
	case p.reason != "":
	case got != c:
		p.fail("expected " + strconv.QuoteRune(rune(c)) + ", found " + strconv.QuoteRune(rune(got)))
	default:
		p.i++
	}
}

// member moves to the next member of an object: past the comma, the key and the
// colon. It reports done at the closing brace.
func (p *parser) member(first bool) (key string, done bool) {
	raw, done := p.rawMember(first)
	return unquote(raw), done
}

func (p *parser) rawMember(first bool) (raw []byte, done bool) {
	if p.peek() == '}' {
		p.i++
		return nil, true
	}
	if !first {
		p.expect(',')
		p.peek()
	}
	raw = p.rawString()
	p.expect(':')
	return raw, p.reason != ""
}

// element moves to the next element of an array and reports false at its end.
func (p *parser) element(first bool) bool {
	if p.peek() == ']' {
		p.i++
		return false
	}
	if !first {
		p.expect(',')
	}
	return p.reason == ""
}

// rawString returns the bytes between the quotes, escapes as they are.
func (p *parser) rawString() []byte {
	p.expect('"')
	if p.reason != "" {
		return nil
	}
	start := p.i
	for {
		n := bytes.IndexByte(p.b[p.i:], '"')
		if n < 0 {
			p.fail(cutOff)
			return nil
		}
		p.i += n + 1
		if !escaped(p.b[start : p.i-1]) {
			return p.b[start : p.i-1]
		}
	}
}

// escaped reports whether s ends in an odd number of backslashes, so that a
// quote after it belongs to the string.
func escaped(s []byte) bool {
	n := 0
	for n < len(s) && s[len(s)-1-n] == '\\' {
		n++
	}
	return n%2 == 1
}

// text returns the next value if it is a string, or else skips it.
func (p *parser) text() []byte {
	if p.peek() == '"' {
		return p.rawString()
	}
	p.skip()
	return nil
}

// boolean returns whether the next value is true.
func (p *parser) boolean() bool {
	c := p.peek()
	p.skip()
	return c == 't' && p.reason == ""
}

func (p *parser) number() string {
	p.peek()
	start := p.i
	p.scalar()
	if p.reason != "" {
		return ""
	}
	return string(p.b[start:p.i])
}

// scalar skips a number or one of the words true, false, null.
func (p *parser) scalar() {
	start := p.i
	for p.i < len(p.b) {
		c := p.b[p.i]
		switch {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-', c == '+', c == '.', c == 'E':
			p.i++
			continue
		case p.i == start:
			p.fail("expected a value, found " + strconv.QuoteRune(rune(c)))
		}
		return
	}
	p.fail(cutOff)
}

// skip moves past the next value. Brackets are counted, not matched by kind:
// that is enough to find the end of a well-formed value.
func (p *parser) skip() {
	switch p.peek() {
	case '"':
		p.rawString()
		return
	case '[', '{':
	default:
		if p.reason == "" {
			p.scalar()
		}
		return
	}
	start, depth := p.i, 0
	if r := *p.repeated; len(r) > 0 && bytes.HasPrefix(p.b[p.i:], r) {
		p.i += len(r)
		return
	}
	for p.i < len(p.b) {
		switch p.b[p.i] {
		case '"':
			p.rawString()
			if p.reason != "" {
				return
			}
			continue
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		}
		p.i++
		if depth == 0 {
			if whole := p.b[start:p.i]; whole[0] == '[' && len(whole) >= minRepeated {
				*p.repeated = append((*p.repeated)[:0], whole...)
			}
			return
		}
	}
	p.fail(cutOff)
}

// unquote resolves the escapes of a raw string and replaces broken UTF-8.
func unquote(raw []byte) string {
	return string(appendUnquoted(make([]byte, 0, len(raw)), raw))
}

func appendUnquoted(dst, raw []byte) []byte {
	if bytes.IndexByte(raw, '\\') < 0 && utf8.Valid(raw) {
		return append(dst, raw...)
	}
	for i := 0; i < len(raw); {
		if raw[i] == '\\' && i+1 < len(raw) {
			var r rune
			r, i = unescape(raw, i+1)
			dst = utf8.AppendRune(dst, r)
			continue
		}
		r, size := utf8.DecodeRune(raw[i:])
		dst = utf8.AppendRune(dst, r)
		i += size
	}
	return dst
}

// unescape reads the escape whose letter is raw[i] and returns the position
// after it.
func unescape(raw []byte, i int) (rune, int) {
	switch c := raw[i]; c {
	case 'n':
		return '\n', i + 1
	case 't':
		return '\t', i + 1
	case 'r':
		return '\r', i + 1
	case 'b':
		return '\b', i + 1
	case 'f':
		return '\f', i + 1
	case 'u':
		r, ok := hex4(raw[i+1:])
		if !ok {
			return utf8.RuneError, i + 1
		}
		i += 5
		if !utf16.IsSurrogate(r) {
			return r, i
		}
		if i+1 < len(raw) && raw[i] == '\\' && raw[i+1] == 'u' {
			if low, ok := hex4(raw[i+2:]); ok {
				if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
					return pair, i + 6
				}
			}
		}
		return utf8.RuneError, i
	default:
		return rune(c), i + 1
	}
}

func hex4(s []byte) (rune, bool) {
	if len(s) < 4 {
		return 0, false
	}
	var r rune
	for _, c := range s[:4] {
		r <<= 4
		switch {
		case '0' <= c && c <= '9':
			r |= rune(c - '0')
		case 'a' <= c && c <= 'f':
			r |= rune(c - 'a' + 10)
		case 'A' <= c && c <= 'F':
			r |= rune(c - 'A' + 10)
		default:
			return 0, false
		}
	}
	return r, true
}
