package catalog

import (
	"cmp"
	"slices"

	"luminousnix/internal/catalog/listing"
)

// mentions returns for each term how often it stands for something known by
// that name: "Redis" in the description of something else. Many packages are
// named by an everyday word (file, time, tree); what tells them apart is how
// seldom descriptions write that word with a capital letter. Parts of other
// packages' names count in the same proportion.
func (b *builder) mentions() []float64 {
	inNames := make([]uint32, len(b.texts))
	for _, p := range b.posts {
		if p.fields()&(fieldName|fieldSet|fieldPath) != 0 {
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
		if d := &b.docs[i]; d.set != nil && place(d.flags&flagPlace) < placeLanguage {
			outside[d.whole] = true
		}
	}
	modules := b.moduleTerms()
	for i := range b.entries {
		whole := b.docs[i].whole
		f := fame{mentions: mentions[whole], module: modules[whole], known: b.known[i], namesake: outside[whole]}
		var s float64
		if b.entries[i].Kind == listing.Package {
			s = packageStanding(&b.entries[i], b.docs[i].set, f)
		} else {
			f.mentions, f.below = mentions[b.docs[i].subject], b.docs[i].below
			s = optionStanding(&b.entries[i], b.docs[i].module == uint32(i), b.docs[b.docs[i].module].moduleSize, f)
		}
		standings[i] = uint16(s * 0xffff)
	}
	// One number holds what decides nearly all comparisons: the standing, the
	// shorter attribute, the newer set.
	type keyed struct {
		key uint64
		doc uint32
	}
	keys := make([]keyed, len(b.entries))
	for i := range keys {
		key := uint64(^standings[i])<<32 | uint64(min(len(b.entries[i].Attribute), 0xffff))<<16
		if set := b.docs[i].set; set != nil {
			key |= uint64(^set.number)
		}
		keys[i] = keyed{key, uint32(i)}
	}
	slices.SortFunc(keys, func(x, y keyed) int {
		a, b := &b.entries[x.doc], &b.entries[y.doc]
		return cmp.Or(cmp.Compare(x.key, y.key), cmp.Compare(a.Attribute, b.Attribute), cmp.Compare(a.Kind, b.Kind))
	})
	for i, k := range keys {
		order[i] = k.doc
	}
	return order, standings
}

// moduleTerms says of each term whether NixOS has a module of that name: of what
// has one, people speak.
func (b *builder) moduleTerms() []bool {
	out := make([]bool, len(b.texts))
	for i := range b.docs {
		if d := &b.docs[i]; b.entries[i].Kind == listing.Option && d.moduleSize > 0 {
			out[d.whole] = true
		}
	}
	return out
}

// leaders finds for each document the best one of its variants: for packages those
// of the same name in the same set, or in a set of the same kind, for options the
// one that stands for the module, and for a home-manager option the one of NixOS
// with the same path. Both are final numbers.
func (b *builder) leaders(order []uint32) []uint32 {
	type variant struct{ name, family string }
	first := make(map[variant]uint32, len(order))
	newDoc := inverse(order)
	out := make([]uint32, len(order))
	for doc, old := range order {
		e := &b.entries[old]
		if e.Kind != listing.Package {
			out[doc] = newDoc[b.docs[old].module]
			continue
		}
		set := b.docs[old].set
		name := set.bare(e.Name)
		if name == "" {
			name = e.Attribute
		}
		key := variant{name, set.family}
		leader, ok := first[key]
		if !ok {
			leader = uint32(doc)
			first[key] = leader
		}
		out[doc] = leader
	}
	return out
}
