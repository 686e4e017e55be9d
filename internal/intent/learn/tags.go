package learn

// Tag says what a word of a sentence is.
type Tag uint8

// The tags of words, by the argument that they belong to.
const (
	Plain   Tag = iota
	Package     // of packages: a name
	Program     // of program
	Query       // of query
	Value       // of value
	tags
)

// Tags are the probabilities of a word, by tag.
type Tags [tags]float32

// Best is the likeliest tag.
func (t *Tags) Best() Tag {
	best := Plain
	for tag := range tags {
		if t[tag] > t[best] {
			best = tag
		}
	}
	return best
}

// word are the features of one word of a sentence that asks for an operation, each
// once.
func (s *seen) word(i int, operation symbol, features []uint32) []uint32 {
	add := func(kind symbol, of ...symbol) {
		for _, x := range of {
			kind = kind.then(x)
		}
		features = append(features, uint32(kind))
	}
	here, before, after := s.form(i), s.form(i-1), s.form(i+1)
	add(aOperation, operation)
	add(aOperation, operation, here)
	add(aHere, here)
	add(aBefore, operation, before)
	add(aAfter, operation, after)
	add(aBefore2, s.form(i-2))
	add(aAfter2, s.form(i+2))
	for _, concept := range s.concepts[i] {
		add(aConcept, operation, concept)
	}
	for _, near := range []int{-1, 1} {
		if k := i + near; k >= 0 && k < len(s.words) {
			for _, concept := range s.concepts[k] {
				add(aConceptPair, symbol(near+1), operation, concept)
			}
		}
	}
	add(aSize, symbol(min(i, 3)), symbol(min(len(s.words)-1-i, 3)))
	add(aMark, symbol(s.words[i].After))
	if i > 0 {
		add(aMark, 1, symbol(s.words[i-1].After))
	}
	if s.rare[i] {
		features = ending(s.words[i].Form, features)
	}
	return unique(features)
}

// form is the form of a word, 0 and 1 beyond the ends.
func (s *seen) form(i int) symbol {
	switch {
	case i < 0:
		return aFirst
	case i >= len(s.forms):
		return aLast
	}
	return s.forms[i]
}

// ending adds the last letters of a name.
func ending(word string, features []uint32) []uint32 {
	for size := 1; size <= min(3, len(word)); size++ {
		h := uint32(aEnding)
		for _, b := range []byte(word[len(word)-size:]) {
			h = (h ^ uint32(b)) * prime
		}
		features = append(features, h)
	}
	return features
}
