package intent

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kljensen/snowball/english"
)

// maxTokens is how many words a sentence may have to be read as a request; what
// is longer is prose or a log. A match has a bit for each: 64 is the most.
const maxTokens = 40

// token is one word of a sentence. A contraction gives several tokens, of which
// only the first carries the text.
type token struct {
	text       string // as written, without surrounding punctuation
	word       string // lower case; what patterns are compared with
	start, end int    // of text in the sentence, in bytes
	after      byte   // punctuation that follows: , . ? ! : ; or 0
	quoted     bool   // stood in quotation marks
	number     int    // for digits and number words, else -1
	sense      sense
	kind       kind
	flags      wordFlag
	weight     float32
	words      []form // what it may be in the vocabulary
	meant      string // the word of the vocabulary that it is surely a misspelling of, or ""
}

// kind is the grammatical class of a token.
type kind uint8

const (
	content  kind = iota // carries meaning
	filler               // may stand anywhere
	function             // glue: pronouns, auxiliaries, prepositions
)

// form is a word of the vocabulary that a token may stand for.
type form struct {
	id     wordID
	exact  bool    // written exactly so
	factor float32 // 1, less for a corrected spelling
}

// tokenise is that of English.
func tokenise(sentence string) []token { return englishGrammar().tokenise(sentence) }

// tokenise cuts a sentence into words. It does not look them up in the vocabulary.
func (l *lexicon) tokenise(sentence string) []token {
	tokens := make([]token, 0, 16)
	for i := 0; i < len(sentence); {
		r, size := utf8.DecodeRuneInString(sentence[i:])
		if unicode.IsSpace(r) {
			i += size
			continue
		}
		end := i
		for end < len(sentence) {
			r, size := utf8.DecodeRuneInString(sentence[end:])
			if unicode.IsSpace(r) {
				break
			}
			end += size
		}
		tokens = l.appendWord(tokens, sentence, i, end)
		i = end
	}
	return l.joinNumbers(tokens)
}

const (
	openers = "\"'(“‘«„"
	closers = "\"'.,!?:;)”’»…“"
)

// appendWord adds the word sentence[start:end], cut at commas inside it, and between an option
// and what it is set to.
func (l *lexicon) appendWord(tokens []token, sentence string, start, end int) []token {
	raw := sentence[start:end]
	if comma := strings.IndexByte(raw, ','); comma > 0 && comma < len(raw)-1 && !strings.ContainsAny(raw, "<>$`'\"(){}") {
		tokens = l.appendWord(tokens, sentence, start, start+comma+1)
		return l.appendWord(tokens, sentence, start+comma+1, end)
	}
	if option, value, ok := strings.Cut(raw, "="); ok && isOption(option) && value != "" && !strings.ContainsAny(value, "=<>$`'\"(){}") {
		tokens = l.appendWord(tokens, sentence, start, start+len(option))
		return l.appendWord(tokens, sentence, end-len(value), end)
	}
	if punctuationOnly(raw) {
		if n := len(tokens); n > 0 && tokens[n-1].after == 0 {
			tokens[n-1].after = mark(raw)
		}
		return tokens
	}
	text := strings.TrimLeft(raw, openers)
	quoted := text != raw && strings.ContainsAny(raw[:len(raw)-len(text)], "\"'“‘«„")
	begin := start + len(raw) - len(text)
	trimmed := strings.TrimRight(text, closers)
	if trimmed == "" || strings.Trim(trimmed, ".") == "" || strings.HasSuffix(text, "..") && !trailsOff(text) {
		trimmed, text, begin = raw, raw, start // such as ".." or "(": leave it to the grammar of names
	}
	t := token{text: trimmed, start: begin, end: begin + len(trimmed), quoted: quoted, number: -1, after: mark(text[len(trimmed):])}
	return l.appendExpanded(tokens, t)
}

// trailsOff reports a word with an ellipsis behind it.
func trailsOff(text string) bool {
	word := strings.TrimRight(text, ".")
	return len(text)-len(word) >= 3 && word != "" && strings.Trim(strings.ToLower(word), "abcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}

// mark picks the punctuation mark that says most about structure.
func mark(s string) byte {
	for _, c := range []byte("?!.,:;") {
		if strings.IndexByte(s, c) >= 0 {
			return c
		}
	}
	return 0
}

// punctuationOnly reports marks that stand alone and mean nothing: dashes,
// ellipses, pictures, smiles.
func punctuationOnly(s string) bool {
	switch s {
	case ":)", ":-)", ":(", ":-(", ":/", ":D", ":P", "=)", "^^":
		return true
	}
	for _, r := range s {
		switch {
		case strings.ContainsRune("-–—,?!:…*•=", r):
		case r > unicode.MaxLatin1 && (unicode.Is(unicode.So, r) || unicode.Is(unicode.Sk, r) || r == '\uFE0F'):
		case r == '.' && len(s) != 2:
		default:
			return false
		}
	}
	return s != "="
}

// appendExpanded adds a token, a contraction as the words it stands for.
func (l *lexicon) appendExpanded(tokens []token, t token) []token {
	word := l.plain(t.text)
	if strings.HasPrefix(t.text, "-") {
		word = t.text // options of other tools: -S and -s differ
	}
	first, second, meaning := l.expand(word)
	t.word, t.sense, t.number = first, meaning, numberIn(first, meaning)
	if second == "" {
		return append(tokens, t)
	}
	rest := token{word: second, sense: l.sense(second), start: t.end, end: t.end, after: t.after, number: -1}
	t.after = 0
	return append(tokens, t, rest)
}

// stem reduces a word to what its forms have in common.
func stem(word string) string {
	if len(word) <= 3 || len(word) > 40 || !letters(word) {
		return word
	}
	return english.Stem(word, true)
}

// letters reports whether s consists of ASCII letters.
func letters(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i] | 0x20; c < 'a' || c > 'z' {
			return false
		}
	}
	return s != ""
}
