package intent

import (
	"slices"
	"strings"
)

// cut is where a sentence may be two requests: the first ends before token before, the
// second begins at token after.
type cut struct {
	before, after int
	reversed      bool // the second one is to be done first
}

// mostCuts bounds the work on long lists.
const mostCuts = 6

// cuts finds the places between two requests: commas, full stops and words that join.
func (s *sentence) cuts() []cut {
	var found []cut
	for i := 1; i < len(s.tokens) && len(found) < mostCuts && !s.notes(i-1); i++ {
		c := cut{before: i, after: i}
		if s.parts(i) {
			for c.after < len(s.tokens)-1 && (joins(s.word(c.after)) || s.enumerates(c.after)) {
				c.reversed = c.reversed || s.turns(c.after)
				c.after++
			}
		}
		if c.after > i || s.tokens[i-1].after != 0 {
			found = append(found, c)
			i = max(i, c.after-1)
		}
	}
	return found
}

// notes reports "note:", behind which comes no request.
func (s *sentence) notes(i int) bool { return i > 0 && s.word(i) == "note" && s.tokens[i].after == ':' }

// bare are the places between words that cuts leaves out: where two requests may meet without
// anything that joins them, "yeet vlc grab mpv".
func (s *sentence) bare() []cut {
	var found []cut
	ordinary := s.cuts()
	for i := 1; i < len(s.tokens); i++ {
		if !slices.ContainsFunc(ordinary, func(c cut) bool { return c.before <= i && i <= c.after }) {
			found = append(found, cut{before: i, after: i})
		}
	}
	return found
}

// turns reports a joining word behind which comes what is to be done first: "but first pin it",
// "before that pin it", "after you pin it", "once you have pinned it".
func (s *sentence) turns(i int) bool {
	switch s.word(i) {
	case "first":
		return true
	case "once":
		return !thing(s.word(i+1)) && !s.overSoon(i+1)
	case "before":
		return thing(s.word(i + 1))
	case "after":
		return s.word(i+1) == "you" || len(s.word(i+1)) > 5 && strings.HasSuffix(s.word(i+1), "ing")
	}
	return false
}

// overSoon reports a word for the end of what goes before, at a token or soon after it: "you are done".
func (s *sentence) overSoon(i int) bool {
	const soon = 3
	for k := i; k < i+soon; k++ {
		if over(s.word(k)) {
			return true
		}
	}
	return false
}

// enumerates reports the number or letter of an item in a list that begins with the sentence: the
// "2" in "1) check it 2) apply it".
func (s *sentence) enumerates(i int) bool {
	if i >= len(s.tokens) {
		return false
	}
	marked := func(i int) byte {
		if end := s.tokens[i].end; end < len(s.source) && (s.source[end] == ')' || s.source[end] == '.') && s.tokens[i].end-s.tokens[i].start == 1 {
			return s.source[s.tokens[i].start]
		}
		return 0
	}
	first := marked(0)
	return (first == '1' || first == 'a' || first == 'A') && marked(i) >= first && s.source[s.tokens[i].end] == s.source[s.tokens[0].end]
}

// parts reports whether a second request may begin at token i with a word that joins.
func (s *sentence) parts(i int) bool {
	if s.enumerates(i) {
		return true
	}
	switch s.word(i) {
	case "once":
		return s.word(i+1) != "more" && !joining(s.word(i+1)) && s.tokens[i].after == 0 // unlike "check it once and"
	case "as":
		return s.word(i+1) == "well" && s.word(i+2) == "as"
	}
	return joining(s.word(i))
}

// joining reports a word that begins a second request.
func joining(word string) bool {
	switch word {
	case "and", "&", "+", "n", "nd", "adn", "then", "but", "after", "afterwards", "also", "plus", "once", "when", "next", "followed", "before", "while", "second", "finally":
		return true
	}
	return false
}

// joins reports a word that may stand between two requests, behind one that joins them.
func joins(word string) bool {
	switch word {
	case "first", "that", "done", "finished", "by", "is", "it", "please", "you", "are", "lastly", "later", "afterward", "only", "too", "to", "so", "as", "well":
		return true
	}
	return joining(word)
}
