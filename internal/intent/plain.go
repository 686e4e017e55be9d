package intent

import (
	"slices"
	"strings"
	"unicode"

	"luminousnix/internal/operation"
)

// plainWords refuses words that no name, number or sentence has in it. What changes
// something has been written by a person who means it: a word that looks like an option, a
// path, an address or a construct of some language is no part of it, unless the grammar
// knows that very word. names are the packages that were read.
func (s *sentence) plainWords(names []operation.PackageName) error {
	if strings.Count(s.source, `"`)%2 != 0 || strings.Contains(s.source, `""`) || strings.Contains(s.source, "''") {
		return refused("the quotation marks do not match", "Leave them out: names are written without.")
	}
	if strings.Contains(s.source, "*") || strings.Contains(s.source, "((") {
		return refused("the sentence has a * or (( in it, which names no single thing", "Name what you mean.")
	}
	if _, inside, ok := strings.Cut(s.source, "("); ok && strings.ContainsAny(inside, ":=/\"") {
		return refused("what is in the brackets is a construct of some language", "Say it in plain words, for example: ask-nix install firefox")
	}
	for i := range s.tokens {
		t := &s.tokens[i]
		if t.number >= 0 && t.end < len(s.source) && s.source[t.end] == '\'' {
			return refused("a quotation mark belongs to "+quoted(t.text)+" on one side only", "Leave it out: numbers are written without.")
		}
		if t.text == "" || s.grammar.id(t.word) != 0 || isOption(t.text) || t.number >= 0 || s.isTheValue(i) {
			continue
		}
		if t.text == "&" && !slices.Contains(names, operation.PackageName(s.word(i+1))) && !s.asksFrom(i+1) {
			return refused(`"&" means something to a shell, and ask-nix runs none`, "Ask for one thing in plain words, for example: ask-nix install firefox")
		}
		if why := odd(t.text); why != "" {
			return refused(quoted(t.text)+" "+why, "Say it in plain words, for example: ask-nix install firefox")
		}
		if t.quoted && len(names) > 0 && !s.quotesAll(names) {
			return refused("it is not clear what "+quoted(t.text)+" is for", "Name the packages only, without quotation marks.")
		}
		if len(names) > 0 && s.looseQuote(t) {
			return refused("a quotation mark belongs to "+quoted(t.text)+" on one side only", "Leave it out: names are written without.")
		}
	}
	return nil
}

// asksFrom reports that the rest of the sentence, from a token on, surely asks for something by
// itself.
func (s *sentence) asksFrom(i int) bool {
	if i+1 >= len(s.tokens) || !s.begins(i) {
		return false
	}
	guess := s.part(i, len(s.tokens)).guess()
	return guess.Operation != operation.None && guess.Probability >= enoughToOverrule
}

// quotesAll reports that either the names are in quotation marks and nothing else is, or
// the only one.
func (s *sentence) quotesAll(names []operation.PackageName) bool {
	marked := 0
	for i := range s.tokens {
		if t := &s.tokens[i]; t.quoted {
			if !slices.Contains(names, operation.PackageName(strings.ToLower(t.text))) {
				return false
			}
			marked++
		}
	}
	return marked == len(names)
}

func quoted(text string) string {
	const most = 60
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return `"` + text + `"`
}

// odd says what is wrong with a word; "" is nothing.
func odd(word string) string {
	switch {
	case word[0] == '-' && strings.Trim(word, "-–—") != "":
		return "looks like an option of some program"
	case strings.Contains(word, ":") && strings.Contains(word, "/"):
		return "looks like an address"
	case strings.Contains(word, "'='"):
		return "looks like a condition of some language"
	case strings.Contains(word, "=/") || word[0] == '/' || word[0] == '~' || strings.Contains(word, "..") || strings.Contains(word, "//"):
		return "looks like a path"
	}
	for _, r := range word {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("'’-_.+:#@,&/%=>→", r) {
			return "has " + string(r) + " in it"
		}
	}
	if percent := strings.IndexByte(word, '%'); percent >= 0 && (percent == 0 || !digit(word[percent-1])) {
		return "has % in it"
	}
	return ""
}

// isTheValue reports what an option is set to, which its own grammar judges.
func (s *sentence) isTheValue(i int) bool {
	if i == 0 || !isOption(s.tokens[i-1].text) && !leadsToValue(s.word(i-1)) {
		return false
	}
	for k := max(0, i-3); k < i; k++ {
		if isOption(s.tokens[k].text) {
			return s.first(func(n int) bool { return isOption(s.tokens[n].text) }) >= 0 && checkValue(s.tokens[i].text)
		}
	}
	return false
}

// leadsToValue reports a word between an option and what it is set to.
func leadsToValue(word string) bool {
	switch word {
	case "to", "=", "as", "is", "be", "with", "into", "on", "at":
		return true
	}
	return false
}

func checkValue(text string) bool {
	_, err := operation.ParseQuery(text)
	return err == nil && !strings.ContainsAny(text, "'*%")
}

// looseQuote reports a quotation mark at one end of a word that its other end lacks.
func (s *sentence) looseQuote(t *token) bool {
	before := t.start > 0 && s.source[t.start-1] == '\''
	after := t.end < len(s.source) && s.source[t.end] == '\''
	return before != after && strings.Count(s.source, "'") == 1
}
