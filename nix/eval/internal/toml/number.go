package toml

import (
	"math"
	"strconv"
	"strings"
)

// numberOrTime reads an integer, a float, a date or a time.
func (p *parser) numberOrTime() (*Value, error) {
	if isDigit(p.peek()) {
		if v, err := p.timestamp(); v != nil || err != nil {
			return v, err
		}
	}
	start := p.at
	for isNumeric(p.peek()) || (p.peek() == '+' || p.peek() == '-') && (p.at == start || exponent(p.text[p.at-1], p.text[start:])) {
		p.at++
	}
	text := p.text[start:p.at]
	sign := ""
	if text != "" && (text[0] == '+' || text[0] == '-') {
		sign, text = text[:1], text[1:]
	}
	switch {
	case text == "inf":
		f := math.Inf(1)
		if sign == "-" {
			f = math.Inf(-1)
		}
		return &Value{Kind: Float, Float: f}, nil
	case text == "nan":
		f := math.NaN()
		if sign == "-" {
			f = math.Copysign(f, -1)
		}
		return &Value{Kind: Float, Float: f}, nil
	case len(text) > 1 && text[0] == '0' && strings.IndexByte("xob", text[1]) >= 0:
		return p.basedInt(start, sign, text)
	case strings.ContainsAny(text, ".eE"):
		return p.float(start, sign, text)
	}
	return p.decimal(start, sign, text)
}

// isNumeric is for what a number may consist of besides signs.
func isNumeric(c byte) bool {
	return isDigit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '.'
}

// exponent says whether a sign may follow c in a number.
func exponent(c byte, number string) bool {
	return (c == 'e' || c == 'E') && !strings.HasPrefix(number, "0x")
}

// digits removes the underscores between digits; ok is false if one stands
// elsewhere or something is no digit.
func digits(s string, is func(c byte) bool) (plain string, ok bool) {
	if s == "" {
		return "", false
	}
	for i := range len(s) {
		if s[i] == '_' {
			if i == 0 || i == len(s)-1 || !is(s[i-1]) || !is(s[i+1]) {
				return "", false
			}
		} else if !is(s[i]) {
			return "", false
		}
	}
	return strings.ReplaceAll(s, "_", ""), true
}

func (p *parser) decimal(start int, sign, text string) (*Value, error) {
	plain, ok := digits(text, isDigit)
	switch {
	case !ok && strings.Contains(text, "_"):
		return nil, p.failAt(start+len(sign)+max(strings.IndexByte(text, '_'), 0), "bad integer: `_` must be surrounded by digits", "invalid underscore")
	case !ok:
		return nil, p.failAt(start, "bad integer: invalid format", "here")
	case len(plain) > 1 && plain[0] == '0':
		return nil, p.failAt(start+len(sign)+1, "bad integer: invalid digit after an integer", "this digit is not allowed")
	}
	n, err := strconv.ParseInt(sign+plain, 10, 64)
	if err != nil {
		return nil, p.fail("toml::parse_dec_integer: too large integer: current max digits = 2^63", "must be < 2^63")
	}
	return &Value{Kind: Int, Int: n}, nil
}

// basedInt reads 0x…, 0o… or 0b….
func (p *parser) basedInt(start int, sign, text string) (*Value, error) {
	base, is, name := 16, isHex, "hex"
	switch text[1] {
	case 'o':
		base, is, name = 8, func(c byte) bool { return c >= '0' && c <= '7' }, "oct"
	case 'b':
		base, is, name = 2, func(c byte) bool { return c == '0' || c == '1' }, "bin"
	}
	plain, ok := digits(text[2:], is)
	if !ok || sign != "" {
		return nil, p.failAt(start, "toml::parse_"+name+"_integer: invalid integer", "here")
	}
	n, err := strconv.ParseInt(plain, base, 64)
	if err != nil {
		return nil, p.fail("toml::parse_"+name+"_integer: too large integer: current max digits = 2^63", "must be < 2^63")
	}
	return &Value{Kind: Int, Int: n}, nil
}

func isHex(c byte) bool { return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' }

func (p *parser) float(start int, sign, text string) (*Value, error) {
	mantissa, power, scaled := strings.Cut(strings.ReplaceAll(text, "E", "e"), "e")
	whole, fraction, broken := strings.Cut(mantissa, ".")
	plain, ok := digits(whole, isDigit)
	ok = ok && (len(plain) == 1 || plain[0] != '0')
	number := sign + plain
	if broken {
		plain, valid := digits(fraction, isDigit)
		number += "." + plain
		ok = ok && valid
	}
	if scaled {
		unsigned := strings.TrimLeft(power, "+-")
		plain, valid := digits(unsigned, isDigit)
		ok = ok && valid && len(power)-len(unsigned) <= 1
		number += "e" + power[:len(power)-len(unsigned)] + plain
	}
	if !ok {
		return nil, p.failAt(start, "bad float: invalid format", "here")
	}
	f, err := strconv.ParseFloat(number, 64)
	if err != nil && !math.IsInf(f, 0) {
		return nil, p.failAt(start, "bad float: invalid format", "here")
	}
	return &Value{Kind: Float, Float: f}, nil
}
