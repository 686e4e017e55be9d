package toml

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// basicString reads "…" with escapes.
func (p *parser) basicString() (string, error) {
	p.at++
	var out strings.Builder
	for {
		switch c := p.peek(); {
		case !p.more() || isControl(c):
			return "", p.fail("toml::parse_basic_string: invalid string format", `expected "`)
		case c == '"':
			p.at++
			return out.String(), nil
		case c == '\\':
			if err := p.escape(&out); err != nil {
				return "", err
			}
		default:
			out.WriteByte(c)
			p.at++
		}
	}
}

// literalString reads '…', which has no escapes.
func (p *parser) literalString() (string, error) {
	p.at++
	start := p.at
	for p.more() && p.peek() != '\'' && !isControl(p.peek()) {
		p.at++
	}
	text := p.text[start:p.at]
	if !p.take("'") {
		return "", p.fail("toml::parse_literal_string: invalid string format", "expected '")
	}
	return text, nil
}

// longString reads what follows the three quotes at the beginning of a string
// of several lines. Up to two quotes may stand before the three at its end.
func (p *parser) longString(quote byte) (string, error) {
	p.newline()
	closing := strings.Repeat(string(rune(quote)), 3)
	var out strings.Builder
	for {
		c := p.peek()
		switch {
		case !p.more():
			return "", p.fail("toml::parse_multiline_string: invalid string format", "expected "+closing)
		case p.take(closing):
			for range 2 {
				if p.peek() == quote {
					out.WriteByte(quote)
					p.at++
				}
			}
			return out.String(), nil
		case p.newline():
			out.WriteString(p.lineBreak())
		case isControl(c):
			return "", p.fail("toml::parse_multiline_string: invalid control character", "here")
		case quote == '"' && c == '\\':
			if p.continuation() {
				continue
			}
			if err := p.escape(&out); err != nil {
				return "", err
			}
		default:
			out.WriteByte(c)
			p.at++
		}
	}
}

// lineBreak returns the line break that was just skipped, as it was written.
func (p *parser) lineBreak() string {
	if p.at >= 2 && p.text[p.at-2] == '\r' {
		return "\r\n"
	}
	return "\n"
}

// continuation skips a backslash at the end of a line, with all blanks and line
// breaks that follow.
func (p *parser) continuation() bool {
	start := p.at
	p.at++
	p.skipBlanks()
	if !p.newline() {
		p.at = start
		return false
	}
	for {
		p.skipBlanks()
		if !p.newline() {
			return true
		}
	}
}

func (p *parser) escape(out *strings.Builder) error {
	at := p.at
	p.at++
	c := p.peek()
	p.at++
	switch c {
	case 'b':
		out.WriteByte('\b')
	case 't':
		out.WriteByte('\t')
	case 'n':
		out.WriteByte('\n')
	case 'f':
		out.WriteByte('\f')
	case 'r':
		out.WriteByte('\r')
	case '"', '\\':
		out.WriteByte(c)
	case 'u', 'U':
		length := 4
		if c == 'U' {
			length = 8
		}
		return p.unicode(out, length, at)
	default:
		return p.failAt(at, "toml::parse_basic_string: invalid string format", `expected "`)
	}
	return nil
}

func (p *parser) unicode(out *strings.Builder, length, at int) error {
	if len(p.text)-p.at < length {
		return p.failAt(at, "toml::parse_basic_string: invalid string format", `expected "`)
	}
	digits := p.text[p.at : p.at+length]
	n, err := strconv.ParseUint(digits, 16, 32)
	if err != nil || strings.ContainsAny(digits, "_+-") {
		return p.failAt(at, "toml::parse_basic_string: invalid string format", `expected "`)
	}
	if n > utf8.MaxRune || n >= 0xD800 && n <= 0xDFFF {
		return p.failAt(at, "toml::parse_utf8_codepoint: [0xD800, 0xDFFF] is not a valid UTF-8", "here")
	}
	out.WriteRune(rune(n))
	p.at += length
	return nil
}
