package persona

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"luminousnix/internal/plainfile"
)

// word is something not everybody knows.
type word struct {
	forms   []string // lower case
	meaning string
}

func parseWords(text string) []word {
	var words []word
	for forms, meaning := range plainfile.Lines(text, "|") {
		words = append(words, word{strings.Split(forms, ", "), meaning})
	}
	return words
}

// A Glossary explains words where they come first. The zero value has explained none.
type Glossary struct{ told map[string]bool }

// Explain adds to a text what its words mean, in brackets after each that is not explained
// yet, and leaves out the hashes of store paths. What stands in backticks, and commands of
// ask-nix up to the end of their line, are left as they are.
func (g *Glossary) Explain(text string) string {
	var b strings.Builder
	g.walk(ShortPaths(text), func(part string, w *word) {
		b.WriteString(part)
		if w != nil {
			b.WriteString(" (" + w.meaning + ")")
		}
	})
	return b.String()
}

// Meanings are the words of a text that are not explained yet, as "word: meaning".
func (g *Glossary) Meanings(text string) []string {
	var found []string
	g.walk(text, func(part string, w *word) {
		if w != nil {
			found = append(found, strings.ToLower(strings.TrimRight(part, " 0123456789"))+": "+w.meaning)
		}
	})
	return found
}

// walk calls use with the parts of a text in order, and with the word where a part is one
// that is not explained yet. It counts as explained then.
func (g *Glossary) walk(text string, use func(part string, w *word)) {
	quoted, from := false, 0
	for at := 0; at < len(text); {
		switch n := commandAt(text, at); {
		case text[at] == '`':
			quoted = !quoted
		case !quoted && n > 0:
			at += n
			continue
		case !quoted && startsWord(text, at):
			w, n := wordAt(text[at:])
			if w != nil && g.tell(w) {
				use(text[from:at], nil)
				n += numberAt(text[at+n:])
				use(text[at:at+n], w)
				at += n
				from = at
				continue
			}
		}
		_, size := utf8.DecodeRuneInString(text[at:])
		at += size
	}
	use(text[from:], nil)
}

// tell reports whether a word is to be explained now.
func (g *Glossary) tell(w *word) bool {
	if g.told[w.forms[0]] {
		return false
	}
	if g.told == nil {
		g.told = map[string]bool{}
	}
	g.told[w.forms[0]] = true
	return true
}

// commandAt is the length of a command of ask-nix that begins there; 0 is none.
func commandAt(text string, at int) int {
	if !strings.HasPrefix(text[at:], "ask-nix ") || !startsWord(text, at) {
		return 0
	}
	if end := strings.IndexByte(text[at:], '\n'); end >= 0 {
		return end
	}
	return len(text) - at
}

// numberAt is the length of a number after a word, as in "generation 3".
func numberAt(text string) int {
	if !strings.HasPrefix(text, " ") {
		return 0
	}
	digits := len(text) - 1 - len(strings.TrimLeft(text[1:], "0123456789"))
	if digits == 0 || !endsWord(text, 1+digits) {
		return 0
	}
	return 1 + digits
}

// wordAt finds the word of the list that a text begins with, and its length.
func wordAt(text string) (*word, int) {
	words := inEnglish().words
	for i := range words {
		for _, form := range words[i].forms {
			if len(text) >= len(form) && strings.EqualFold(text[:len(form)], form) && endsWord(text, len(form)) {
				return &words[i], len(form)
			}
		}
	}
	return nil, 0
}

// startsWord reports whether a word begins there: not within one, nor within a path, a
// name or an option.
func startsWord(text string, at int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:at])
	return at == 0 || !partOfName(before) && before != '.'
}

func endsWord(text string, at int) bool {
	after, size := utf8.DecodeRuneInString(text[at:])
	if after == '.' {
		next, _ := utf8.DecodeRuneInString(text[at+size:])
		return at+size == len(text) || !partOfName(next)
	}
	return size == 0 || !partOfName(after)
}

func partOfName(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-/_=", r)
}

// hashLength is the number of characters of the hash in a store path.
const hashLength = 32

// ShortPaths replaces store paths in a text by their names: everything up to the hash and
// the dash after it goes. What is below a store path stays with it.
func ShortPaths(text string) string {
	var b strings.Builder
	for at := 0; at < len(text); {
		end := at
		for end < len(text) && isPath(text[end]) {
			end++
		}
		if end == at {
			b.WriteByte(text[at])
			at++
			continue
		}
		b.WriteString(shortPath(text[at:end]))
		at = end
	}
	return b.String()
}

func isPath(c byte) bool {
	return c > ' ' && c < 0x7f && !strings.ContainsRune("\"'`()[]{}<>,;:", rune(c))
}

func shortPath(path string) string {
	if !strings.HasPrefix(path, "/") {
		return path
	}
	for rest := path; ; {
		slash := strings.IndexByte(rest, '/')
		if slash < 0 {
			return path
		}
		rest = rest[slash+1:]
		if len(rest) > hashLength+1 && rest[hashLength] == '-' && isHash(rest[:hashLength]) {
			return rest[hashLength+1:]
		}
	}
}

// isHash knows the digits of Nix's base 32, which leaves out e, o, t and u.
func isHash(text string) bool {
	for i := range len(text) {
		if !strings.ContainsRune("0123456789abcdfghijklmnpqrsvwxyz", rune(text[i])) {
			return false
		}
	}
	return true
}
