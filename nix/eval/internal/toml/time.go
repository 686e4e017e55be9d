package toml

import (
	"strings"
	"time"
)

// timestamp reads a date, a time or both, or returns nil where there is none.
func (p *parser) timestamp() (*Value, error) {
	rest := p.text[p.at:]
	start := p.at
	date := shape(rest, "0000-00-00")
	if !date && !shape(rest, "00:00") {
		return nil, nil
	}
	var out strings.Builder
	if date {
		if _, err := time.Parse(time.DateOnly, rest[:10]); err != nil {
			return nil, p.fail("toml::read_local_date: invalid date", "here")
		}
		out.WriteString(rest[:10])
		p.at += 10
		separated := p.peek() == 'T' || p.peek() == 't' || p.peek() == ' ' && shape(p.text[p.at+1:], "00:00")
		if !separated {
			return &Value{Kind: Timestamp, Text: out.String()}, nil
		}
		p.at++
		out.WriteByte('T')
	}
	if err := p.clock(&out); err != nil {
		return nil, err
	}
	if date {
		if err := p.offset(&out); err != nil {
			return nil, err
		}
	}
	if isNumeric(p.peek()) {
		return nil, p.failAt(start, "toml::parse_datetime: invalid format", "here")
	}
	return &Value{Kind: Timestamp, Text: out.String()}, nil
}

// shape says whether s begins like the pattern, in which 0 is any digit.
func shape(s, pattern string) bool {
	if len(s) < len(pattern) {
		return false
	}
	for i := range len(pattern) {
		if pattern[i] == '0' && !isDigit(s[i]) || pattern[i] != '0' && s[i] != pattern[i] {
			return false
		}
	}
	return true
}

// clock reads hours, minutes and seconds. A fraction is printed with three, six
// or nine digits, as many as it needs, and none if it is zero.
func (p *parser) clock(out *strings.Builder) error {
	rest := p.text[p.at:]
	if !shape(rest, "00:00:00") || rest[:2] > "23" || rest[3:5] > "59" || rest[6:8] > "60" {
		return p.fail("toml::read_local_time: invalid time", "here")
	}
	out.WriteString(rest[:8])
	p.at += 8
	if p.peek() != '.' {
		return nil
	}
	p.at++
	start := p.at
	for isDigit(p.peek()) {
		p.at++
	}
	if p.at == start {
		return p.fail("toml::read_local_time: invalid time", "expected a digit")
	}
	nanoseconds := (p.text[start:p.at] + "000000000")[:9]
	for _, size := range []int{0, 3, 6, 9} {
		if strings.Trim(nanoseconds[size:], "0") == "" {
			if size > 0 {
				out.WriteString("." + nanoseconds[:size])
			}
			break
		}
	}
	return nil
}

// offset reads the time zone of a date with time, if it has one.
func (p *parser) offset(out *strings.Builder) error {
	switch p.peek() {
	case 'Z', 'z':
		p.at++
		out.WriteByte('Z')
	case '+', '-':
		rest := p.text[p.at+1:]
		if !shape(rest, "00:00") || rest[:2] > "24" || rest[3:5] > "59" {
			return p.fail("toml::read_offset: invalid offset", "here")
		}
		if rest[:5] == "00:00" {
			out.WriteByte('Z')
		} else {
			out.WriteString(p.text[p.at : p.at+6])
		}
		p.at += 6
	}
	return nil
}
