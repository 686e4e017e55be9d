package catalog

import (
	"cmp"
	"slices"
	"strings"
)

// Lookup returns the packages that go by exactly this name, best first: the
// attribute, then packages whose own name it is, then what the vocabulary knows
// it as ("chrome" is google-chrome). Upper and lower case count only if nothing
// fits without.
func (c *Catalog) Lookup(name string) []Package {
	docs := c.image.named(name)
	if len(docs) == 0 || c.image.onlyInSets(docs) {
		for _, other := range sharedVocabulary().alias(name) {
			docs = append(docs, c.image.named(other)...)
		}
	}
	if len(docs) == 0 {
		docs = c.image.namedLike(name)
	}
	out := make([]Package, 0, len(docs))
	seen := make(map[uint32]bool, len(docs))
	for _, doc := range docs {
		if !seen[doc] {
			seen[doc] = true
			out = append(out, c.image.pkg(doc))
		}
	}
	return out
}

// onlyInSets reports whether all documents are libraries of languages, plugins
// and the like.
func (m *image) onlyInSets(docs []uint32) bool {
	return !slices.ContainsFunc(docs, func(doc uint32) bool {
		_, _, flags := m.standing(doc)
		return place(flags&flagPlace) < placeLanguage
	})
}

// named returns the documents with this attribute, package name or last part of
// the attribute, best first.
func (m *image) named(name string) []uint32 {
	var out []uint32
	exact, isAttribute := m.byAttribute(name)
	if isAttribute {
		out = append(out, exact)
	}
	for _, doc := range m.namedLike(name) {
		set, last := splitAttribute(string(m.recordText(doc, textAttribute)))
		own := string(m.recordText(doc, textName))
		if (last == name || own == name || bareName(family(set), own) == name) && !(isAttribute && doc == exact) {
			out = append(out, doc)
		}
	}
	return out
}

// namedLike returns the documents whose name has the same letters and digits as
// this one, best first: nearest to what a channel would call the default.
func (m *image) namedLike(name string) []uint32 {
	key := joined(name)
	term, ok := m.findTerm(key)
	if !ok || key == "" {
		return nil
	}
	var out []uint32
	m.eachPosting(term, func(doc uint32, fields uint8) {
		if fields&fieldWhole != 0 {
			out = append(out, doc)
		}
	})
	slices.SortStableFunc(out, func(x, y uint32) int { return cmp.Compare(m.oddity(x, key), m.oddity(y, key)) })
	return out
}

// How little a document's attribute has to do with the name it is looked up by,
// best first.
const (
	oddityNone      = iota // the attribute is the name
	oddityDefault          // python313Packages.python for python3
	oddityVersioned        // python312 for python3, kdePackages.kate for kate
	oddityUnrelated        // jupyter, which calls itself python3
	oddityPrograms         // in a set that holds programs as well
	oddityLibrary          // in another set
)

// oddity compares a document's attribute with a name; key is joined(name). A
// listing has each derivation once, so what everybody calls python3 may only be
// there as python313Packages.python: the interpreter within its own set is the
// default one.
func (m *image) oddity(doc uint32, key string) int {
	set, last := splitAttribute(string(m.recordText(doc, textAttribute)))
	last = joined(last)
	bare := string(withoutDigits([]byte(key)))
	switch {
	case set == "" && last == key:
		return oddityNone
	case set != "" && (last == bare || last == key) && isPackagesOf(set, bare):
		return oddityDefault
	case set == "" && strings.HasPrefix(last, bare), placeOf(set) == placeDesktop:
		return oddityVersioned
	case holdsPrograms(set):
		return oddityPrograms
	case set != "":
		return oddityLibrary
	}
	return oddityUnrelated
}

// isPackagesOf reports whether a set holds the packages of a language or
// program: python313Packages for python, nodePackages for nodejs.
func isPackagesOf(set, key string) bool {
	f, ok := strings.CutSuffix(family(set), "packages")
	return ok && f != "" && strings.HasPrefix(key, f)
}

// holdsPrograms reports whether a language set is known to hold programs as
// well: a listing that has each derivation once gives many Python programs only
// there.
func holdsPrograms(set string) bool { return family(set) == "pythonpackages" }

// meant returns the document that the vocabulary means by a name: a program,
// not some library of the same name.
func (m *image) meant(name string) (uint32, bool) {
	docs := m.named(name)
	if len(docs) == 0 {
		return 0, false
	}
	set, last := splitAttribute(string(m.recordText(docs[0], textAttribute)))
	if set+"."+last == name || placeOf(set) < placeLanguage || isPackagesOf(set, joined(name)) || holdsPrograms(set) {
		return docs[0], true
	}
	return 0, false
}

// Nearest returns names of packages that are spelled like name, nearest first,
// for "did you mean". Names that only exist in sets are left out.
func (c *Catalog) Nearest(name string, limit int) []string {
	m := c.image
	key := joined(name)
	if key == "" || limit <= 0 {
		return nil
	}
	type near struct {
		spelling
		doc uint32
	}
	var found []near
	for _, sp := range m.spellings(key, max(allowedDistance(key), 1), sketchTopWhole) {
		if docs := m.namedLike(string(m.term(sp.term))); len(docs) > 0 {
			found = append(found, near{sp, slices.Min(docs)})
		}
	}
	slices.SortFunc(found, func(x, y near) int {
		return cmp.Or(cmp.Compare(x.distance, y.distance), cmp.Compare(x.doc, y.doc))
	})
	var out []string
	for _, f := range found {
		attribute := string(m.recordText(f.doc, textAttribute))
		if attribute != name && !slices.Contains(out, attribute) {
			out = append(out, attribute)
		}
		if len(out) == limit {
			break
		}
	}
	return out
}
