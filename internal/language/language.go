// Package language says in which languages sentences are read, and finds quickly the ones
// that may be German. Which of two languages a sentence is in is decided by those who know
// its words: internal/intent and internal/answers.
package language

import (
	_ "embed"
	"strings"
	"sync"
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

// lines are those of the file, by the first letter of their words.
var lines = sync.OnceValue(func() (lines ['z' - 'a' + 1]string) {
	for text := german; text != ""; {
		line, rest, _ := strings.Cut(text, "\n")
		if len(line) > 2 && line[1] == ' ' && line[0] >= 'a' {
			lines[line[0]-'a'] = line[1:]
		}
		text = rest
	}
	return lines
})

// Spell writes a text in small letters with those of English: ae for ä, ss for ß.
func Spell(text string) string {
	return strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss").Replace(strings.ToLower(text))
}

// Marked reports a text that has one of the words in german.txt in it, or a letter that
// English has not: only then it may be German. It costs about a microsecond.
func Marked(text string) bool {
	const longest = 20 // of the words in the file
	lines, looked := lines(), false
	for i := 0; i < len(text); i++ {
		start := i
		for i < len(text) && text[i]|0x20 >= 'a' && text[i]|0x20 <= 'z' {
			i++
		}
		if i < len(text) && text[i] >= 0x80 && !looked {
			if looked = true; strings.ContainsAny(text[i:], "äöüßÄÖÜ") {
				return true
			}
		}
		if n := i - start; n > 1 && n <= longest && listed(&lines[text[start]|0x20-'a'], text[start:i]) {
			return true
		}
	}
	return false
}

// listed reports a word of a line.
func listed(line *string, word string) bool {
	var room [20]byte
	lower := room[:len(word)]
	for i := range lower {
		lower[i] = word[i] | 0x20
	}
	for rest := *line; ; {
		at := strings.Index(rest, string(lower))
		if at < 0 {
			return false
		}
		end := at + len(word)
		if at > 0 && rest[at-1] == ' ' && (end == len(rest) || rest[end] == ' ') {
			return true
		}
		rest = rest[end-1:]
	}
}
