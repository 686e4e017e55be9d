package learn

import (
	"encoding/binary"
	"errors"
	"slices"
	"strings"
)

// symbol stands for a word, a phrase or a concept: a hash.
type symbol uint32

// name stands for every word that is not common.
const name symbol = 1

const prime = 16777619 // of FNV-1a

func symbolOf(text string) symbol {
	h := uint32(2166136261)
	for i := 0; i < len(text); i++ {
		h = (h ^ uint32(text[i])) * prime
	}
	return symbol(h)
}

// then is the symbol of two in a row.
func (s symbol) then(next symbol) symbol {
	h := uint32(s)
	for range 4 {
		h = (h ^ uint32(next&0xff)) * prime
		next >>= 8
	}
	return symbol(h)
}

// vocabulary is what is known of words. As a file it is three numbers, each a uint32: of
// common words, of concepts, and of words and phrases that have one; then the symbols of the
// common words, in order, those of the concepts, those of the words and phrases, in order, and
// for each of these the place of its concept, a byte.
type vocabulary struct {
	common   []byte
	concepts []byte
	phrases  []byte
	places   []byte // by phrase
}

func parseVocabulary(text []byte) (v vocabulary, rest []byte, err error) {
	const header = 12
	if len(text) < header {
		return v, nil, errors.New("vocabulary: too short for a header")
	}
	common, concepts, phrases := int(at(text, 0)), int(at(text, 1)), int(at(text, 2))
	text = text[header:]
	if 4*(common+concepts+phrases)+phrases > len(text) {
		return v, nil, errors.New("vocabulary: too short for its tables")
	}
	cut := func(n int) (s []byte) { s, text = text[:n], text[n:]; return s }
	v = vocabulary{common: cut(4 * common), concepts: cut(4 * concepts), phrases: cut(4 * phrases), places: cut(phrases)}
	return v, text, nil
}

// at is the i-th number of 32 bits.
func at(text []byte, i int) uint32 { return binary.LittleEndian.Uint32(text[4*i:]) }

// isCommon reports a word that is no name.
func (v *vocabulary) isCommon(word symbol) bool {
	i := find(v.common, word)
	return i < len(v.common)/4 && at(v.common, i) == uint32(word)
}

// conceptsOf appends the concepts of a word or phrase.
func (v *vocabulary) conceptsOf(phrase symbol, concepts []symbol) []symbol {
	for i := find(v.phrases, phrase); i < len(v.places) && at(v.phrases, i) == uint32(phrase); i++ {
		concepts = append(concepts, symbol(at(v.concepts, int(v.places[i]))))
	}
	return concepts
}

// find is the place of the first symbol that is not less.
func find(table []byte, s symbol) int {
	low, high := 0, len(table)/4
	for low < high {
		if middle := (low + high) / 2; at(table, middle) < uint32(s) {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low
}

// Vocabulary is a vocabulary that is made.
type Vocabulary struct {
	common   []symbol
	concepts [][2]symbol
}

// Common makes a word one that is no name.
func (v *Vocabulary) Common(word string) { v.common = append(v.common, symbolOf(word)) }

// Concept gives words in a row a concept.
func (v *Vocabulary) Concept(concept string, words []Word) {
	if len(words) == 0 {
		return
	}
	phrase := symbolOf(words[0].Form)
	for _, word := range words[1:] {
		phrase = phrase.then(symbolOf(word.Form))
	}
	if len(words) == 1 {
		v.Common(words[0].Form)
	}
	v.concepts = append(v.concepts, [2]symbol{phrase, conceptOf(concept)})
}

// foreign is the bit of concepts that have nothing to do with ask-nix.
const foreign symbol = 1 << 31

// conceptOf is the symbol of a concept, by its name with or without a ! before it.
func conceptOf(concept string) symbol {
	if theirs, ok := strings.CutPrefix(concept, "!"); ok {
		return symbolOf("@"+theirs) | foreign
	}
	return symbolOf("@"+concept) &^ foreign
}

const mostConcepts = 256

// Append adds the file of the vocabulary to text.
func (v *Vocabulary) Append(text []byte) []byte {
	slices.Sort(v.common)
	v.common = slices.Compact(v.common)
	slices.SortFunc(v.concepts, func(a, b [2]symbol) int { return slices.Compare(a[:], b[:]) })
	v.concepts = slices.Compact(v.concepts)
	var concepts, phrases []symbol
	for _, pair := range v.concepts {
		phrases, concepts = append(phrases, pair[0]), append(concepts, pair[1])
	}
	slices.Sort(concepts)
	if concepts = slices.Compact(concepts); len(concepts) > mostConcepts {
		panic("there are too many concepts for a byte each")
	}
	for _, table := range [][]symbol{v.common, concepts, phrases} {
		text = binary.LittleEndian.AppendUint32(text, uint32(len(table)))
	}
	for _, table := range [][]symbol{v.common, concepts, phrases} {
		for _, s := range table {
			text = binary.LittleEndian.AppendUint32(text, uint32(s))
		}
	}
	for _, pair := range v.concepts {
		place, _ := slices.BinarySearch(concepts, pair[1])
		text = append(text, byte(place))
	}
	return text
}
