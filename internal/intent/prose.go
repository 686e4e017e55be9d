package intent

import (
	"strings"

	"luminousnix/internal/intent/learn"
	"luminousnix/internal/operation"
)

// prose reports a sentence in which all that a shell would take for more are semicolons, at
// its end, or with plain words after them: "it works; please confirm it". One word behind
// a semicolon is rather a command.
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

// sayable reports common words behind a byte of the sentence, up to the next semicolon, that
// begin as requests do, or four and more of them.
func (s *sentence) sayable(from int, look learn.Sentence) bool {
	words, begins := 0, false
	for i := range s.tokens {
		t := &s.tokens[i]
		switch {
		case t.start < from || t.text == "":
			continue
		case t.number < 0 && (!look.Known(i) || !letters(strings.ReplaceAll(t.word, "'", "")) || odd(t.text) != ""):
			return false
		}
		begins = begins || words == 0 && s.begins(i)
		words++
		if t.after == ';' {
			break
		}
	}
	return words >= 4 || begins && words > 1
}
