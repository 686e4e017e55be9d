package intent

import (
	"strings"

	"luminousnix/internal/intent/learn"
	"luminousnix/internal/operation"
)

// prose reports a sentence in which all that a shell would take for more are semicolons, at
// its end, or with plain words after them: "it works; please confirm it". One word behind
// a semicolon is rather a command, unless it is a request by itself: "gc; du".
func (s *sentence) prose() bool {
	if operation.ShellConstruct(strings.ReplaceAll(s.source, ";", "")) != "" {
		return false
	}
	look := learn.Look(learnWords(s.tokens), nil)
	for rest, at := s.source, 0; ; {
		n := strings.IndexByte(rest, ';')
		if n < 0 {
			return true
		}
		at += n + 1
		if rest = rest[n+1:]; strings.TrimSpace(rest) == "" {
			return true
		}
		if rest[0] != ' ' || !s.sayable(at, look) {
			return false
		}
	}
}

// sayable reports words behind a byte of the sentence, up to the next semicolon: four and more of
// them, or common ones that begin as requests do.
func (s *sentence) sayable(from int, look learn.Sentence) bool {
	words, begins, first, last, known := 0, false, 0, 0, true
	for i := range s.tokens {
		t := &s.tokens[i]
		switch {
		case t.start < from || t.text == "":
			continue
		case t.number < 0 && (!letters(strings.ReplaceAll(t.word, "'", "")) || odd(t.text) != ""):
			return false
		}
		known = known && (t.number >= 0 || look.Known(i))
		if words == 0 {
			begins, first = s.begins(i), i
		}
		words, last = words+1, i+1
		if t.after == ';' {
			break
		}
	}
	if words == 1 {
		_, confidence, ok := s.part(first, first+1).plainRequest()
		return ok && confidence >= explained
	}
	return words >= 4 || known && (begins || s.part(first, last).guess().Probability >= surelyOther)
}
