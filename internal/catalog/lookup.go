package catalog

import (
	"cmp"
	"slices"
	"strings"
)

// Lookup returns the packages and options that go by exactly this name, best first:
// the attribute, then packages whose own name it is, then what the vocabulary knows
// it as ("chrome" is google-chrome). Upper and lower case count only if nothing
// fits without.
func (c *Catalog) Lookup(name string) []Entry {
	docs := c.image.named(name)
	if len(docs) == 0 || c.image.onlyInSets(docs) {
		aliased, _ := c.image.alias(joined(name))
		docs = append(aliased, docs...) // rg is ripgrep, and not Haskell's
	}
	if len(docs) == 0 {
		docs = c.image.namedLike(name)
	}
	out := make([]Entry, 0, len(docs))
	seen := make(map[uint32]bool, len(docs))
	for _, doc := range docs {
		if !seen[doc] {
			seen[doc] = true
			out = append(out, c.image.entry(doc))
		}
	}
	return out
}

// Version returns the version of the package with exactly this attribute.
func (c *Catalog) Version(attribute string) (version string, ok bool) {
	doc, ok := c.image.byAttribute(attribute)
	if !ok || c.image.isOption(doc) {
		return "", false
	}
	return string(c.image.recordText(doc, textVersion)), true
}

// WithProgram returns the packages that are known to have a program of exactly this
// name, best first, and after them those that have the name of the program.
func (c *Catalog) WithProgram(program string) []Entry {
	m := c.image
	var docs []uint32
	if t, ok := m.findTerm(string(programTerm(program))); ok {
		m.eachPosting(t, func(doc uint32, fields uint8) {
			if fields&fieldProgram != 0 {
				docs = append(docs, doc)
			}
		})
	}
	named := m.named(program)
	slices.SortStableFunc(docs, func(x, y uint32) int {
		return cmp.Compare(m.oddity(x, joined(program)), m.oddity(y, joined(program)))
	})
	var out []Entry
	for _, doc := range append(docs, named...) {
		_, _, flags := m.standing(doc)
		listed := slices.ContainsFunc(out, func(e Entry) bool { return e.Attribute == m.attribute(doc) })
		if flags&flagOption == 0 && !listed {
			out = append(out, m.entry(doc))
		}
	}
	return out
}

// OptionFor returns the option that switches on what a package is about: the one of
// NixOS nearest to the root that names the package, or has its name.
func (c *Catalog) OptionFor(attribute string) (option string, ok bool) {
	m := c.image
	doc, found := m.byAttribute(attribute)
	if !found {
		return "", false
	}
	t, found := m.findTerm(joined(string(m.recordText(doc, textName))))
	if !found {
		return "", false
	}
	least := 0
	m.eachPosting(t, func(doc uint32, fields uint8) {
		_, _, flags := m.standing(doc)
		if fields&fieldWhole == 0 || flags&(flagOption|flagHome) != flagOption || m.leader(doc) != doc {
			return
		}
		path := m.attribute(doc)
		if depth := strings.Count(path, "."); !ok || depth < least {
			option, ok, least = path, true, depth
		}
	})
	return option, ok && least <= 3
}

// Siblings returns options of the same module, best first.
func (c *Catalog) Siblings(option string, most int) (paths []string) {
	m := c.image
	parent, _ := splitAttribute(option)
	if parent == "" {
		return nil
	}
	r, _ := m.listPath(parent, Query{Limit: most + 1, Only: Options})
	for _, hit := range r.Hits {
		if hit.Attribute != option && strings.HasPrefix(hit.Attribute, parent+".") && len(paths) < most {
			paths = append(paths, hit.Attribute)
		}
	}
	return paths
}

// A Rename tells what became of a name that nixpkgs had once.
type Rename struct {
	Old    string
	New    []string // names that are meant now; none if nothing replaces it
	Reason string   // may be empty
}

// Renamed tells what became of a name, as far as is known.
func (c *Catalog) Renamed(name string) (r Rename, ok bool) {
	t, found := c.image.findTerm(joined(name))
	if !found {
		return r, false
	}
	c.image.eachRelated(sectionRenames, t, func(data related) {
		old, now, reason := string(data.bytes()), string(data.bytes()), string(data.bytes())
		if strings.EqualFold(old, name) && !ok {
			r, ok = Rename{old, strings.Fields(now), reason}, true
		}
	})
	return r, ok
}

// alias returns what people mean by a joined name: documents, or a set.
func (m *image) alias(key string) (docs []uint32, set string) {
	if t, ok := m.findTerm(key); ok && key != "" {
		m.eachRelated(sectionAliases, t, func(data related) {
			docs = data.numbers(docs)
			if s := data.bytes(); len(s) > 0 {
				set = string(s)
			}
		})
	}
	return slices.DeleteFunc(docs, func(doc uint32) bool { return doc >= m.documents }), set
}

// InLibrary reports whether an attribute is in a set of a language's libraries, a program's
// plugins, or parts of no use by themselves. Sets that are known to hold programs as well,
// such as certbot, are none of these.
func InLibrary(attribute string) bool {
	set, _ := splitAttribute(attribute)
	return placeOf(set) >= placeLanguage && !holdsPrograms(set)
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
		if m.isOption(doc) {
			continue // an option is only meant by its path
		}
		set, last := splitAttribute(m.attribute(doc))
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
func oddity(attribute, key string) int {
	set, last := splitAttribute(attribute)
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

func (m *image) oddity(doc uint32, key string) int { return oddity(m.attribute(doc), key) }

func (m *image) isOption(doc uint32) bool {
	_, _, flags := m.standing(doc)
	return flags&flagOption != 0
}

// isPackagesOf reports whether a set holds the packages of a language or
// program: python313Packages for python, nodePackages for nodejs.
func isPackagesOf(set, key string) bool {
	f, ok := strings.CutSuffix(family(set), "packages")
	return ok && f != "" && strings.HasPrefix(key, f)
}

// holdsPrograms reports whether a language set is known to hold programs as
// well: a listing that has each derivation once gives many Python programs, and
// Erlang itself, only there.
func holdsPrograms(set string) bool {
	f := family(set)
	return f == "pythonpackages" || f == "beampackages"
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
		docs := slices.DeleteFunc(m.namedLike(string(m.term(sp.term))), m.isOption)
		if len(docs) > 0 {
			found = append(found, near{sp, slices.Min(docs)})
		}
	}
	slices.SortFunc(found, func(x, y near) int {
		return cmp.Or(cmp.Compare(x.distance, y.distance), cmp.Compare(x.doc, y.doc))
	})
	var out []string
	for _, f := range found {
		attribute := m.attribute(f.doc)
		if attribute != name && !slices.Contains(out, attribute) {
			out = append(out, attribute)
		}
		if len(out) == limit {
			break
		}
	}
	return out
}
