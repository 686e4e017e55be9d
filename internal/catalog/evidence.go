package catalog

import (
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

// fieldEvidence is how sure it is, from 0 to 1, that a package is meant by a
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

// add counts the postings of a term as evidence for the current slot.
func (s *search) add(term uint32, factor float32, extra why) {
	s.eachPosting(term, func(doc uint32, fields uint8) {
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

// meaningEvidence is for synonyms, concepts and aliases.
func (s *search) meaningEvidence(i int) {
	w := &s.slots[i]
	for _, other := range s.vocabulary.related(w.stem) {
		if t, ok := s.findTerm(other); ok {
			s.add(t, synonymFactor, whyMeaning)
		}
	}
	for _, name := range s.vocabulary.alias(w.word) {
		if doc, ok := s.meant(name); ok {
			s.mark(doc, evidenceWhole, whyAlias, 0)
		}
	}
	if i == 0 {
		s.findConcepts()
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

func (s *search) findConcepts() {
	stems := make([]string, len(s.slots))
	for i, w := range s.slots {
		stems[i] = w.stem
	}
	for i := range s.vocabulary.concepts {
		c := &s.vocabulary.concepts[i]
		at := c.match(stems)
		if at == nil {
			continue
		}
		found := foundConcept{}
		for _, slot := range at {
			found.slots |= 1 << slot
		}
		for _, name := range c.names {
			if doc, ok := s.meant(name); ok {
				found.documents = append(found.documents, doc)
			}
		}
		s.concepts = append(s.concepts, found)
	}
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
	if !w.last {
		return known
	}
	wanted := sketchTopWhole
	if len(w.word) > 2 {
		wanted |= sketchName
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
		s.eachPosting(t, func(doc uint32, fields uint8) {
			if fields &^= fieldSet; fields == 0 {
				return
			}
			e, w := fieldEvidence(fields)
			if w&whyDescription == 0 {
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
		if sk&(sketchName|sketchWhole) == 0 && sk.documents() < 4 {
			continue // a description's own typing error
		}
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

// likelySpellings looks for names first. Only if there are none that one
// mistake explains does it look at everything within the distance.
func (s *search) likelySpellings(word string, distance int) []spelling {
	all := sketchName | sketchWhole | sketchWords
	near := s.spellings(word, 1, all)
	known := slices.ContainsFunc(near, func(sp spelling) bool {
		return sp.distance > 0 && s.sketch(sp.term)&sketchName != 0
	})
	if known || distance == 1 {
		return near
	}
	return s.spellings(word, distance, all)
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

// wholeEvidence is for packages whose name is the whole query.
func (s *search) wholeEvidence() {
	if s.joined == "" {
		return
	}
	if doc, ok := s.byAttribute(s.text); ok {
		s.reward(doc, bonusAttribute, whyName)
	}
	first, exact := s.findTerm(s.joined)
	if exact {
		s.rewardNamed(first, s.joined, bonusWhole, whyName)
	}
	for n, name := range s.vocabulary.alias(s.joined) {
		if doc, ok := s.meant(name); ok {
			s.reward(doc, bonusAlias-0.1*float32(n), whyAlias)
		}
	}
	if len(s.slots) < 2 {
		return
	}
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

// rewardNamed rewards the packages whose whole name the term is.
func (s *search) rewardNamed(term uint32, key string, bonus float32, w why) {
	lone := s.sketch(term)&sketchTopWhole == 0 // nothing better goes by that name
	s.eachPosting(term, func(doc uint32, fields uint8) {
		if fields&fieldWhole == 0 {
			return
		}
		var share float32
		switch odd := s.oddity(doc, key); {
		case odd == oddityNone:
			share = 1
		case odd == oddityDefault:
			share = 1
			s.tally(doc).set = true // not a library
		case odd == oddityVersioned:
			share = 0.8
		case lone && odd == oddityPrograms:
			share = 0.8
		case lone:
			share = 0.6
		default:
			share = 0.3
		}
		s.reward(doc, share*bonus, w)
	})
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
