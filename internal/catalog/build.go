package catalog

import (
	"context"
	"math"
	"strings"

	"luminousnix/internal/catalog/listing"
	"luminousnix/internal/catalog/vocabulary"
)

// build reads a source and returns its index.
func build(ctx context.Context, src Source, onBuild func(done, total int64)) ([]byte, error) {
	b := newBuilder()
	err := src.read(ctx, onBuild, func(entries []listing.Entry) {
		for i := range entries {
			b.add(entries[i])
		}
	})
	if err != nil {
		return nil, err
	}
	b.finish(vocabulary.Default(), src.Renames)
	return b.encode(src), nil
}

// A builder gathers documents and the terms in them. Documents and terms are
// numbered as they come; encode gives them their final order.
type builder struct {
	entries []listing.Entry
	docs    []builtDoc
	terms   map[string]uint32
	texts   []string          // of the terms
	words   map[string]uint32 // words as descriptions write them → number in spoken
	spoken  []spokenWord
	posts   []post

	sets map[string]*attributeSet
	set  *attributeSet // of the last document: mostly the next one's as well

	shared      map[string]int // shared text → number
	sharedTexts []string

	builtVocabulary
	known []bool // by document: the vocabulary names it
}

// An attributeSet is what all members of a set have in common.
type attributeSet struct {
	name, family string
	place        place
	number       uint16   // 313 for python313Packages
	terms        []uint32 // of its name
	members      uint32
}

// A spokenWord is a word before stemming.
type spokenWord struct {
	stem uint32 // term, or ignored
	// inText counts how often descriptions have it, and asName how often of that
	// with a capital letter in the middle of a sentence.
	inText, asName uint32
}

type builtDoc struct {
	set              *attributeSet // nil for options
	whole            uint32        // term of the name
	subject          uint32        // for options: the term that it is known by
	descriptionWords uint8
	flags            uint8  // as in sectionStandings
	module           uint32 // for options: the document that stands for its module
	moduleSize       uint32 // of that document: how many options the module has
	below            uint32 // for options: how many lie below it
}

// A post says that a term occurs in a document: term in the upper 28 bits, then
// document in 28, then fields in 8.
type post uint64

func newPost(term, doc uint32, fields uint8) post {
	return post(term)<<36 | post(doc)<<8 | post(fields)
}

func (p post) term() uint32  { return uint32(p >> 36) }
func (p post) doc() uint32   { return uint32(p>>8) & (1<<28 - 1) }
func (p post) fields() uint8 { return uint8(p) }

// ignored stands for words that don't belong in the index.
const ignored = math.MaxUint32

func newBuilder() *builder {
	return &builder{
		entries: make([]listing.Entry, 0, 160_000),
		docs:    make([]builtDoc, 0, 160_000),
		terms:   make(map[string]uint32, 1<<18),
		words:   make(map[string]uint32, 1<<17),
		posts:   make([]post, 0, 1<<21),
		sets:    make(map[string]*attributeSet),
		shared:  make(map[string]int),
	}
}

func (b *builder) termOf(word []byte) uint32 {
	if t, ok := b.terms[string(word)]; ok {
		return t
	}
	t, text := uint32(len(b.texts)), string(word)
	b.terms[text] = t
	b.texts = append(b.texts, text)
	return t
}

// spokenOf returns the number of a word in b.spoken.
func (b *builder) spokenOf(word []byte) uint32 {
	if i, ok := b.words[string(word)]; ok {
		return i
	}
	text, i := string(word), uint32(len(b.spoken))
	w := spokenWord{stem: ignored}
	if classify(text) != noise {
		w.stem = b.termOf([]byte(stem(text)))
	}
	b.words[text] = i
	b.spoken = append(b.spoken, w)
	return i
}

func (b *builder) add(e listing.Entry) {
	for _, text := range []*string{
		&e.Attribute, &e.Name, &e.Version, &e.Description, &e.Homepage, &e.License, &e.MainProgram, &e.Programs,
		&e.Position, &e.Type, &e.Default, &e.Example, &e.Related,
	} {
		*text = cleanText(*text)
	}
	if e.Attribute == "" {
		return
	}
	doc := uint32(len(b.entries))
	var d builtDoc
	if e.Kind == listing.Package {
		d = b.addPackage(doc, &e)
	} else {
		d = b.addOption(doc, &e)
	}
	d.descriptionWords = uint8(min(b.addDescription(doc, e.Description), 255))
	b.entries = append(b.entries, e)
	b.docs = append(b.docs, d)
}

func (b *builder) addPackage(doc uint32, e *listing.Entry) builtDoc {
	setName, last := splitAttribute(e.Attribute)
	set := b.setOf(setName)
	set.members++
	whole := b.addWhole(doc, last)
	if name := set.bare(e.Name); name != last {
		b.addWhole(doc, name)
	}
	for _, t := range set.terms {
		b.posts = append(b.posts, newPost(t, doc, fieldSet))
	}
	if word := homeWord(e.Homepage); word != "" {
		b.posts = append(b.posts, newPost(b.termOf([]byte(word)), doc, fieldDescription))
	}
	b.addProgram(doc, e.MainProgram)
	for program := range strings.FieldsSeq(e.Programs) {
		b.addProgram(doc, program)
	}
	return builtDoc{set: set, whole: whole, flags: flagsOf(e, set.place)}
}

// addProgram adds the name of a program: as it is, and as a word.
func (b *builder) addProgram(doc uint32, name string) {
	if name == "" {
		return
	}
	b.posts = append(b.posts, newPost(b.termOf(programTerm(name)), doc, fieldProgram))
	if word := joined(name); word != "" && word != string(programTerm(name)) {
		b.posts = append(b.posts, newPost(b.termOf([]byte(word)), doc, fieldProgram))
	}
}

// programTerm is the term under which a program is found by its exact name, such as
// "g++".
func programTerm(name string) []byte {
	return []byte(strings.ToLower(name[:min(len(name), maxWord)]))
}

func (b *builder) setOf(name string) *attributeSet {
	if b.set != nil && b.set.name == name {
		return b.set
	}
	set, ok := b.sets[name]
	if !ok {
		set = &attributeSet{name: name, family: family(name), place: placeOf(name), number: setNumber(name)}
		if name != "" {
			set.terms = append(set.terms, b.termOf([]byte(joined(name))))
			eachNamePart(name, func(part []byte) {
				// A third of all packages is in a set of that name: it tells nothing.
				if string(part) != "packages" {
					set.terms = append(set.terms, b.termOf(part))
				}
			})
		}
		b.sets[name] = set
	}
	b.set = set
	return set
}

// addDescription returns the number of words that count.
func (b *builder) addDescription(doc uint32, text string) (words int) {
	var names [8]uint32 // in spoken
	capitals := 0
	eachWord(text, func(word []byte, proper bool) {
		i := b.spokenOf(word)
		w := &b.spoken[i]
		if w.stem == ignored || words == maxDescription {
			return
		}
		w.inText++
		if proper {
			if capitals < len(names) {
				names[capitals] = i
			}
			capitals++
		}
		fields := uint8(fieldDescription)
		if words < 3 {
			fields |= fieldLead
		}
		words++
		b.posts = append(b.posts, newPost(w.stem, doc, fields))
	})
	// Where Most Words Are Written Like This it means nothing.
	if 3*capitals <= 2*words {
		for _, i := range names[:min(capitals, len(names))] {
			b.spoken[i].asName++
		}
	}
	return words
}

// maxDescription is the number of words of a description that are found: what an
// option is about stands at the beginning, warnings and examples below.
const maxDescription = 40

// addWhole adds a name and its parts and returns the term of the whole.
func (b *builder) addWhole(doc uint32, name string) uint32 {
	var buf [maxWord]byte
	whole := b.termOf(appendJoined(buf[:0], name))
	b.posts = append(b.posts, newPost(whole, doc, fieldWhole))
	fields := uint8(fieldName | fieldHead)
	eachNamePart(name, func(part []byte) {
		b.posts = append(b.posts, newPost(b.termOf(part), doc, fields))
		fields = fieldName
	})
	return whole
}

// stemNames adds the stems of those parts of names that are words of
// descriptions too, so that "editors" finds what is named editor. It runs at
// the end since a listing's names would take as long to stem as all the rest.
func (b *builder) stemNames() {
	stemOf := make([]uint32, len(b.texts))
	for t, text := range b.texts {
		stemOf[t] = ignored
		if i, ok := b.words[text]; ok && b.spoken[i].stem != uint32(t) {
			stemOf[t] = b.spoken[i].stem
		}
	}
	for _, p := range b.posts {
		if stemmed := stemOf[p.term()]; stemmed != ignored && p.fields()&(fieldName|fieldPath) != 0 {
			b.posts = append(b.posts, newPost(stemmed, p.doc(), p.fields()))
		}
	}
}
