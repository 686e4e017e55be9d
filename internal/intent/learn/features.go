package learn

import "slices"

// mostWords is how many words of a sentence are looked at.
const mostWords = 48

// near is how far apart two words may be that are counted as a pair.
const near = 9

// The kinds of features; each is mixed into the hash of what it counts.
const (
	aWord symbol = iota + 1
	aPair
	aConcept
	aConceptPair
	aSkip
	aBag
	aFirst
	aFirstPair
	aLast
	aLetters
	aSize
	aMark
	aHere
	aBefore
	aBefore2
	aAfter
	aAfter2
	aHereBefore
	aHereAfter
	aOperation
	aAround
	aEnding
	aPartBegins
	aPartBegin
	aPartEnd
	aPartHas
	aSign
	aJoint
	aInflected
)

// seen is a sentence as the models see it.
type seen struct {
	words    []Word
	forms    []symbol   // by word: its symbol, or name
	rare     []bool     // by word: it is a name
	concepts [][]symbol // by word: never empty
	signs    []Sign
}

func (v *vocabulary) see(words []Word) *seen {
	words = words[:min(len(words), mostWords)]
	n := len(words)
	s := &seen{words: words, forms: make([]symbol, n), rare: make([]bool, n), concepts: make([][]symbol, n)}
	plain := make([]symbol, n)
	pool := make([]symbol, 0, 4*n)
	for i, word := range words {
		plain[i] = symbolOf(word.Form)
		s.forms[i] = plain[i]
		if word.Form[0] != '<' && !v.isCommon(plain[i]) {
			s.forms[i], s.rare[i] = name, true
		}
	}
	for i := range words {
		start := len(pool)
		phrase := plain[i]
		pool = v.conceptsOf(phrase, pool)
		for k := i + 1; k < min(n, i+4); k++ {
			phrase = phrase.then(plain[k])
			pool = v.conceptsOf(phrase, pool)
		}
		if len(pool) == start {
			pool = append(pool, s.forms[i])
		}
		s.concepts[i] = pool[start:len(pool):len(pool)]
	}
	return s
}

// sentence are the features of the whole sentence, each once.
func (s *seen) sentence(features []uint32) []uint32 {
	add := func(kind symbol, of ...symbol) {
		for _, x := range of {
			kind = kind.then(x)
		}
		features = append(features, uint32(kind))
	}
	for i := range s.words {
		add(aWord, s.forms[i])
		for _, a := range s.concepts[i] {
			add(aInflected, a, symbol(s.words[i].Ending), symbol(one(i == 0)))
		}
		if s.rare[i] {
			features = letters(s.words[i].Form, features)
		}
		if i+1 < len(s.words) {
			add(aPair, s.forms[i], s.forms[i+1])
		}
		for _, a := range s.concepts[i] {
			add(aConcept, a)
			s.pairs(i, a, add)
		}
	}
	s.ends(add)
	s.parts(add)
	for _, sign := range s.signs {
		add(aSign, symbol(sign))
	}
	return unique(features)
}

func unique(features []uint32) []uint32 {
	slices.Sort(features)
	return slices.Compact(features)
}

// pairs adds the pairs of a concept with those behind it.
func (s *seen) pairs(i int, a symbol, add func(symbol, ...symbol)) {
	for j := i + 1; j < min(len(s.words), i+near); j++ {
		for _, b := range s.concepts[j] {
			switch j - i {
			case 1:
				add(aConceptPair, a, b)
			case 2:
				add(aSkip, a, b)
			}
			add(aBag, min(a, b), max(a, b))
		}
	}
}

// ends adds how the sentence begins and ends, and how long it is.
func (s *seen) ends(add func(symbol, ...symbol)) {
	n := len(s.words)
	add(aSize, symbol(min(n, 12)))
	if n == 0 {
		return
	}
	for _, a := range s.concepts[0] {
		add(aFirst, a)
		if n > 1 {
			add(aFirstPair, a, s.concepts[1][0])
		}
	}
	for _, a := range s.concepts[n-1] {
		add(aLast, a)
	}
	for i := range s.words {
		if s.words[i].After == '?' {
			add(aMark, '?')
		}
	}
}

// parts adds how the parts between punctuation begin and end, and what is in the first of
// several, in the last, and between them: what is asked for is in one of them, and the
// others tell why.
func (s *seen) parts(add func(symbol, ...symbol)) {
	n := len(s.words)
	for start, end := 0, 1; end <= n; end++ {
		if end < n && s.words[end-1].After == 0 {
			continue
		}
		s.part(start, end, add)
		if end-start < n {
			where := symbol(1 + one(start > 0) + one(start > 0 && end == n))
			for i := start; i < end; i++ {
				for _, a := range s.concepts[i] {
					add(aPartHas, where, a)
				}
			}
		}
		start = end
	}
}

func (s *seen) part(start, end int, add func(symbol, ...symbol)) {
	add(aPartBegin, s.forms[start])
	for _, a := range s.concepts[start] {
		add(aPartBegins, a)
		if start+1 < end {
			for _, b := range s.concepts[start+1] {
				add(aPartBegins, a, b)
			}
		}
	}
	for _, a := range s.concepts[end-1] {
		add(aPartEnd, a)
	}
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

// letters adds the letters of a word that nothing is known of, three to five in a row.
func letters(word string, features []uint32) []uint32 {
	var padded [42]byte
	padded[0] = '^'
	n := 1 + copy(padded[1:41], word)
	padded[n] = '$'
	n++
	for size := 3; size <= 5; size++ {
		for i := 0; i+size <= n; i++ {
			h := uint32(aLetters)
			for _, b := range padded[i : i+size] {
				h = (h ^ uint32(b)) * prime
			}
			features = append(features, h)
		}
	}
	return features
}
