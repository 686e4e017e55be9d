package answers

import (
	"strings"

	"github.com/kljensen/snowball/english"

	"luminousnix/internal/language"
)

// A stemmer knows how the words of a language are compared.
type stemmer struct {
	stem  func(word string) string // what the forms of a word have in common
	spell func(text string) string // a text in the letters of English
}

// stemmers has the one of a language.
func stemmers(name string) stemmer {
	if name == "de" {
		return stemmer{germanStem, language.Spell}
	}
	return stemmer{func(word string) string { return english.Stem(word, true) }, func(text string) string { return text }}
}

// germanStem cuts off the endings that most words have.
func germanStem(word string) string {
	const shortest = 4
	for _, end := range [...]string{"innen", "en", "em", "er", "es", "e", "n", "s", "t"} {
		if stem, ok := strings.CutSuffix(word, end); ok && len(stem) >= shortest {
			return stem
		}
	}
	return word
}

// onlyKnown counts the words of a question that only the one or only the other index has.
func onlyKnown(one, other *index, question string) (onlyOne, onlyOther int) {
	eachWord(one.spell(question), func(word string) {
		switch known, alsoKnown := one.knows(word), other.knows(word); {
		case known && !alsoKnown:
			onlyOne++
		case alsoKnown && !known:
			onlyOther++
		}
	})
	return onlyOne, onlyOther
}

// knows reports a word that is in a phrasing, or says little.
func (x *index) knows(word string) bool {
	_, asked := x.numbers[word]
	return asked || x.weak[word]
}
