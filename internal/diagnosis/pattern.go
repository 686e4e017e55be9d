package diagnosis

import (
	"strings"

	"luminousnix/nix/store"
)

const (
	longestValue = 300 // bytes that a {name} may stand for
	longestGap   = 400 // bytes that a {} may stand for
)

// A pattern is literal text with holes between. There is one literal more than holes;
// the first and last may be empty.
type pattern struct {
	literals []string // in small letters
	holes    []hole
}

// hole is a place for text. A wide one may have spaces, one without a name line breaks
// too.
type hole struct {
	name string
	wide bool
}

func newPattern(s string) pattern {
	var p pattern
	literal := 0
	for i := 0; i < len(s); {
		name, length := holeAt(s[i:])
		if length == 0 {
			i++
			continue
		}
		p.literals = append(p.literals, strings.ToLower(s[literal:i]))
		name, wide := strings.CutSuffix(name, "*")
		p.holes = append(p.holes, hole{name, wide || name == ""})
		i += length
		literal = i
	}
	p.literals = append(p.literals, strings.ToLower(s[literal:]))
	return p
}

// holeAt reads {name}, {name*}, {name:form} or {} at the start of s; a length of 0 is
// none.
func holeAt(s string) (name string, length int) {
	if s[0] != '{' {
		return "", 0
	}
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '}':
			return s[1:i], i + 1
		case c != '*' && c != ':' && (c < 'a' || c > 'z'):
			return "", 0
		}
	}
	return "", 0
}

// bare is the pattern without quotes.
func (p pattern) bare() pattern {
	b := pattern{make([]string, len(p.literals)), p.holes}
	for i, literal := range p.literals {
		b.literals[i] = strings.ReplaceAll(literal, "'", "")
	}
	return b
}

// match looks for the pattern anywhere in a text and returns what stands in its holes.
func (p pattern) match(t text) (map[string]string, bool) {
	first := p.literals[0]
	if first == "" && len(p.holes) > 0 {
		return p.matchTail(t)
	}
	for from := 0; ; {
		at := strings.Index(t.flat[from:], first)
		if at < 0 {
			return nil, false
		}
		from += at
		values := map[string]string{}
		if p.matchRest(t, from+len(first), 0, values) {
			return values, true
		}
		from++
	}
}

// matchTail matches a pattern that begins with a hole: what stands before its first
// literal is the word there.
func (p pattern) matchTail(t text) (map[string]string, bool) {
	for from := 0; ; {
		at := strings.Index(t.flat[from:], p.literals[1])
		if at < 0 {
			return nil, false
		}
		from += at
		start := strings.LastIndexAny(t.flat[:from], " '") + 1
		values := map[string]string{}
		if word := t.shown[start:from]; word != "" || p.holes[0].name == "" {
			values[p.holes[0].name] = word
			if p.matchRest(t, from+len(p.literals[1]), 1, values) {
				return values, true
			}
		}
		from++
	}
}

// matchRest matches the holes from number n, whose text begins at a place.
func (p pattern) matchRest(t text, at, n int, values map[string]string) bool {
	for ; n < len(p.holes); n++ {
		h, next := p.holes[n], p.literals[n+1]
		if n == len(p.holes)-1 && next == "" {
			return h.last(t, at, values)
		}
		limit := longestValue
		if h.name == "" {
			limit = longestGap
		}
		length := strings.Index(t.flat[at:min(len(t.flat), at+limit+len(next))], next)
		if length < 0 || length == 0 && h.name != "" {
			return false
		}
		value := t.shown[at : at+length]
		switch {
		case h.name == "":
		case !h.wide && strings.ContainsAny(value, " \n"), strings.Contains(value, "\n"):
			return false
		default:
			values[h.name] = value
		}
		at += length + len(next)
	}
	return true
}

// last takes what stands at the end of a pattern: a word, or the rest of the line.
func (h hole) last(t text, at int, values map[string]string) bool {
	end := " \n"
	if h.wide {
		end = "\n"
	}
	value := t.shown[at:min(len(t.shown), at+longestValue)]
	if i := strings.IndexAny(value, end); i >= 0 {
		value = value[:i]
	}
	value = strings.Trim(value, " '.,;:()")
	values[h.name] = value
	return value != "" || h.name == ""
}

// fill puts values in place of the names in braces; ok is false when one is not known.
// In a command a value may only be what no shell would take for anything else.
func fill(line string, values map[string]string, command bool) (filled string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(line); {
		name, length := holeAt(line[i:])
		if length == 0 || name == "" {
			b.WriteByte(line[i])
			i++
			continue
		}
		name, form, _ := strings.Cut(name, ":")
		value := formed(values[name], form)
		if value == "" || command && !harmless(value) {
			return "", false
		}
		b.WriteString(value)
		i += length
	}
	return b.String(), true
}

// formed gives a value in the form of {name:form}.
func formed(value, form string) string {
	if form == "" {
		return value
	}
	value = value[strings.LastIndexByte(value, '/')+1:]
	if hash, name, ok := strings.Cut(value, "-"); ok && len(hash) == 32 {
		value = name
	}
	value, _, _ = strings.Cut(value, "!") // an output, as in NAME.drv!out
	value = strings.TrimSuffix(value, ".drv")
	if form == "unversioned" {
		value, _ = store.SplitName(value)
	}
	return value
}

func harmless(value string) bool {
	for _, c := range value {
		ok := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("._-+@/", c)
		if !ok {
			return false
		}
	}
	return value[0] != '-'
}
