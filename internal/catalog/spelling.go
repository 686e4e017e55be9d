package catalog

import (
	"encoding/binary"
	"math/bits"
)

// A speller measures edit distances from one word: insertions, deletions,
// replacements and swaps of neighbours count one each (optimal string
// alignment). It holds the word as bit masks, so that a comparison takes one
// step per byte of the other word (Myers 1999, with Hyyrö's transpositions).
type speller struct {
	masks  [256]uint64
	length int
	sketch sketch
}

// maxSpelled is the longest word that a speller takes: one bit a byte.
const maxSpelled = maxWord + 4

func newSpeller(word string) *speller {
	s := &speller{length: min(len(word), maxSpelled)}
	word = word[:s.length]
	for i := 0; i < len(word); i++ {
		s.masks[word[i]] |= 1 << i
	}
	s.sketch = sketchOf(word)
	return s
}

// near reports false for words that can't be within the distance, from their
// sketch alone: one edit changes the length by at most one, and at most two
// members of the set of letters.
func (s *speller) near(other sketch, distance int) bool {
	d := s.length - other.length()
	return -distance <= d && d <= distance &&
		bits.OnesCount64(uint64((s.sketch^other)&sketchLetters)) <= 2*distance
}

func (s *speller) distance(other []byte) int {
	if s.length == 0 {
		return len(other)
	}
	up, down := ^uint64(0), uint64(0) // columns where the distance grows, shrinks
	var diagonal, previous uint64
	distance, last := s.length, uint64(1)<<(s.length-1)
	for _, c := range other {
		mask := s.masks[c]
		swapped := ((^diagonal & mask) << 1) & previous
		diagonal = (((mask & up) + up) ^ up) | mask | down | swapped
		right := down | ^(diagonal | up)
		left := diagonal & up
		switch {
		case right&last != 0:
			distance++
		case left&last != 0:
			distance--
		}
		right = right<<1 | 1
		left <<= 1
		up = left | ^(diagonal | right)
		down = right & diagonal
		previous = mask
	}
	return distance
}

// allowedDistance is how many edits a word of this length may be away from what
// was meant.
func allowedDistance(word string) int {
	switch n := len(word); {
	case n < 4:
		return 0
	case n < 7:
		return 1
	}
	return 2
}

// A spelling is a term that resembles a word.
type spelling struct {
	term     uint32
	distance int
}

// worthSpelling reports whether a misspelt word may stand for a term: a name, or a
// word that several descriptions have, since a rare one may be a mistake itself.
func worthSpelling(s sketch) bool {
	return s&(sketchName|sketchWhole) != 0 || s&sketchWords != 0 && s.documents() >= 4
}

// encodeSpelled writes the sketches of the terms that are worth it by length, so
// that a search looks at those of about the length of a word only.
func encodeSpelled(sketches []sketch, sections *[sectionCount][]byte) {
	le := binary.LittleEndian
	var byLength [maxSpelled + 1][]uint32
	for t, s := range sketches {
		if worthSpelling(s) {
			n := min(s.length(), maxSpelled)
			byLength[n] = append(byLength[n], uint32(t))
		}
	}
	at := uint32(0)
	for _, terms := range byLength {
		sections[sectionLengths] = le.AppendUint32(sections[sectionLengths], at)
		at += uint32(len(terms))
		for _, t := range terms {
			sections[sectionSpelled] = le.AppendUint64(sections[sectionSpelled], uint64(sketches[t]))
			sections[sectionSpelledTerms] = le.AppendUint32(sections[sectionSpelledTerms], t)
		}
	}
	sections[sectionLengths] = le.AppendUint32(sections[sectionLengths], at)
}

// spellings returns the terms within the distance of word that have one of the
// given sketch flags.
func (m *image) spellings(word string, distance int, flags sketch) []spelling {
	s := newSpeller(word)
	var out []spelling
	from := m.u32(sectionLengths, uint32(max(s.length-distance, 0)))
	to := m.u32(sectionLengths, uint32(min(s.length+distance, maxSpelled)+1))
	sketches := m.read(sectionSpelled, 8*uint64(from), 8*uint64(to))
	for i := from; len(sketches) >= 8; i++ {
		other := sketch(binary.LittleEndian.Uint64(sketches))
		sketches = sketches[8:]
		if other&flags == 0 || !s.near(other, distance) {
			continue
		}
		t := m.u32(sectionSpelledTerms, i)
		if d := s.distance(m.term(t)); d <= distance {
			out = append(out, spelling{t, d})
		}
	}
	return out
}
