package intent

import (
	"strings"

	"luminousnix/internal/language"
)

// choose finds the grammar of the language that a text is in: the one that knows words of
// it which the other does not. German is compiled only if it may be that. sure is false
// where as many words speak for English as for German, which was preferred.
func choose(l language.Language, text string) (g *grammar, sure bool) {
	marked := l != language.English && language.Marked(text)
	if l == language.English || l != language.German && !marked {
		return englishGrammar(), true
	}
	german, english := onlyKnown(germanGrammar(), englishGrammar(), text)
	if l.IsGerman(marked, german, english) {
		return germanGrammar(), german > english
	}
	return englishGrammar(), true
}

// onlyKnown counts the words of a text that only the one or only the other grammar knows.
func onlyKnown(one, other *grammar, text string) (onlyOne, onlyOther int) {
	for _, t := range other.tokenise(text) {
		if t.text == "" || t.quoted {
			continue
		}
		word := one.plain(t.text)
		known, alsoKnown := one.id(word) != 0 || one.sense(word) != sense{}, other.knows(&t)
		switch {
		case known && !alsoKnown:
			onlyOne++
		case alsoKnown && !known:
			onlyOther++
		}
	}
	return onlyOne, onlyOther
}

// knows reports a word of the vocabulary or the lexicon, or one with an ending of English:
// that of a German word may have the stem of an English one, as "suche" has that of "such".
func (g *grammar) knows(t *token) bool {
	if t.sense != (sense{}) || g.id(t.word) != 0 {
		return true
	}
	for _, end := range [...]string{"s", "ed", "ing"} {
		if strings.HasSuffix(t.word, end) {
			g.lookUp(t)
			return len(t.words) > 0
		}
	}
	return false
}
