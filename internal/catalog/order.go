package catalog

import (
	"slices"
	"strings"
)

// mentions returns for each term how often it stands for something known by
// that name: "Redis" in the description of something else. Many packages are
// named by an everyday word (file, time, tree); what tells them apart is how
// seldom descriptions write that word with a capital letter. Parts of other
// packages' names count in the same proportion.
func (b *builder) mentions() []float64 {
	inNames := make([]uint32, len(b.texts))
	for _, p := range b.posts {
		if p.fields()&(fieldName|fieldSet) != 0 {
			inNames[p.term()]++
		}
	}
	out := make([]float64, len(b.texts))
	for t, text := range b.texts {
		var w spokenWord
		if i, ok := b.words[text]; ok {
			w = b.spoken[i]
		}
		share := (float64(w.asName) + 0.3) / (float64(w.inText) + 1)
		out[t] = float64(w.asName) + share*float64(min(inNames[t], 1000))
	}
	return out
}

// rank decides the final order of documents: order[i] is the document that
// becomes number i, and standings are by old number.
func (b *builder) rank() (order []uint32, standings []uint16) {
	mentions := b.mentions()
	order = make([]uint32, len(b.entries))
	standings = make([]uint16, len(b.entries))
	outside := make([]bool, len(b.texts)) // names outside of language sets
	for i := range b.docs {
		if d := &b.docs[i]; place(d.flags&flagPlace) < placeLanguage {
			outside[d.whole] = true
		}
	}
	for i := range b.entries {
		whole := b.docs[i].whole
		standings[i] = uint16(standing(&b.entries[i], b.docs[i].set, mentions[whole], outside[whole]) * 0xffff)
	}
	// One number holds what decides nearly all comparisons: the standing, the
	// shorter attribute, the newer set.
	type keyed struct {
		key uint64
		doc uint32
	}
	keys := make([]keyed, len(b.entries))
	for i := range keys {
		key := uint64(^standings[i])<<32 | uint64(min(len(b.entries[i].Attribute), 0xffff))<<16 | uint64(^b.docs[i].set.number)
		keys[i] = keyed{key, uint32(i)}
	}
	slices.SortFunc(keys, func(x, y keyed) int {
		switch {
		case x.key < y.key:
			return -1
		case x.key > y.key:
			return 1
		}
		return strings.Compare(b.entries[x.doc].Attribute, b.entries[y.doc].Attribute)
	})
	for i, k := range keys {
		order[i] = k.doc
	}
	return order, standings
}

// leaders finds for each document the best one of its variants: those of the
// same name in the same set, or in a set of the same kind. Both are final
// numbers.
func (b *builder) leaders(order []uint32) []uint32 {
	type variant struct{ name, family string }
	first := make(map[variant]uint32, len(order))
	out := make([]uint32, len(order))
	for doc, old := range order {
		e := &b.entries[old]
		f := b.docs[old].set.family
		name := bareName(f, e.Name)
		if name == "" {
			name = e.Attribute
		}
		key := variant{name, f}
		leader, ok := first[key]
		if !ok {
			leader = uint32(doc)
			first[key] = leader
		}
		out[doc] = leader
	}
	return out
}
