package conversation

import (
	"strings"
	"unicode"
)

// token is a word of a sentence: as it was written, in small letters, and whether a comma
// comes after it.
type token struct {
	raw, low string
	comma    bool
}

// split makes words of a text. Signs around words are left out, but those of names, as in
// "gtk+" or ".enable", stay where they are within a word.
func split(text string) (tokens []token) {
	for _, field := range strings.Fields(strings.ReplaceAll(text, "’", "'")) {
		word := strings.TrimFunc(field, isSign)
		if word == "" {
			if len(tokens) > 0 && strings.HasPrefix(field, ",") {
				tokens[len(tokens)-1].comma = true
			}
			continue
		}
		after := field[strings.LastIndex(field, word)+len(word):]
		tokens = append(tokens, token{word, strings.ToLower(word), strings.ContainsAny(after, ",;:.!–—")})
	}
	return tokens
}

func isSign(r rune) bool {
	return r != '#' && r != '+' && r != '_' && r != '<' && r != '>' && (unicode.IsPunct(r) || unicode.IsSymbol(r))
}

// plain is the words in small letters.
func plain(tokens []token) string {
	var words []string
	for _, t := range tokens {
		words = append(words, t.low)
	}
	return strings.Join(words, " ")
}

// written is the words as they were written.
func written(tokens []token) string {
	var words []string
	for _, t := range tokens {
		words = append(words, t.raw)
	}
	return strings.Join(words, " ")
}
