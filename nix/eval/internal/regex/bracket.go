package regex

import "strings"

// byteSet is a set of bytes.
type byteSet [4]uint64

func (s *byteSet) add(c byte)      { s[c>>6] |= 1 << (c & 63) }
func (s *byteSet) has(c byte) bool { return s[c>>6]&(1<<(c&63)) != 0 }

func (s *byteSet) invert() {
	for i := range s {
		s[i] = ^s[i]
	}
}

func (s *byteSet) union(other *byteSet) {
	for i := range s {
		s[i] |= other[i]
	}
}

// addIf adds the bytes for which in holds.
func (s *byteSet) addIf(in func(c byte) bool) {
	for c := range 256 {
		if in(byte(c)) {
			s.add(byte(c))
		}
	}
}

// element is one item of a bracket expression: a byte, which may begin or end
// a range, or a class, which may not.
type element struct {
	kind elementKind
	char byte
}

type elementKind uint8

const (
	noElement elementKind = iota
	charElement
	classElement
	dashElement
	endElement // the closing bracket
)

// bracket parses a bracket expression after its opening bracket.
func (p *parser) bracket() (*byteSet, error) {
	set := new(byteSet)
	negated := p.take('^')
	first := true
	var last element // what a dash would make a range of
	for {
		next, err := p.element(set, first)
		if err != nil {
			return nil, err
		}
		if next.kind == dashElement && first {
			next = element{charElement, '-'}
			set.add('-')
		}
		first = false
		if next.kind == dashElement {
			done, err := p.dash(set, &last)
			if err != nil {
				return nil, err
			}
			if done {
				break
			}
			continue
		}
		if next.kind == endElement {
			break
		}
		last = next
	}
	if negated {
		set.invert()
	}
	return set, nil
}

// dash parses what follows a dash: the end of a range, or the closing bracket,
// for which done is true.
func (p *parser) dash(set *byteSet, last *element) (done bool, err error) {
	// The lookahead for the closing bracket comes first, so that a class at the
	// end of a range adds nothing before it is refused.
	if p.take(']') {
		set.add('-')
		return true, nil
	}
	if last.kind != charElement {
		return false, ErrSyntax
	}
	end, err := p.element(set, false)
	if err != nil {
		return false, err
	}
	switch end.kind {
	case dashElement:
		end.char = '-'
	case charElement:
	default:
		return false, ErrSyntax
	}
	// The model compares signed bytes.
	from, to := int8(last.char), int8(end.char)
	if from > to {
		return false, ErrSyntax
	}
	set.addIf(func(c byte) bool { return from <= int8(c) && int8(c) <= to })
	last.kind = noElement
	return false, nil
}

// element parses one item and adds it to set. A bracket that closes the
// expression is a plain byte at its beginning.
func (p *parser) element(set *byteSet, first bool) (element, error) {
	if !p.more() {
		return element{}, ErrSyntax
	}
	c := p.text[p.at]
	p.at++
	switch {
	case c == '-':
		return element{kind: dashElement}, nil
	case c == ']' && !first:
		return element{kind: endElement}, nil
	case c == '[' && !p.more():
		return element{}, ErrSyntax
	case c == '[' && strings.IndexByte(".:=", p.text[p.at]) >= 0:
		return p.named(set)
	}
	set.add(c)
	return element{charElement, c}, nil
}

// named parses [.name.], [:name:] or [=name=] after the first bracket.
func (p *parser) named(set *byteSet) (element, error) {
	mark := p.text[p.at]
	p.at++
	length := strings.IndexByte(p.text[p.at:], mark)
	if length < 0 {
		return element{}, ErrSyntax
	}
	name := p.text[p.at : p.at+length]
	p.at += length + 1
	if !p.take(']') {
		return element{}, ErrSyntax
	}
	if mark == ':' {
		in := class(strings.ToLower(name))
		if in == nil {
			return element{}, ErrSyntax
		}
		set.addIf(in)
		return element{kind: classElement}, nil
	}
	c, ok := collatingElement(name)
	if !ok {
		return element{}, ErrSyntax
	}
	if mark == '.' {
		set.add(c)
		return element{charElement, c}, nil
	}
	set.addIf(func(other byte) bool { return lower(other) == lower(c) })
	return element{kind: classElement}, nil
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// class returns a character class of the C locale, or nil.
func class(name string) func(c byte) bool {
	switch name {
	case "alnum":
		return func(c byte) bool { return isAlpha(c) || isDigit(c) }
	case "w":
		return func(c byte) bool { return isAlpha(c) || isDigit(c) || c == '_' }
	case "alpha":
		return isAlpha
	case "blank":
		return func(c byte) bool { return c == ' ' || c == '\t' }
	case "cntrl":
		return func(c byte) bool { return c < ' ' || c == 0x7f }
	case "digit", "d":
		return isDigit
	case "graph":
		return isGraph
	case "lower":
		return func(c byte) bool { return c >= 'a' && c <= 'z' }
	case "print":
		return func(c byte) bool { return isGraph(c) || c == ' ' }
	case "punct":
		return func(c byte) bool { return isGraph(c) && !isAlpha(c) && !isDigit(c) }
	case "space", "s":
		return func(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }
	case "upper":
		return func(c byte) bool { return c >= 'A' && c <= 'Z' }
	case "xdigit":
		return func(c byte) bool { return isDigit(c) || lower(c) >= 'a' && lower(c) <= 'f' }
	}
	return nil
}

func isAlpha(c byte) bool { return lower(c) >= 'a' && lower(c) <= 'z' }
func isDigit(c byte) bool { return c >= '0' && c <= '9' }
func isGraph(c byte) bool { return c > ' ' && c < 0x7f }

// collatingElement returns the byte with a POSIX name such as hyphen. Letters
// are called by themselves.
func collatingElement(name string) (byte, bool) {
	if len(name) == 1 && isAlpha(name[0]) {
		return name[0], true
	}
	names := [...]string{
		"NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "alert",
		"backspace", "tab", "newline", "vertical-tab", "form-feed", "carriage-return", "SO", "SI",
		"DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB",
		"CAN", "EM", "SUB", "ESC", "IS4", "IS3", "IS2", "IS1",
		"space", "exclamation-mark", "quotation-mark", "number-sign",
		"dollar-sign", "percent-sign", "ampersand", "apostrophe",
		"left-parenthesis", "right-parenthesis", "asterisk", "plus-sign",
		"comma", "hyphen", "period", "slash",
		"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
		"colon", "semicolon", "less-than-sign", "equals-sign", "greater-than-sign", "question-mark",
		"commercial-at",
		'Z' + 1: "left-square-bracket", "backslash", "right-square-bracket", "circumflex", "underscore", "grave-accent",
		'z' + 1: "left-curly-bracket", "vertical-line", "right-curly-bracket", "tilde", "DEL",
	}
	for c, known := range names {
		if known != "" && known == name {
			return byte(c), true
		}
	}
	return 0, false
}
