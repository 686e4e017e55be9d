package catalog

import (
	"encoding/binary"
	"maps"
	"slices"
	"strings"
	"sync"

	"luminousnix/internal/catalog/listing"
)

// encode lays out the index.
func (b *builder) encode(src Source) []byte {
	order, standings := b.rank()
	var sections [sectionCount][]byte
	sections[sectionSource] = src.appendText(nil)
	terms, newDoc := sortedTerms(b.texts), inverse(order)
	// Terms and records take the same time: one core for each.
	var both sync.WaitGroup
	both.Go(func() { b.encodeTerms(order, terms, &sections) })
	leaders := b.leaders(order)
	b.encodeRecords(order, &sections)
	le := binary.LittleEndian
	for doc, old := range order {
		v := uint32(standings[old]) | uint32(b.docs[old].descriptionWords)<<16 | uint32(b.docs[old].flags)<<24
		sections[sectionStandings] = le.AppendUint32(sections[sectionStandings], v)
		sections[sectionLeaders] = le.AppendUint32(sections[sectionLeaders], leaders[doc])
	}
	b.encodeSets(&sections)
	b.encodeVocabulary(inverse(terms), newDoc, &sections)
	both.Wait()
	return joinImage(len(order), len(b.texts), sections)
}

func flagsOf(e *listing.Entry, p place) uint8 {
	flags := uint8(p)
	for _, f := range [...]struct {
		on   bool
		flag uint8
	}{
		{e.Broken, flagBroken},
		{e.Unfree, flagUnfree},
		{e.Insecure, flagInsecure},
		{e.Unavailable, flagUnavailable},
		{e.Kind != listing.Package, flagOption},
		{e.Kind == listing.HomeOption, flagHome},
	} {
		if f.on {
			flags |= f.flag
		}
	}
	return flags
}

func (b *builder) encodeRecords(order []uint32, sections *[sectionCount][]byte) {
	le := binary.LittleEndian
	records := make([]byte, 0, 160*len(order))
	offsets := make([]byte, 0, 4*len(order)+4)
	for _, old := range order {
		offsets = le.AppendUint32(offsets, uint32(len(records)))
		records = b.appendRecord(records, &b.entries[old])
	}
	sections[sectionRecordOffsets] = le.AppendUint32(offsets, uint32(len(records)))
	sections[sectionRecords] = records

	offsets, records = nil, nil
	for _, text := range b.sharedTexts {
		offsets = le.AppendUint32(offsets, uint32(len(records)))
		records = append(records, text...)
	}
	sections[sectionSharedOffsets] = le.AppendUint32(offsets, uint32(len(records)))
	sections[sectionShared] = records

	// Listings are sorted by attribute, or nearly so: sorting starts from there.
	byAttribute := inverse(order)
	slices.SortFunc(byAttribute, func(x, y uint32) int {
		return strings.Compare(b.entries[order[x]].Attribute, b.entries[order[y]].Attribute)
	})
	for _, doc := range byAttribute {
		sections[sectionByAttribute] = le.AppendUint32(sections[sectionByAttribute], doc)
	}
}

func (b *builder) encodeSets(sections *[sectionCount][]byte) {
	for _, name := range slices.Sorted(maps.Keys(b.sets)) {
		if name != "" {
			set := &sections[sectionSets]
			*set = appendString(*set, name)
			*set = binary.AppendUvarint(*set, uint64(b.sets[name].members))
		}
	}
}

// encodeTerms writes the dictionary and the postings. terms are the numbers of
// terms in the order of their texts.
func (b *builder) encodeTerms(order, terms []uint32, sections *[sectionCount][]byte) {
	posts := b.sortedPosts(order, terms)
	le := binary.LittleEndian
	termOffsets := make([]byte, 0, 4*len(terms)+4)
	postOffsets := make([]byte, 0, 4*len(terms)+4)
	sketches := make([]sketch, 0, len(terms))
	texts := make([]byte, 0, 10*len(terms))
	postings := make([]byte, 0, 3*len(posts))
	for term, old := range terms {
		termOffsets = le.AppendUint32(termOffsets, uint32(len(texts)))
		postOffsets = le.AppendUint32(postOffsets, uint32(len(postings)))
		texts = append(texts, b.texts[old]...)

		n := 0
		for n < len(posts) && posts[n].term() == uint32(term) {
			n++
		}
		var s sketch
		postings, s = b.appendPostings(postings, posts[:n], order)
		posts = posts[n:]
		sketches = append(sketches, s|sketchOf(b.texts[old]))
	}
	sections[sectionTermOffsets] = le.AppendUint32(termOffsets, uint32(len(texts)))
	sections[sectionPostOffsets] = le.AppendUint32(postOffsets, uint32(len(postings)))
	sections[sectionTermTexts] = texts
	sections[sectionPostings] = postings
	for _, s := range sketches {
		sections[sectionTermSketches] = le.AppendUint64(sections[sectionTermSketches], uint64(s))
	}
	encodeSpelled(sketches, sections)
}

// appendPostings writes the postings of one term, one per document with the
// fields of all its occurrences, and sums them up.
func (b *builder) appendPostings(dst []byte, posts []post, order []uint32) ([]byte, sketch) {
	var s sketch
	documents, previous := 0, uint32(0)
	for i := 0; i < len(posts); {
		doc, fields := posts[i].doc(), uint8(0)
		for ; i < len(posts) && posts[i].doc() == doc; i++ {
			fields |= posts[i].fields()
		}
		dst = binary.AppendUvarint(dst, uint64(doc-previous))
		dst = append(dst, fields)
		previous = doc
		documents++
		s |= sketchFlags(fields, &b.docs[order[doc]])
	}
	return dst, s.withDocuments(documents)
}

func sketchFlags(fields uint8, d *builtDoc) (s sketch) {
	outside := place(d.flags&flagPlace) <= placeDesktop
	option := d.flags&flagOption != 0
	if fields&fieldWhole != 0 {
		s |= sketchWhole
		if outside && (!option || d.moduleSize > 0) {
			s |= sketchTopWhole
		}
	}
	if fields&(fieldWhole|fieldName|fieldProgram|fieldPath) != 0 && outside {
		s |= sketchName
	}
	if fields&fieldDescription != 0 {
		s |= sketchWords
	}
	return s
}

// sortedTerms returns the numbers of the terms in the order of their texts.
func sortedTerms(texts []string) []uint32 {
	type keyed struct {
		key  uint64 // the first eight bytes, which decide most comparisons
		term uint32
	}
	keys := make([]keyed, len(texts))
	for i, text := range texts {
		var first [8]byte
		copy(first[:], text)
		keys[i] = keyed{binary.BigEndian.Uint64(first[:]), uint32(i)}
	}
	slices.SortFunc(keys, func(x, y keyed) int {
		switch {
		case x.key < y.key:
			return -1
		case x.key > y.key:
			return 1
		}
		return strings.Compare(texts[x.term], texts[y.term])
	})
	out := make([]uint32, len(keys))
	for i, k := range keys {
		out[i] = k.term
	}
	return out
}

// sortedPosts returns the posts with final numbers, by term and document. Two
// counting sorts do in linear time what would take a second otherwise.
func (b *builder) sortedPosts(order, terms []uint32) []post {
	newDoc, newTerm := inverse(order), inverse(terms)
	posts := make([]post, len(b.posts))
	for i, p := range b.posts {
		posts[i] = newPost(newTerm[p.term()], newDoc[p.doc()], p.fields())
	}
	buf := make([]post, len(posts))
	countingSort(buf, posts, len(order), post.doc)
	countingSort(posts, buf, len(terms), post.term)
	return posts
}

func inverse(order []uint32) []uint32 {
	out := make([]uint32, len(order))
	for i, old := range order {
		out[old] = uint32(i)
	}
	return out
}

// countingSort sorts src into dst by a key below n and keeps the order of equal
// ones.
func countingSort(dst, src []post, n int, key func(post) uint32) {
	starts := make([]uint32, n+1)
	for _, p := range src {
		starts[key(p)+1]++
	}
	for i := range n {
		starts[i+1] += starts[i]
	}
	for _, p := range src {
		k := key(p)
		dst[starts[k]] = p
		starts[k]++
	}
}
