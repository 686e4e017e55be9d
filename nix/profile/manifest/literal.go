package manifest

import (
	"strconv"
	"strings"
)

// maxDepth is how deep lists and attribute sets may lie within each other;
// what nix-env writes has a depth of about six.
const maxDepth = 64

// parseLiteral parses a value of the Nix language that is written out: without
// variables, functions and interpolation. Its Go types are nil, bool, int64,
// float64, string, []any and map[string]any. Its error is a *LiteralError.
func parseLiteral(text string) (any, error) {
	p := literalParser{text: text}
	v := p.value(0)
	p.space()
	if p.err == nil && p.pos < len(text) {
		p.fail("nothing more is expected here")
	}
	if p.err != nil {
		return nil, p.err
	}
	return v, nil
}

// literalParser goes on doing nothing once it has an error.
type literalParser struct {
	text string
	pos  int
	err  error
}

func (p *literalParser) fail(why string) {
	if p.err == nil {
		p.err = &LiteralError{Offset: p.pos, Why: why}
	}
	p.pos = len(p.text)
}

func (p *literalParser) space() {
	for p.pos < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.pos]) >= 0 {
		p.pos++
	}
}

// peek returns the next byte, or 0 at the end, which no value begins with.
func (p *literalParser) peek() byte {
	if p.pos < len(p.text) {
		return p.text[p.pos]
	}
	return 0
}

// next says whether c comes next, after white space, and takes it then.
func (p *literalParser) next(c byte) bool {
	p.space()
	if p.peek() != c {
		return false
	}
	p.pos++
	return true
}

func (p *literalParser) value(depth int) any {
	p.space()
	c := p.peek()
	switch {
	case depth > maxDepth:
		p.fail("lists and sets lie too deep within each other")
		return nil
	case c == '[':
		return p.list(depth)
	case c == '{':
		return p.set(depth)
	case c == '"':
		return p.quoted()
	case c == '-' || c == '.' || c >= '0' && c <= '9':
		return p.number()
	default:
		return p.constant()
	}
}

func (p *literalParser) list(depth int) any {
	p.pos++
	items := []any{}
	for !p.next(']') {
		items = append(items, p.value(depth+1))
		if p.err != nil {
			return nil
		}
	}
	return items
}

func (p *literalParser) set(depth int) any {
	p.pos++
	attributes := map[string]any{}
	for !p.next('}') {
		start := p.pos
		name := p.attributeName()
		if _, twice := attributes[name]; twice && p.err == nil {
			p.pos = start
			p.fail("the attribute " + strconv.Quote(name) + " is there twice")
		}
		p.expect('=')
		attributes[name] = p.value(depth + 1)
		p.expect(';')
		if p.err != nil {
			return nil
		}
	}
	return attributes
}

func (p *literalParser) expect(c byte) {
	if p.err == nil && !p.next(c) {
		p.fail("expected " + string(c))
	}
}

func (p *literalParser) attributeName() string {
	if p.peek() == '"' {
		return p.quoted()
	}
	name := p.word()
	if name == "" {
		p.fail("expected the name of an attribute")
	}
	return name
}

// word takes an identifier, or returns "" if there is none.
func (p *literalParser) word() string {
	start := p.pos
	for p.pos < len(p.text) {
		c := p.text[p.pos]
		first := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
		later := c >= '0' && c <= '9' || c == '\'' || c == '-'
		if !first && (!later || p.pos == start) {
			break
		}
		p.pos++
	}
	return p.text[start:p.pos]
}

func (p *literalParser) constant() any {
	start := p.pos
	switch p.word() {
	case "true":
		return true
	case "false":
		return false
	case "null":
		return nil
	}
	p.pos = start
	p.fail("expected a value: a list, a set, a string, a number, true, false or null")
	return nil
}

func (p *literalParser) number() any {
	start := p.pos
	for p.pos < len(p.text) && strings.IndexByte("0123456789.eE+-", p.text[p.pos]) >= 0 {
		p.pos++
	}
	token := p.text[start:p.pos]
	if n, err := strconv.ParseInt(token, 10, 64); err == nil {
		return n
	}
	if strings.ContainsAny(token, ".eE") {
		if f, err := strconv.ParseFloat(token, 64); err == nil {
			return f
		}
	}
	p.pos = start
	p.fail("this is not a number of 64 bits")
	return nil
}

// quoted parses a string in quotes. A backslash takes the meaning from the byte
// after it, except in \n, \r and \t; a dollar does so for another dollar.
func (p *literalParser) quoted() string {
	p.pos++
	var b strings.Builder
	for p.pos < len(p.text) {
		c := p.text[p.pos]
		after := byte(0)
		if p.pos+1 < len(p.text) {
			after = p.text[p.pos+1]
		}
		switch {
		case c == '"':
			p.pos++
			return b.String()
		case c == 0:
			p.fail("a string cannot have a zero byte")
			return ""
		case c == '\\':
			if p.pos+1 == len(p.text) || after == 0 {
				p.fail("expected a character after the backslash")
				return ""
			}
			b.WriteByte(unescape(after))
			p.pos += 2
		case c == '$' && after == '{':
			p.fail("interpolation is not supported")
			return ""
		case c == '$' && after == '$':
			b.WriteString("$$")
			p.pos += 2
		case c == '\r':
			// The end of a line, as Nix has it; with \n it is one.
			b.WriteByte('\n')
			p.pos++
			if after == '\n' {
				p.pos++
			}
		default:
			b.WriteByte(c)
			p.pos++
		}
	}
	p.fail("the string does not end")
	return ""
}

func unescape(c byte) byte {
	switch c {
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	default:
		return c
	}
}
