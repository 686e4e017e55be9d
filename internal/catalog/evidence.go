package catalog

import (
	"bytes"
	"math"
	"slices"
)

// Kinds of evidence, as a set of bits, in the order of Hit.Why.
type why uint16

const (
	whyName why = 1 << iota
	whyAlias
	whyProgram
	whyPart
	whyPrefix
	whyMeaning
	whyDescription
	whySet
	whySpelling
)

func (w why) texts() (out []string) {
	for i, text := range [...]string{
		"name", "alias", "program", "part of name", "beginning of name", "meaning", "description", "set", "spelling",
	} {
		if w&(1<<i) != 0 {
			out = append(out, text)
		}
	}
	return out
}

// fieldEvidence is how sure it is, from 0 to 1, that a document is meant by a
// word that it has in these fields.
func fieldEvidence(fields uint8) (float32, why) {
	var e float32
	var w why
	switch {
	case fields&fieldWhole != 0:
		e, w = evidenceWhole, whyName
	case fields&fieldProgram != 0:
		e, w = evidenceProgram, whyProgram
	case fields&fieldHead != 0:
		e, w = evidenceHead, whyPart
	case fields&fieldName != 0:
		e, w = evidencePart, whyPart
	case fields&fieldPath != 0:
		return evidencePath, whySet
	case fields&fieldLead != 0:
		return evidenceLead, whyDescription
	case fields&fieldSet != 0:
		return evidenceSet, whySet
	case fields&fieldDescription != 0:
		return evidenceDescription, whyDescription
	}
	if fields&fieldDescription != 0 {
		e, w = e+evidenceBoth, w|whyDescription
	}
	return e, w
}

// rarity is the weight of a word: high for one that few packages have.
func (s *search) rarity(w slot) float32 {
	n := 0
	for _, word := range [...]string{w.word, w.stem} {
		if t, ok := s.findTerm(word); ok {
			n = max(n, s.sketch(t).documents())
		}
	}
	if n == 0 {
		n = 64 // unknown: a typing error, or something we can't answer
	}
	return float32(math.Log(1 + float64(s.documents)/float64(n)))
}

// Documents come in the order of their standing, so of a frequent term the first
// ones are enough: mostPostings is the number of bytes of its postings that bring in
// documents (a third as many documents), mostPrefixed of a term that the query has
// only the beginning of, and shortPrefix if that is one or two letters, with which
// thousands of terms begin.
const (
	mostPostings = 48 << 10
	mostPrefixed = 4 << 10
	shortPrefix  = 12
)

// add counts the postings of a term as evidence for the current slot. Beyond
// mostPostings it only counts for documents that other words have brought in.
func (s *search) add(term uint32, factor float32, extra why) {
	postings := s.between(sectionPostOffsets, sectionPostings, term)
	frequent := len(postings) > mostPostings
	if frequent && len(s.slots) == 1 {
		postings, frequent = postings[:mostPostings], false
	}
	n := 0
	s.eachPostingOf(postings, func(doc uint32, fields uint8) {
		if n++; frequent && n > mostPostings/3 && !s.has(doc) {
			return
		}
		e, w := fieldEvidence(fields)
		s.mark(doc, e*factor, w|extra, fields)
	})
}

// exactEvidence is for packages that have the word itself, or its stem in their
// description.
func (s *search) exactEvidence(i int) {
	w := &s.slots[i]
	if t, ok := s.findTerm(w.word); ok {
		s.add(t, 1, 0)
	}
	if w.stem != w.word {
		if t, ok := s.findTerm(w.stem); ok {
			s.add(t, 0.95, 0)
		}
	}
}

// pairEvidence is for names written as two words: "vault warden".
func (s *search) pairEvidence(i int) {
	for _, first := range [...]int{i - 1, i} {
		if first < 0 || first+1 >= len(s.slots) {
			continue
		}
		if t, ok := s.findTerm(s.slots[first].word + s.slots[first+1].word); ok {
			s.add(t, 0.95, 0)
		}
	}
}

// meaningEvidence is for synonyms, aliases and concepts.
func (s *search) meaningEvidence(i int) {
	w := &s.slots[i]
	if t, ok := s.findTerm(w.stem); ok {
		var others []uint32
		s.eachRelated(sectionSynonyms, t, func(data related) { others = data.numbers(others) })
		for _, other := range others {
			s.add(other, synonymFactor, whyMeaning)
		}
	}
	// What an alias stands for is meant, and the options that are named after it.
	docs, _ := s.alias(w.word)
	for _, doc := range docs {
		if t, ok := s.findTerm(joined(string(s.recordText(doc, textName)))); ok {
			s.add(t, aliasFactor, whyAlias)
		}
		s.mark(doc, evidenceWhole, whyAlias, 0)
	}
	for _, found := range s.concepts {
		if found.slots&(1<<i) == 0 {
			continue
		}
		for n, doc := range found.documents {
			e := evidenceConcept - conceptDecay*float32(n)/float32(len(found.documents))
			s.mark(doc, e, whyMeaning, 0)
		}
	}
}

// A foundConcept is a concept of the vocabulary that the query has.
type foundConcept struct {
	slots     uint // bit set: the words that name it
	documents []uint32
}

// findConcepts finds the concepts all words of one of whose phrases the query has. Of
// the last word, which may not be finished, the beginning is enough.
func (s *search) findConcepts() {
	stems := make([]uint32, len(s.slots))
	for i, w := range s.slots {
		t, ok := s.findTerm(w.stem)
		if !ok {
			t = ignored
		}
		stems[i] = t
	}
	unfinished := ""
	if n := len(s.slots); n > 0 && s.slots[n-1].last && len(s.slots[n-1].word) >= 3 {
		unfinished = s.slots[n-1].word
	}
	var phrase []uint32
	for i, t := range stems {
		if t == ignored || slices.Contains(stems[:i], t) {
			continue
		}
		s.eachRelated(sectionPhrases, t, func(data related) {
			phrase = data.numbers(phrase[:0])
			slots := uint(0)
			for _, word := range phrase {
				at := slices.Index(stems, word)
				if at < 0 && unfinished != "" && bytes.HasPrefix(s.term(word), []byte(unfinished)) {
					at = len(stems) - 1
				}
				if at < 0 {
					return
				}
				slots |= 1 << at
			}
			s.addConcept(slots, data.number())
		})
	}
}

// addConcept adds the concept whose documents are at a place in sectionRelations.
// Where several phrases of it are found, the longest counts.
func (s *search) addConcept(slots uint, at uint32) {
	data := related(s.read(sectionRelations, uint64(at), s.sections[sectionRelations].length()))
	documents := slices.DeleteFunc(data.numbers(nil), func(doc uint32) bool { return doc >= s.image.documents })
	s.concepts = append(s.concepts, foundConcept{slots, documents})
}

// prefixEvidence is for names and words that begin with the last word of the
// query, which may not be finished. It reports whether the word, finished or
// not, is known well enough that it needs no spelling correction.
func (s *search) prefixEvidence(i int) (known bool) {
	w := &s.slots[i]
	first, exact := s.findTerm(w.word)
	if exact {
		known = s.sketch(first)&sketchName != 0
	}
	if t, ok := s.findTerm(w.stem); ok && s.sketch(t)&sketchWords != 0 && s.sketch(t).documents() >= 4 {
		known = true
	}
	if !w.last || len(w.word) == 1 && len(s.slots) > 1 {
		return known
	}
	wanted, most := sketchTopWhole, shortPrefix
	if len(w.word) > 2 {
		wanted |= sketchName
		most = mostPrefixed
	}
	if len(w.word) > 3 {
		wanted |= sketchWords | sketchWhole
	}
	end := s.endOfPrefix(first, w.word)
	for t := first; t < end; t++ {
		sk := s.sketch(t)
		if sk&wanted == 0 || t == first && exact {
			continue
		}
		known = known || sk&sketchTopWhole != 0 && len(w.word) > 3
		share := float32(len(w.word)) / float32(max(sk.length(), 1))
		factor := prefixFactor + prefixShare*share
		postings := s.between(sectionPostOffsets, sectionPostings, t)
		s.eachPostingOf(postings[:min(len(postings), most)], func(doc uint32, fields uint8) {
			if fields &^= fieldSet; fields == 0 {
				return
			}
			e, w := fieldEvidence(fields)
			if fields&^(fieldDescription|fieldLead) != 0 {
				w = whyPrefix
			}
			s.mark(doc, e*factor, w, fields)
		})
	}
	return known
}

// spellingEvidence is for names and words that resemble one that is hardly
// known.
func (s *search) spellingEvidence(i int) {
	w := &s.slots[i]
	allowed := allowedDistance(w.word)
	if allowed == 0 {
		return
	}
	found := false
	for _, sp := range s.likelySpellings(w.word, allowed) {
		if sp.distance == 0 {
			continue
		}
		sk := s.sketch(sp.term)
		factor := float32(spellingFactor)
		if sp.distance == 2 {
			factor = spellingFactor2
		}
		if t := s.term(sp.term); len(t) > 0 && t[0] != w.word[0] {
			factor -= spellingFirstLetter
		}
		found = true
		s.add(sp.term, factor, whySpelling)
		if len(s.slots) == 1 && sk&sketchWhole != 0 {
			s.rewardNamed(sp.term, string(s.term(sp.term)), bonusSpelling*factor, whySpelling)
		}
	}
	if !found && len(s.opened) == 0 {
		s.longestPrefix(w.word)
	}
}

// likelySpellings looks for names first. Only if there are none that one mistake
// explains does it take everything within the distance.
func (s *search) likelySpellings(word string, distance int) []spelling {
	all := s.spellings(word, distance, sketchName|sketchWhole|sketchWords)
	known := slices.ContainsFunc(all, func(sp spelling) bool {
		return sp.distance == 1 && s.sketch(sp.term)&sketchName != 0
	})
	if !known {
		return all
	}
	return slices.DeleteFunc(all, func(sp spelling) bool { return sp.distance > 1 })
}

// longestPrefix is the last resort for a word that nothing resembles: what its
// beginning means, if at least two thirds of it are a word.
func (s *search) longestPrefix(word string) {
	for n := len(word) - 1; n >= 4 && 3*n >= 2*len(word); n-- {
		if t, ok := s.findTerm(word[:n]); ok {
			s.add(t, lastResortFactor, whySpelling)
			return
		}
	}
}

// wholeEvidence is for what has the whole query as its name.
func (s *search) wholeEvidence() {
	if s.joined == "" {
		return
	}
	first, exact := s.findTerm(s.joined)
	if exact {
		s.rewardNamed(first, s.joined, bonusWhole, whyName)
	}
	docs, _ := s.alias(s.joined)
	for n, doc := range docs {
		s.reward(doc, bonusAlias-0.1*float32(n), whyAlias)
	}
	if len(s.slots) < 2 {
		return
	}
	s.leafEvidence()
	end := s.endOfPrefix(first, s.joined)
	for t := first; t < end; t++ {
		if sk := s.sketch(t); sk&sketchTopWhole != 0 {
			bonus := bonusPrefix * float32(len(s.joined)) / float32(max(sk.length(), 1))
			s.eachPosting(t, func(doc uint32, fields uint8) {
				if fields&fieldWhole != 0 {
					s.reward(doc, s.byPlace(doc, bonus), whyPrefix)
				}
			})
		}
	}
}

// leafEvidence is for options whose name the last words of the query are, while the
// words before are in its path: "nginx virtual hosts".
func (s *search) leafEvidence() {
	leaf := ""
	for i := len(s.slots) - 1; i > 0; i-- {
		leaf = s.slots[i].word + leaf
		t, ok := s.findTerm(leaf)
		if !ok || s.sketch(t)&sketchWhole == 0 {
			continue
		}
		s.eachPosting(t, func(doc uint32, fields uint8) {
			if fields&fieldWhole == 0 || !s.isOption(doc) {
				return
			}
			if c := s.tally(doc); c.covered > 0.99 && c.all&fieldPath != 0 {
				s.reward(doc, bonusLeaf, whyName)
			}
		})
	}
}

// rewardNamed rewards the documents whose whole name the term is.
func (s *search) rewardNamed(term uint32, key string, bonus float32, w why) {
	lone := s.sketch(term)&sketchTopWhole == 0 // nothing better goes by that name
	options := 0
	s.eachPosting(term, func(doc uint32, fields uint8) {
		switch {
		case fields&fieldWhole == 0:
		case s.isOption(doc):
			s.reward(doc, s.optionShare(doc, options)*bonus, w)
			options++
		default:
			attribute := s.attribute(doc)
			if attribute == s.text {
				s.reward(doc, bonusAttribute, w)
				return
			}
			s.reward(doc, s.packageShare(doc, oddity(attribute, key), lone)*bonus, w)
		}
	})
}

// packageShare is the share of a bonus for its name that a package has.
func (s *search) packageShare(doc uint32, odd int, lone bool) float32 {
	switch {
	case odd == oddityNone:
		return 1
	case odd == oddityDefault:
		s.tally(doc).set = true // not a library
		return 1
	case odd == oddityVersioned:
		return 0.8
	case len(s.slots) > 1 && odd == oddityLibrary:
		return 0.1 // nobody puts a space into the name of a library
	case lone && odd == oddityPrograms:
		return 0.8
	case lone:
		return 0.6
	}
	return 0.3
}

// optionShare is the share of a bonus for its name that an option has: the one of
// best standing is meant, which comes first. Most services have an nginx of their own.
func (s *search) optionShare(doc uint32, before int) float32 {
	share := float32(0.9)
	if s.leader(doc) != doc {
		share = 0.7
	}
	if before > 0 {
		share *= 0.6
	}
	return share
}

// byPlace lowers a bonus for what lies in a set.
func (s *search) byPlace(doc uint32, bonus float32) float32 {
	_, _, flags := s.standing(doc)
	switch place(flags & flagPlace) {
	case placeTop:
		return bonus
	case placeDesktop:
		return 0.9 * bonus
	}
	return 0.3 * bonus
}
