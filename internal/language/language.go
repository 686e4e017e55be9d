// Package language says in which languages sentences are read, and finds quickly the ones
// that may be German. Which of two languages a sentence is in is decided by those who know
// its words: internal/intent and internal/answers.
package language

import (
	_ "embed"
	"strings"
)

// Language is how the language of a sentence is found.
type Language uint8

const (
	// Auto has the sentence decide; one that could be either is English.
	Auto Language = iota
	// AutoGerman has the sentence decide; one that could be either is German.
	AutoGerman
	// English reads every sentence as English.
	English
	// German reads every sentence as German that has not more words of English.
	German
)

// Of is the language that the setting (auto, en or de) and the locale say.
func Of(setting string, getenv func(string) string) Language {
	switch setting {
	case "en":
		return English
	case "de":
		return German
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if locale := getenv(name); locale != "" {
			if locale == "de" || strings.HasPrefix(locale, "de_") {
				return AutoGerman
			}
			return Auto
		}
	}
	return Auto
}

// IsGerman decides by how many words of a sentence only German has, and only English.
// marked says that it has words of [Marked].
func (l Language) IsGerman(marked bool, onlyGerman, onlyEnglish int) bool {
	switch l {
	case Auto:
		return marked && onlyGerman > onlyEnglish
	case AutoGerman:
		return marked && onlyGerman > 0 && onlyGerman >= onlyEnglish
	case German:
		return onlyGerman >= onlyEnglish
	}
	return false
}

//go:embed german.txt
var german string

// Spell writes a text in small letters with those of English: ae for ä, ss for ß.
func Spell(text string) string {
	return strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss").Replace(strings.ToLower(text))
}

// Marked reports a text that has one of the words in german.txt in it, or a letter that
// English has not: only then it may be German. It costs a few microseconds.
func Marked(text string) bool {
	if strings.ContainsAny(text, "äöüßÄÖÜ") {
		return true
	}
	const longest = 20 // of the words in the file
	text = strings.ToLower(text)
	for i := 0; i < len(text); i++ {
		start := i
		for i < len(text) && text[i] >= 'a' && text[i] <= 'z' {
			i++
		}
		if word := text[start:i]; len(word) > 1 && len(word) <= longest && listed(word) {
			return true
		}
	}
	return false
}

// listed reports a word of the file. Each first letter has a line of its own.
func listed(word string) bool {
	_, line, _ := strings.Cut(german, "\n"+word[:1]+" ")
	line, _, _ = strings.Cut(line, "\n")
	for {
		at := strings.Index(line, word)
		if at < 0 {
			return false
		}
		end := at + len(word)
		if (at == 0 || line[at-1] == ' ') && (end == len(line) || line[end] == ' ') {
			return true
		}
		line = line[end:]
	}
}
