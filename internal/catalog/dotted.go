package catalog

import (
	"bytes"
	"cmp"
	"slices"
	"sort"
	"strings"
)

// isPath reports whether a query is written like the path of an option or package,
// whole or in part: "services.nginx", "python313Packages.num".
func isPath(text string) bool {
	dot := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '.':
			dot = true
		case c <= ' ' || c >= 0x7f:
			return false
		}
	}
	return dot && text[0] != '.'
}

// manyBelow is the number of documents below a path from which on only those that
// stand for a module, or for the variants of a package, are listed.
const manyBelow = 500

// listPath returns what lies at and below a path, best first: the path itself, what
// enables it, then what is less deep. What only begins like the path comes last.
func (m *image) listPath(path string, q Query) (r Results, ok bool) {
	path = strings.TrimSuffix(path, ".")
	first, _ := m.placeOfAttribute(path)
	end := m.endOfPath(first, path)
	var found []below
	for i := first; i < end; i++ {
		doc := m.u32(sectionByAttribute, i)
		if end-first > manyBelow && m.leader(doc) != doc {
			continue
		}
		if _, _, flags := m.standing(doc); q.Only.has(flags) {
			found = append(found, below{doc, 0})
		}
	}
	r.Total = len(found)
	if end-first <= manyBelow {
		for i := range found {
			found[i].rank = m.depthBelow(found[i].doc, len(path))
		}
	}
	slices.SortFunc(found, func(x, y below) int {
		return cmp.Or(cmp.Compare(x.rank, y.rank), cmp.Compare(x.doc, y.doc))
	})
	for i := q.Offset; i < min(len(found), q.Offset+q.Limit); i++ {
		doc, w := found[i].doc, whyPrefix
		e := m.entry(doc)
		if e.Attribute == path {
			w = whyName
		}
		standing, _, _ := m.standing(doc)
		r.Hits = append(r.Hits, Hit{Entry: e, Score: 2 - 0.1*float64(found[i].rank) + 0.1*float64(standing), Why: w.texts()})
	}
	return r, len(found) > 0
}

// endOfPath returns the place after the last of the attributes from first on that
// begin with path.
func (m *image) endOfPath(first uint32, path string) uint32 {
	key := []byte(path)
	n := sort.Search(int(m.documents-first), func(i int) bool {
		return !bytes.HasPrefix(m.recordText(m.u32(sectionByAttribute, first+uint32(i)), textAttribute), key)
	})
	return first + uint32(n)
}

// below is a document whose attribute begins with a path.
type below struct {
	doc  uint32
	rank int // how far from the path, 0 for the path itself
}

func (m *image) depthBelow(doc uint32, length int) int {
	rest := m.recordText(doc, textAttribute)
	rest = rest[min(length, len(rest)):]
	_, _, flags := m.standing(doc)
	rank := 2 + bytes.Count(rest, []byte("."))
	switch {
	case len(rest) == 0:
		rank = 0
	case string(rest) == ".enable":
		rank = 1
	case rest[0] != '.':
		rank += 10
	}
	if flags&flagHome != 0 {
		rank++ // after those of NixOS
	}
	return rank
}
