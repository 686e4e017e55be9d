package intent

import (
	"strings"

	"luminousnix/internal/intent/learn"
	"luminousnix/internal/operation"
)

// learnWords are the words of a sentence as the learnt models know them.
func learnWords(tokens []token) []learn.Word {
	words := make([]learn.Word, 0, len(tokens))
	for i := range tokens {
		words = append(words, learn.Word{Form: tokens[i].form(), After: tokens[i].after, Ending: inflection(tokens[i].word)})
	}
	return words
}

// inflection is how a word is inflected, where that tells what is asked for from what is done.
func inflection(word string) learn.Ending {
	switch {
	case len(word) > 4 && strings.HasSuffix(word, "ed"):
		return learn.Past
	case len(word) > 5 && strings.HasSuffix(word, "ing"):
		return learn.Gerund
	}
	return learn.Bare
}

// form is the stem of a word, or the kind of thing it is.
func (t *token) form() string {
	word := t.word
	switch {
	case word == "":
		return "<none>"
	case t.number >= 0 && digit(word[0]) || word[0] == '#' && t.number >= 0:
		return "<number>"
	case len(word) == 5 && word[2] == '.' && versionNumber(word):
		return "<release>"
	case isOption(t.text):
		return "<option>"
	case digit(word[0]):
		return digits(word)
	}
	if word = strings.TrimSuffix(word, "'s"); word == "" {
		return "<none>"
	}
	if t.meant != "" {
		word = t.meant
	}
	return stem(word)
}

// digits is the kind of a word that begins with a digit.
func digits(word string) string {
	if _, err := operation.ParseDate(word); err == nil {
		return "<date>"
	}
	switch unit := strings.TrimLeft(word, "0123456789.,"); unit {
	case "b", "kb", "mb", "gb", "tb", "k", "m", "g", "t", "kib", "mib", "gib", "tib", "gigs", "megs":
		return "<size>"
	case "d", "w", "y":
		return "<span>"
	case "st", "nd", "rd", "th":
		return "<ordinal>"
	}
	return word
}

func startsWithDigit(word string) bool { return word != "" && digit(word[0]) }

func digit(b byte) bool { return b >= '0' && b <= '9' }
