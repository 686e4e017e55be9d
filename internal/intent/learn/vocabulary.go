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

// vocabulary is what is known of words. As a file it is the number of common words
// and that of concepts of words, each a uint32, then the symbols of the common words,
// in order, then pairs of the symbols of words or phrases and their concepts, in order.
type vocabulary struct {
	common   string
	concepts string
}

func parseVocabulary(text string) (v vocabulary, rest string, err error) {
	if len(text) < 8 {
		return v, "", errors.New("vocabulary: too short for a header")
	}
	common, concepts := 4*int(at(text, 0)), 8*int(at(text, 1))
	text = text[8:]
	if common+concepts > len(text) {
		return v, "", errors.New("vocabulary: too short for its tables")
	}
	return vocabulary{text[:common], text[common : common+concepts]}, text[common+concepts:], nil
}

// at is the i-th number of 32 bits.
func at(text string, i int) uint32 {
	text = text[4*i : 4*i+4]
	return uint32(text[0]) | uint32(text[1])<<8 | uint32(text[2])<<16 | uint32(text[3])<<24
}

// isCommon reports a word that is no name.
func (v *vocabulary) isCommon(word symbol) bool {
	i := find(v.common, 1, word)
	return i < len(v.common)/4 && at(v.common, i) == uint32(word)
}

// conceptsOf appends the concepts of a word or phrase.
func (v *vocabulary) conceptsOf(phrase symbol, concepts []symbol) []symbol {
	for i := find(v.concepts, 2, phrase); i < len(v.concepts)/8 && at(v.concepts, 2*i) == uint32(phrase); i++ {
		concepts = append(concepts, symbol(at(v.concepts, 2*i+1)))
	}
	return concepts
}

// find is the first row whose first number is not less.
func find(table string, columns int, s symbol) int {
	low, high := 0, len(table)/(4*columns)
	for low < high {
		if middle := (low + high) / 2; at(table, middle*columns) < uint32(s) {
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

// Append adds the file of the vocabulary to text.
func (v *Vocabulary) Append(text []byte) []byte {
	slices.Sort(v.common)
	v.common = slices.Compact(v.common)
	slices.SortFunc(v.concepts, func(a, b [2]symbol) int { return slices.Compare(a[:], b[:]) })
	v.concepts = slices.Compact(v.concepts)
	text = binary.LittleEndian.AppendUint32(text, uint32(len(v.common)))
	text = binary.LittleEndian.AppendUint32(text, uint32(len(v.concepts)))
	for _, word := range v.common {
		text = binary.LittleEndian.AppendUint32(text, uint32(word))
	}
	for _, pair := range v.concepts {
		text = binary.LittleEndian.AppendUint32(text, uint32(pair[0]))
		text = binary.LittleEndian.AppendUint32(text, uint32(pair[1]))
	}
	return text
}
