package json

import "fmt"

// string reads a string after its opening quote into s.value.
func (s *scanner) string() token {
	s.start = s.read - 1
	s.value.Reset()
	for {
		c := s.get()
		switch {
		case c == end:
			return s.fail("invalid string: missing closing quote")
		case c == '"':
			return tokenString
		case c == '\\':
			if t := s.escape(); t == tokenError {
				return t
			}
		case c < ' ':
			return s.fail(controlMessage(c))
		case c < 0x80:
			s.value.WriteByte(byte(c))
		default:
			if !s.character(c) {
				return s.fail("invalid string: ill-formed UTF-8 byte")
			}
		}
	}
}

func controlMessage(c int) string {
	names := [...]string{
		"NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "HT", "LF", "VT", "FF", "CR", "SO", "SI",
		"DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB", "ESC", "FS", "GS", "RS", "US",
	}
	message := fmt.Sprintf(`invalid string: control character U+%04X (%s) must be escaped to \u%04X`, c, names[c], c)
	if short := shortEscape(byte(c)); short != 0 {
		message += ` or \` + string(rune(short))
	}
	return message
}

// shortEscape returns the letter that stands for c after a backslash, or 0.
func shortEscape(c byte) byte {
	switch c {
	case '\b':
		return 'b'
	case '\t':
		return 't'
	case '\n':
		return 'n'
	case '\f':
		return 'f'
	case '\r':
		return 'r'
	case '"', '\\':
		return c
	}
	return 0
}

// escape reads what follows a backslash. It returns tokenError or tokenString.
func (s *scanner) escape() token {
	c := s.get()
	switch c {
	case '"', '\\', '/':
		s.value.WriteByte(byte(c))
	case 'b':
		s.value.WriteByte('\b')
	case 'f':
		s.value.WriteByte('\f')
	case 'n':
		s.value.WriteByte('\n')
	case 'r':
		s.value.WriteByte('\r')
	case 't':
		s.value.WriteByte('\t')
	case 'u':
		return s.unicode()
	default:
		return s.fail("invalid string: forbidden character after backslash")
	}
	return tokenString
}

func (s *scanner) unicode() token {
	const (
		badDigits = `invalid string: '\u' must be followed by 4 hex digits`
		lonely    = "invalid string: surrogate U+D800..U+DBFF must be followed by U+DC00..U+DFFF"
		trailing  = "invalid string: surrogate U+DC00..U+DFFF must follow U+D800..U+DBFF"
	)
	r := s.codeUnit()
	switch {
	case r < 0:
		return s.fail(badDigits)
	case r >= 0xDC00 && r <= 0xDFFF:
		return s.fail(trailing)
	case r >= 0xD800 && r <= 0xDBFF:
		if s.get() != '\\' || s.get() != 'u' {
			return s.fail(lonely)
		}
		low := s.codeUnit()
		if low < 0 {
			return s.fail(badDigits)
		}
		if low < 0xDC00 || low > 0xDFFF {
			return s.fail(lonely)
		}
		r = 0x10000 + (r-0xD800)<<10 + (low - 0xDC00)
	}
	s.value.WriteRune(r)
	return tokenString
}

// codeUnit reads four hexadecimal digits, or returns -1.
func (s *scanner) codeUnit() rune {
	var r rune
	for range 4 {
		c := s.get()
		switch {
		case isDigit(c):
			r = r<<4 | rune(c-'0')
		case c >= 'a' && c <= 'f':
			r = r<<4 | rune(c-'a'+10)
		case c >= 'A' && c <= 'F':
			r = r<<4 | rune(c-'A'+10)
		default:
			return -1
		}
	}
	return r
}

// character reads the rest of a character that begins with c.
func (s *scanner) character(c int) bool {
	more, low, high := lead(byte(c))
	if more == 0 {
		return false
	}
	s.value.WriteByte(byte(c))
	for range more {
		if c = s.get(); c < int(low) || c > int(high) {
			return false
		}
		s.value.WriteByte(byte(c))
		low, high = 0x80, 0xBF
	}
	return true
}

// lead tells how many bytes follow a first byte of UTF-8 that is not ASCII, and
// the range of the next one; none follow a byte that cannot be the first.
func lead(c byte) (more int, low, high byte) {
	switch {
	case c >= 0xC2 && c <= 0xDF:
		return 1, 0x80, 0xBF
	case c == 0xE0:
		return 2, 0xA0, 0xBF
	case c == 0xED:
		return 2, 0x80, 0x9F
	case c >= 0xE1 && c <= 0xEF:
		return 2, 0x80, 0xBF
	case c == 0xF0:
		return 3, 0x90, 0xBF
	case c >= 0xF1 && c <= 0xF3:
		return 3, 0x80, 0xBF
	case c == 0xF4:
		return 3, 0x80, 0x8F
	}
	return 0, 0, 0
}
