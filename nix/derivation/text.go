package derivation

import "strings"

// quoted parses a string in quotes. Its only escapes are those of quote,
// backslash, newline, carriage return and tab, which must be escaped.
func (p *parser) quoted() string {
	p.literal(`"`)
	if p.err != nil {
		return ""
	}
	start, escapes := p.pos, 0
	for i := start; i < len(p.text); i++ {
		switch p.text[i] {
		case '"':
			p.pos = i + 1
			return unescape(p.text[start:i], escapes)
		case '\\':
			if i+1 < len(p.text) && strings.IndexByte(`"\nrt`, p.text[i+1]) < 0 {
				p.fail(i, `one of \" \\ \n \r \t`, nil)
				return ""
			}
			escapes++
			i++
		case '\n', '\r', '\t':
			p.fail(i, `a quote or one of \n \r \t`, nil)
			return ""
		}
	}
	p.fail(len(p.text), "a quote", nil)
	return ""
}

// unescape resolves the escapes of s, of which there are n, all valid.
func unescape(s string, n int) string {
	if n == 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) - n)
	for {
		i := strings.IndexByte(s, '\\')
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i])
		c := s[i+1]
		switch c {
		case 'n':
			c = '\n'
		case 'r':
			c = '\r'
		case 't':
			c = '\t'
		}
		b.WriteByte(c)
		s = s[i+2:]
	}
}

// verbatim parses a string in quotes that Nix writes without escapes: store
// paths, hashes, names of outputs, and the system.
func (p *parser) verbatim() string {
	p.literal(`"`)
	if p.err != nil {
		return ""
	}
	rest := p.text[p.pos:]
	end := strings.IndexByte(rest, '"')
	if end < 0 {
		p.fail(len(p.text), "a quote", nil)
		return ""
	}
	if i := strings.IndexByte(rest[:end], '\\'); i >= 0 {
		p.fail(p.pos+i, "no backslash", nil)
		return ""
	}
	p.pos += end + 1
	return rest[:end]
}

func isVerbatim(s string) bool { return !strings.ContainsAny(s, `"\`) }

func appendVerbatim(dst []byte, s string) []byte {
	dst = append(dst, '"')
	dst = append(dst, s...)
	return append(dst, '"')
}

func appendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	plain := 0 // s[plain:i] is yet to be appended as it is
	for i := range len(s) {
		c := s[i]
		switch c {
		case '"', '\\':
		case '\n':
			c = 'n'
		case '\r':
			c = 'r'
		case '\t':
			c = 't'
		default:
			continue
		}
		dst = append(dst, s[plain:i]...)
		dst = append(dst, '\\', c)
		plain = i + 1
	}
	dst = append(dst, s[plain:]...)
	return append(dst, '"')
}
