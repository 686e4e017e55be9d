package catalog

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"

	"luminousnix/internal/catalog/listing"
	"luminousnix/internal/catalog/vocabulary"
)

// builtVocabulary is what the builder makes of the words that people use: relations from
// terms to documents and to other terms.
type builtVocabulary struct {
	concepts []builtConcept
	synonyms []builtSynonym
	aliases  []builtAlias
	renames  []builtRename
}

type builtConcept struct {
	phrases [][]uint32 // terms of stems
	docs    []uint32
}

type builtSynonym struct {
	stem   uint32
	others []uint32 // terms of stems
}

type builtAlias struct {
	name uint32 // term
	docs []uint32
	set  string // an attribute set is meant, not docs
}

type builtRename struct {
	name uint32 // term
	vocabulary.Rename
}

// finish takes in the vocabulary and what only all documents together tell.
func (b *builder) finish(v *vocabulary.Vocabulary, renames []vocabulary.Rename) {
	b.findModules()
	b.known = make([]bool, len(b.entries))
	r := newResolver(b)
	for _, p := range v.Programs {
		if doc, ok := r.meant(p.Package); ok {
			b.addPrograms(doc, p.Programs)
		}
	}
	for _, a := range v.Aliases {
		b.addAlias(r, a)
	}
	for _, s := range v.Synonyms {
		b.addSynonym(s)
	}
	for _, c := range v.Concepts {
		b.addConcept(r, c)
	}
	for _, rename := range append(renames, v.Renames...) {
		b.renames = append(b.renames, builtRename{b.termOf([]byte(joined(rename.Old))), rename})
	}
	b.stemNames()
}

func (b *builder) addPrograms(doc uint32, programs []string) {
	e := &b.entries[doc]
	known := strings.Fields(e.Programs)
	for _, program := range programs {
		if program != e.MainProgram && !slices.Contains(known, program) {
			known = append(known, program)
			b.addProgram(doc, program)
		}
	}
	e.Programs = strings.Join(known, " ")
}

func (b *builder) addAlias(r *resolver, a vocabulary.Alias) {
	var built builtAlias
	for _, target := range a.Targets {
		if doc, ok := r.meant(target); ok {
			built.docs = append(built.docs, doc)
			b.known[doc] = true
		} else if b.sets[target] != nil {
			built.set = target
		}
	}
	if built.set == "" && len(built.docs) == 0 {
		return
	}
	for _, name := range a.Names {
		built.name = b.termOf([]byte(joined(name)))
		b.aliases = append(b.aliases, built)
	}
}

func (b *builder) addSynonym(s vocabulary.Synonym) {
	var others []uint32
	for _, other := range s.Others {
		others = append(others, b.termOf([]byte(stem(strings.ToLower(other)))))
	}
	for _, word := range s.Words {
		b.synonyms = append(b.synonyms, builtSynonym{b.termOf([]byte(stem(strings.ToLower(word)))), others})
	}
}

// addConcept resolves a concept. Whoever looks for a purpose may want to switch it
// on as much as to install it: the options, and the modules of the best packages,
// come after those.
func (b *builder) addConcept(r *resolver, c vocabulary.Concept) {
	var built builtConcept
	add := func(doc uint32) {
		if !slices.Contains(built.docs, doc) {
			built.docs = append(built.docs, doc)
			b.known[doc] = true
		}
	}
	packages := r.packages(c.Packages)
	best := min(len(packages), bestOfConcept)
	for _, doc := range packages[:best] {
		add(doc)
	}
	for _, path := range c.Options {
		if doc, ok := r.options[path]; ok {
			add(doc)
		}
	}
	for _, doc := range packages[:best] {
		if module, ok := r.modules[doc]; ok {
			add(module)
		}
	}
	for _, doc := range packages[best:] {
		add(doc)
	}
	for _, phrase := range c.Phrases {
		var stems []uint32
		eachWord(strings.Join(phrase, " "), func(word []byte, _ bool) {
			if classify(string(word)) != noise {
				stems = append(stems, b.termOf([]byte(stem(string(word)))))
			}
		})
		if len(stems) > 0 {
			built.phrases = append(built.phrases, stems)
		}
	}
	if len(built.docs) > 0 {
		b.concepts = append(b.concepts, built)
	}
}

// bestOfConcept is how many packages of a concept come before its options.
const bestOfConcept = 2

// A resolver finds the documents that the vocabulary means.
type resolver struct {
	b       *builder
	byName  map[uint32][]uint32 // term of a whole name → packages
	options map[string]uint32   // of NixOS, by path
	modules map[uint32]uint32   // package → option that stands for its module
}

func newResolver(b *builder) *resolver {
	r := &resolver{b, make(map[uint32][]uint32, len(b.entries)), make(map[string]uint32), make(map[uint32]uint32)}
	for _, p := range b.posts {
		if p.fields()&fieldWhole != 0 && b.entries[p.doc()].Kind == listing.Package {
			r.byName[p.term()] = append(r.byName[p.term()], p.doc())
		}
	}
	for doc := range b.entries {
		if e := &b.entries[doc]; e.Kind == listing.Option {
			r.options[e.Attribute] = uint32(doc)
		}
	}
	r.findModules()
	return r
}

// findModules finds the modules of packages: the module says which package it is
// about, or has its name. The one nearest to the root counts.
func (r *resolver) findModules() {
	for doc := range r.b.docs {
		e, d := &r.b.entries[doc], &r.b.docs[doc]
		if e.Kind != listing.Option || d.moduleSize == 0 {
			continue
		}
		pkg, ok := r.meant(strings.SplitN(e.Related+" ", " ", 2)[0])
		if !ok {
			pkg, ok = r.meant(r.b.texts[d.whole])
		}
		if !ok {
			continue
		}
		old, found := r.modules[pkg]
		if !found || cmp.Or(
			cmp.Compare(strings.Count(e.Attribute, "."), strings.Count(r.b.entries[old].Attribute, ".")),
			-cmp.Compare(d.moduleSize, r.b.docs[old].moduleSize),
			cmp.Compare(e.Attribute, r.b.entries[old].Attribute),
		) < 0 {
			r.modules[pkg] = uint32(doc)
		}
	}
}

// packages returns those that are meant by names.
func (r *resolver) packages(names []string) (docs []uint32) {
	for _, name := range names {
		if doc, ok := r.meant(name); ok {
			docs = append(docs, doc)
		}
	}
	return docs
}

// meant returns the package that the vocabulary means by a name: a program, not
// some library of the same name.
func (r *resolver) meant(name string) (uint32, bool) {
	b, key := r.b, joined(name)
	if set, last := splitAttribute(name); set != "" && b.sets[set] != nil {
		key = joined(last)
	}
	t, ok := b.terms[key]
	if !ok {
		return 0, false
	}
	best, found := uint32(0), false
	for _, doc := range r.byName[t] {
		e := &b.entries[doc]
		set, last := splitAttribute(e.Attribute)
		own := b.docs[doc].set.bare(e.Name)
		if e.Attribute == name {
			return doc, true
		}
		if name != last && name != own && name != e.Name {
			continue
		}
		if place := placeOf(set); place >= placeLanguage && !isPackagesOf(set, key) && !holdsPrograms(set) {
			continue
		}
		if !found || r.better(doc, best, key) {
			best, found = doc, true
		}
	}
	return best, found
}

// last is less for the attribute that says it is the latest of several.
func last(attribute string) int {
	if strings.HasSuffix(attribute, "-latest") {
		return 0
	}
	return 1
}

func (r *resolver) better(x, y uint32, key string) bool {
	a, b := &r.b.entries[x], &r.b.entries[y]
	return cmp.Or(
		cmp.Compare(oddity(a.Attribute, key), oddity(b.Attribute, key)),
		cmp.Compare(last(a.Attribute), last(b.Attribute)),
		-cmp.Compare(r.b.docs[x].set.number, r.b.docs[y].set.number),
		cmp.Compare(len(a.Attribute), len(b.Attribute)),
		cmp.Compare(a.Attribute, b.Attribute),
	) < 0
}

// encodeVocabulary writes the relations. newTerm and newDoc are the final numbers.
func (b *builder) encodeVocabulary(newTerm, newDoc []uint32, sections *[sectionCount][]byte) {
	data := &sections[sectionRelations]
	place := func() uint32 { return uint32(len(*data)) }
	var phrases, synonyms, aliases, renames relation
	for _, c := range b.concepts {
		docs := place()
		*data = appendNumbers(*data, renumber(newDoc, c.docs))
		for _, stems := range c.phrases {
			// The phrase is found by its rarest word, which is the longest for want of
			// something better, and checked by the others.
			key := slices.MaxFunc(stems, func(x, y uint32) int { return len(b.texts[x]) - len(b.texts[y]) })
			phrases = append(phrases, pair{key, place()})
			*data = appendNumbers(*data, renumber(newTerm, stems))
			*data = binary.AppendUvarint(*data, uint64(docs))
		}
	}
	for _, s := range b.synonyms {
		synonyms = append(synonyms, pair{s.stem, place()})
		*data = appendNumbers(*data, renumber(newTerm, s.others))
	}
	for _, a := range b.aliases {
		aliases = append(aliases, pair{a.name, place()})
		*data = appendNumbers(*data, renumber(newDoc, a.docs))
		*data = appendString(*data, a.set)
	}
	for _, r := range b.renames {
		renames = append(renames, pair{r.name, place()})
		for _, text := range []string{r.Old, strings.Join(r.New, " "), r.Reason} {
			*data = appendString(*data, cleanText(text))
		}
	}
	for section, r := range map[int]relation{
		sectionPhrases: phrases, sectionSynonyms: synonyms, sectionAliases: aliases, sectionRenames: renames,
	} {
		sections[section] = r.encode(nil, newTerm)
	}
}

func renumber(numbers, old []uint32) []uint32 {
	out := make([]uint32, len(old))
	for i, n := range old {
		out[i] = numbers[n]
	}
	return out
}
