package catalog

import (
	"bytes"
	"strconv"
	"strings"
)

// askedSet returns the attribute set that a query asks to list, or "": "python
// packages", "what vim plugins are available?", "python313Packages." Where
// there are several of a kind it is the newest.
func (m *image) askedSet(text string) string {
	text = strings.TrimSpace(text)
	exact := strings.TrimSuffix(text, ".")
	var said strings.Builder
	eachWord(text, func(word []byte, _ bool) {
		if string(word) != "all" && classify(string(word)) != noise {
			said.Write(word)
		}
	})
	wanted := said.String()
	if !saysSet(wanted) {
		wanted = ""
	}
	if _, set := m.alias(wanted); set != "" {
		wanted = family(set)
	}
	if wanted == "" && exact == text {
		return ""
	}
	var best string
	var bestMembers uint32
	m.eachSet(func(raw []byte, members uint32) bool {
		if string(raw) == exact && (exact != text || wanted != "") {
			best = exact
			return false
		}
		if wanted == "" || members < 5 || len(raw)+1 < len(wanted) || bytes.IndexByte(raw, '.') >= 0 || raw[0]|0x20 != wanted[0] {
			return true
		}
		name := string(raw)
		if f := family(name); f == wanted || f == wanted+"s" {
			// A much smaller set is a new version that isn't filled yet.
			if best == "" || 2*members > bestMembers && newer(name, best) {
				best, bestMembers = name, members
			}
		}
		return true
	})
	return best
}

// saysSet reports whether a query ends like a question for the members of a
// set.
func saysSet(wanted string) bool {
	for _, end := range [...]string{"package", "plugin", "extension", "font", "dict", "grammar", "addon", "script", "provider"} {
		if strings.HasSuffix(strings.TrimSuffix(wanted, "s"), end) {
			return len(wanted) > len(end)+1
		}
	}
	return false
}

// newer compares the numbers in set names: python313Packages is newer than
// python39Packages, and one with a number newer than one without.
func newer(a, b string) bool {
	a, b = digits(a), digits(b)
	if len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		// Versions without dots: 39 is 3.9, 313 is 3.13.
		return len(a) > len(b) || len(a) == len(b) && a > b
	}
	return a > b
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// setNumber is the number in a set's name, 0 if there is none.
func setNumber(set string) uint16 {
	n, err := strconv.ParseUint(digits(set), 10, 16)
	if err != nil {
		return 0
	}
	return uint16(n)
}

// listSet returns the members of a set, best first.
func (m *image) listSet(set string, q Query) Results {
	r := Results{Set: set}
	term, ok := m.findTerm(joined(set))
	if !ok {
		return r
	}
	m.eachPosting(term, func(doc uint32, fields uint8) {
		if fields&fieldSet == 0 {
			return
		}
		if in, _ := splitAttribute(m.attribute(doc)); in != set {
			return
		}
		if r.Total >= q.Offset && len(r.Hits) < q.Limit {
			standing, _, _ := m.standing(doc)
			r.Hits = append(r.Hits, Hit{Entry: m.entry(doc), Score: float64(standing), Why: whySet.texts()})
		}
		r.Total++
	})
	return r
}
