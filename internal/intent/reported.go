package intent

import (
	"strings"
	"unicode"

	"luminousnix/internal/intent/learn"
)

// reports tells a sentence that says what somebody has done: "the admin deleted
// generations 1 to 40". It has one clause, which begins with a subject and a verb in the
// past.
func (s *sentence) reports() bool {
	verb := s.subject()
	if began := s.timed(); began > 0 && (somebody(s.word(began)) || s.word(began) == "it") {
		verb = began + 1
		if s.first(func(i int) bool { return i > verb && s.tokens[i-1].after != 0 && s.begins(i) }) >= 0 {
			return false // a request follows
		}
	} else if verb == 0 || s.goesOn() || s.asksLater() || s.word(1) == "want" || s.word(1) == "need" {
		return false
	}
	for i := verb; i < min(verb+2, len(s.tokens)); i++ {
		if past(s.word(i)) {
			return true
		}
	}
	return false
}

// asksLater reports "can you" and the like behind the beginning.
func (s *sentence) asksLater() bool {
	return s.first(func(i int) bool {
		return i > 1 && s.word(i) == "you" && (s.word(i-1) == "can" || s.word(i-1) == "could" || s.word(i-1) == "would" || s.word(i-1) == "will")
	}) >= 0
}

// timed is where a sentence goes on behind a time at its beginning: "earlier today".
func (s *sentence) timed() int {
	i := 0
	for ; i < min(2, len(s.tokens)); i++ {
		switch s.word(i) {
		case "earlier", "today", "yesterday", "recently", "last", "night", "week", "this", "morning":
			continue
		}
		break
	}
	return i
}

// goesOn reports a sentence of several clauses: what is asked for may be in a later one.
func (s *sentence) goesOn() bool {
	return s.first(func(i int) bool {
		return i > 0 && (s.word(i) == "so" || s.word(i) == "but" || s.word(i) == "please") || i+1 < len(s.tokens) && s.tokens[i].after != 0 && s.tokens[i].after != ':'
	}) >= 0
}

// subject is where the verb is behind a subject at the beginning; 0 for none.
func (s *sentence) subject() int {
	if somebody(s.word(0)) && s.word(0) != "you" {
		return 1
	}
	switch s.word(0) {
	case "the", "my", "our", "his", "her", "their", "a", "an":
		return min(2, len(s.tokens))
	}
	return 0
}

// past reports a verb that is rather in the past than anything else.
func past(word string) bool {
	switch word {
	case "set", "put", "built", "undid", "went", "took", "got", "made", "cut", "threw", "ran", "kept", "had":
		return true
	}
	switch word {
	case "proceed", "succeed", "exceed", "embed", "speed", "indeed", "tired", "corrupted", "damaged", "orphaned", "unreferenced", "unfinished", "interrupted":
		return false
	}
	return len(word) > 4 && strings.HasSuffix(word, "ed")
}

// timeless reports a word that is the same in the past: at the beginning it asks.
func timeless(word string) bool { return word == "set" || word == "put" || word == "cut" }

// declined reports "I will not", "they should not" and the like: what is not going to be. A
// thing that "won't start" declines nothing.
func (s *sentence) declined() bool {
	if s.goesOn() {
		return false
	}
	return s.first(func(i int) bool {
		switch s.word(i) {
		case "will", "would", "should", "must", "shall":
			return somebody(s.word(i-1)) && (s.word(i+1) == "not" || s.word(i+1) == "never")
		}
		return false
	}) >= 0
}

func somebody(word string) bool {
	switch word {
	case "he", "she", "they", "we", "somebody", "someone", "nobody", "everybody", "everyone", "i", "you":
		return true
	}
	return false
}

// onlyNumbers reports a sentence without a word: a sum, a telephone number.
func (s *sentence) onlyNumbers() bool {
	return s.first(func(i int) bool { return strings.ContainsFunc(s.tokens[i].word, unicode.IsLetter) }) < 0
}

// cites reports a request in quotation marks, with other words behind it.
func (s *sentence) cites() bool {
	return len(s.tokens) > 0 && s.tokens[0].quoted && s.begins(0) && s.source[0] != '\'' && !strings.ContainsAny(s.source[len(s.source)-1:], "\"”")
}

// listed reports a line of a shell's history: a number, and a command.
func (s *sentence) listed() bool {
	return len(s.tokens) > 2 && s.tokens[0].number > 20 && s.tokens[0].after == 0 && s.tokens[1].kind == content
}

// beside reports a sentence with words in it that what it seems to ask for has nothing to
// do with: of another world, or, where it is short, of which nothing is known.
func (l *learned) beside() bool {
	const certain, surely, short, title, line = 0.98, 0.985, 7, 3, 5
	sure := l.guesses[0].Probability >= certain
	tags := l.look.Tags(l.guesses[0].Operation)
	if len(tags) <= title && l.guesses[0].Probability < 0.9 || len(tags) <= line && l.guesses[0].Probability < 0.8 {
		return true
	}
	for i := range tags {
		t := &l.tokens[i]
		switch {
		case t.word == "where" && !sure:
			return true
		case t.kind != content || t.number >= 0 || tags[i].Best() != learn.Plain:
		case l.look.Foreign(i) && l.guesses[0].Probability < 0.95:
			return true
		case len(tags) <= short && len(t.words) == 0 && !l.look.Known(i) && (l.guesses[0].Probability < surely || l.withoutArguments()):
			return true
		}
	}
	return false
}
