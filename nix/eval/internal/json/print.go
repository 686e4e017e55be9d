package json

import (
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"
)

// AppendString appends s as a JSON string. Characters beyond ASCII stay as they
// are. It fails with an [*Error] if s is not UTF-8.
func AppendString(dst []byte, s string) ([]byte, error) {
	dst = append(dst, '"')
	clean := 0 // what was not yet appended begins here
	for i := 0; i < len(s); {
		c := s[i]
		if c >= 0x80 {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				return nil, invalidUTF8(s, i)
			}
			i += size
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}
		dst = append(dst, s[clean:i]...)
		if short := shortEscape(c); short != 0 {
			dst = append(dst, '\\', short)
		} else {
			dst = fmt.Appendf(dst, `\u%04x`, c)
		}
		i++
		clean = i
	}
	dst = append(dst, s[clean:]...)
	return append(dst, '"'), nil
}

// invalidUTF8 is the error of the character that begins at offset at: it blames
// the first byte that cannot follow, or the last one of a text that ends early.
func invalidUTF8(s string, at int) error {
	more, low, high := lead(s[at])
	for range more {
		at++
		if at == len(s) {
			return &Error{"type_error.316", fmt.Sprintf("incomplete UTF-8 string; last byte: 0x%02X", s[at-1])}
		}
		if s[at] < low || s[at] > high {
			break
		}
		low, high = 0x80, 0xBF
	}
	return &Error{"type_error.316", fmt.Sprintf("invalid UTF-8 byte at index %d: 0x%02X", at, s[at])}
}

// AppendFloat appends a number with as few digits as tell it from all others,
// and with a point or an exponent. What is not a number becomes null.
func AppendFloat(dst []byte, f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(dst, "null"...)
	}
	if f == 0 {
		if math.Signbit(f) {
			dst = append(dst, '-')
		}
		return append(dst, "0.0"...)
	}
	// Between these powers of ten there is no exponent.
	const smallest, largest = 1e-4, 1e15
	if a := math.Abs(f); a < smallest || a >= largest {
		return strconv.AppendFloat(dst, f, 'e', -1, 64)
	}
	start := len(dst)
	dst = strconv.AppendFloat(dst, f, 'f', -1, 64)
	for _, c := range dst[start:] {
		if c == '.' {
			return dst
		}
	}
	return append(dst, ".0"...)
}
