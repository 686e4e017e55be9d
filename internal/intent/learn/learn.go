// Package learn tells what a sentence asks for, which of its words are names, and
// where two requests meet, from
// what was learnt from the sentences of package corpus: three linear models over the
// words, what words have in common, and their letters.
//
// model.bin is made by `go generate ./internal/intent/learn`; the same corpus gives the
// same file. It begins with a vocabulary: the words that are common, and the concepts of
// words and phrases (concepts.txt). The rest of its words a sentence may have from
// anywhere: most of them are names.
package learn

import (
	_ "embed"
	"slices"
	"sync"

	"luminousnix/internal/intent/linear"
	"luminousnix/internal/operation"
)

//go:generate go run luminousnix/cmd/train
//go:embed model.bin
var file []byte

type model struct {
	vocabulary vocabulary
	operations linear.Model
	tags       linear.Model
	joints     linear.Model
}

// loaded is the model of the program; a test reads it.
var loaded = sync.OnceValue(func() *model {
	m, err := parse(file)
	if err != nil {
		panic(err)
	}
	return m
})

func parse(text []byte) (m *model, err error) {
	m = &model{}
	if m.vocabulary, text, err = parseVocabulary(text); err != nil {
		return nil, err
	}
	if m.operations, text, err = linear.Parse(text); err != nil {
		return nil, err
	}
	if m.tags, text, err = linear.Parse(text); err != nil {
		return nil, err
	}
	m.joints, _, err = linear.Parse(text)
	return m, err
}

// Word is a word of a sentence.
type Word struct {
	// Form is the stem in lower case, or what the word is an example of: <number>,
	// <release>, <option>, <date>, <size>, <span>.
	Form string
	// After is the punctuation that follows, 0 for none.
	After  byte
	Ending Ending
}

// Ending is what the stem of a word does not tell: "install", "installed", "installing".
type Ending uint8

// The endings of words.
const (
	Bare Ending = iota
	Past
	Gerund
)

// Several stands for a sentence that asks for several operations.
const Several operation.Name = "several"

// Guess is an operation that a sentence may ask for.
type Guess struct {
	Operation   operation.Name // or None: nothing that is to be done, or Several
	Probability float32
}

// Sentence is a sentence that was looked at.
type Sentence struct {
	model *model
	seen  *seen
}

// Sign is something that is known of a sentence besides its words, such as how its
// patterns read it.
type Sign uint32

// SignOf makes a sign of what is known.
func SignOf(of ...string) Sign {
	s := aSign
	for _, text := range of {
		s = s.then(symbolOf(text))
	}
	return Sign(s)
}

// Look looks at the words of a sentence. Signs help to say what it asks for.
func Look(words []Word, signs []Sign) Sentence {
	m := loaded()
	s := m.vocabulary.see(words)
	s.signs = signs
	return Sentence{m, s}
}

// Foreign reports a word that belongs to a world which ask-nix has nothing to do with:
// kitchens, gardens, families.
func (s Sentence) Foreign(i int) bool {
	return i < len(s.seen.words) && slices.ContainsFunc(s.seen.concepts[i], func(c symbol) bool { return c&foreign != 0 }) &&
		s.seen.forms[i] != s.seen.concepts[i][0]
}

// Known reports a word that is common, or has a concept of ask-nix's.
func (s Sentence) Known(i int) bool { return i < len(s.seen.words) && !s.seen.rare[i] }

// Operations says what the sentence may ask for, the likeliest first, at most as many as
// there is room for in guesses.
func (s Sentence) Operations(guesses []Guess) []Guess {
	var p [mostClasses]float32
	n := s.model.operations.Classes()
	s.model.operations.Probabilities(s.seen.sentence(make([]uint32, 0, 512)), p[:n])
	all := operation.All()
	found := guesses[:0]
	for class, probability := range p[:n] {
		g := Guess{Several, probability}
		switch {
		case class < len(all):
			g.Operation = all[class].Name
		case class == len(all):
			g.Operation = operation.None
		}
		found = insert(found, g, cap(guesses))
	}
	return found
}

const mostClasses = 256

// insert puts a guess where it belongs.
func insert(found []Guess, g Guess, most int) []Guess {
	at := len(found)
	for at > 0 && found[at-1].Probability < g.Probability {
		at--
	}
	if at == most {
		return found
	}
	if len(found) < most {
		found = append(found, g)
	}
	copy(found[at+1:], found[at:])
	found[at] = g
	return found
}

// Tags says how likely each word is what, if the sentence asks for an operation.
func (s Sentence) Tags(name operation.Name) []Tags {
	found := make([]Tags, len(s.seen.words))
	features := make([]uint32, 0, 128)
	for i := range found {
		features = s.seen.word(i, symbolOf(string(name)), features[:0])
		s.model.tags.Probabilities(features, found[i][:])
	}
	return found
}

// classOf is the number of an operation in the models.
func classOf(name operation.Name) int {
	all := operation.All()
	for i := range all {
		if all[i].Name == name {
			return i
		}
	}
	if name == Several {
		return len(all) + 1
	}
	return len(all)
}
