package catalog

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"sort"
)

// u32 reads the i-th number of a section, 0 if there is none. Numbers don't cross
// blocks.
func (m *image) u32(section int, i uint32) uint32 {
	s := &m.sections[section]
	at := s.start + 4*uint64(i)
	if at+4 > s.end {
		return 0
	}
	if block := at/blockSize - 1; m.checked[block].Load() == 0 && !m.check(block) {
		return 0
	}
	return binary.LittleEndian.Uint32(m.content[at:])
}

// between returns the bytes of section data from offset number i to i+1.
func (m *image) between(offsets, data int, i uint32) []byte {
	b := m.read(offsets, 4*uint64(i), 4*uint64(i)+8)
	if b == nil {
		return nil
	}
	return m.read(data, uint64(binary.LittleEndian.Uint32(b)), uint64(binary.LittleEndian.Uint32(b[4:])))
}

func (m *image) standing(doc uint32) (standing float32, descriptionWords, flags uint8) {
	return unpackStanding(m.u32(sectionStandings, doc))
}

func unpackStanding(v uint32) (standing float32, descriptionWords, flags uint8) {
	return float32(v&0xffff) / 0xffff, uint8(v >> 16), uint8(v >> 24)
}

// leader returns the best variant of a document, itself for a lone one.
func (m *image) leader(doc uint32) uint32 {
	if l := m.u32(sectionLeaders, doc); l < m.documents {
		return l
	}
	return doc
}

// placeOfAttribute returns the place among documents sorted by attribute of the
// first one that isn't less than attribute, and whether it has that attribute.
func (m *image) placeOfAttribute(attribute string) (uint32, bool) {
	key := []byte(attribute)
	i, found := sort.Find(int(m.documents), func(i int) int {
		return bytes.Compare(key, m.recordText(m.u32(sectionByAttribute, uint32(i)), textAttribute))
	})
	return uint32(i), found
}

// byAttribute finds the document with exactly this attribute: of several, that are
// options of NixOS and of home-manager, the better one.
func (m *image) byAttribute(attribute string) (uint32, bool) {
	i, found := m.placeOfAttribute(attribute)
	if !found {
		return 0, false
	}
	doc := m.u32(sectionByAttribute, i)
	if i+1 < m.documents {
		if next := m.u32(sectionByAttribute, i+1); next < doc && string(m.recordText(next, textAttribute)) == attribute {
			return next, true
		}
	}
	return doc, true
}

func (m *image) term(i uint32) []byte {
	return m.between(sectionTermOffsets, sectionTermTexts, i)
}

// findTerm returns the first term that isn't less than word, and whether it is
// word.
func (m *image) findTerm(word string) (uint32, bool) {
	key := []byte(word)
	i, found := sort.Find(int(m.terms), func(i int) int {
		return bytes.Compare(key, m.term(uint32(i)))
	})
	return uint32(i), found
}

// endOfPrefix returns the term after the last of those from first on that begin
// with prefix.
func (m *image) endOfPrefix(first uint32, prefix string) uint32 {
	key := []byte(prefix)
	n := sort.Search(int(m.terms-first), func(i int) bool {
		return !bytes.HasPrefix(m.term(first+uint32(i)), key)
	})
	return first + uint32(n)
}

// eachPosting calls yield with the documents of a term in ascending order.
func (m *image) eachPosting(term uint32, yield func(doc uint32, fields uint8)) {
	m.eachPostingOf(m.between(sectionPostOffsets, sectionPostings, term), yield)
}

func (m *image) eachPostingOf(p []byte, yield func(doc uint32, fields uint8)) {
	doc := uint64(0)
	for len(p) > 1 {
		distance, n := uint64(p[0]), 1
		if distance >= 0x80 {
			if distance, n = binary.Uvarint(p); n <= 0 || n >= len(p) {
				return
			}
		}
		doc += distance
		if distance > uint64(m.documents) || doc >= uint64(m.documents) {
			return
		}
		yield(uint32(doc), p[n])
		p = p[n+1:]
	}
}

// A sketch sums up a term in one word, so that spelling can look at all terms
// without reading them: bits 0–35 tell which letters and digits occur, 36–41
// the length (63 for more), 42–46 the number of documents as a power of two,
// and the rest as below.
type sketch uint64

const (
	sketchWhole    sketch = 1 << 47 // it is a whole name somewhere
	sketchName     sketch = 1 << 48 // it is a name or a part of one outside of language sets
	sketchWords    sketch = 1 << 49 // it occurs in descriptions
	sketchTopWhole sketch = 1 << 50 // it is a whole name outside of language sets
	sketchLetters  sketch = 1<<36 - 1
)

func sketchOf(term string) sketch {
	var s sketch
	for i := 0; i < len(term); i++ {
		switch c := term[i]; {
		case 'a' <= c && c <= 'z':
			s |= 1 << (c - 'a')
		case '0' <= c && c <= '9':
			s |= 1 << (26 + c - '0')
		}
	}
	return s | sketch(min(len(term), 63))<<36
}

func (s sketch) length() int { return int(s >> 36 & 63) }

// documents is the number of documents with the term, rounded down to a power
// of two.
func (s sketch) documents() int { return 1 << (s >> 42 & 31) }

func (s sketch) withDocuments(n int) sketch {
	return s | sketch(bits.Len(uint(max(n, 1)))-1)<<42
}

func (m *image) sketch(term uint32) sketch {
	b := m.read(sectionTermSketches, 8*uint64(term), 8*uint64(term)+8)
	if b == nil {
		return 0
	}
	return sketch(binary.LittleEndian.Uint64(b))
}

// eachSet calls yield with each attribute set and the number of its packages,
// until yield returns false.
func (m *image) eachSet(yield func(name []byte, members uint32) bool) {
	for r := related(m.whole(sectionSets)); len(r) > 0; {
		name := r.bytes()
		if !yield(name, r.number()) {
			return
		}
	}
}
