package intent

import (
	"cmp"
	"strings"
)

// isQuery accepts words of which at least one carries meaning.
func (s *sentence) isQuery(p, q int) bool {
	for i := p; i < q; i++ {
		if t := &s.tokens[i]; t.kind == content && s.flags(t)&isReserved == 0 || t.number >= 0 {
			return !s.plays(q-1, roleAnd) && !s.plays(p, roleAnd)
		}
	}
	return q-p == 1 && s.tokens[p].kind == content
}

// plainness is less for a query with words in it that rather make a question.
func (s *sentence) plainness(p, q int) float32 {
	for i := p; i < q; i++ {
		if s.flags(&s.tokens[i])&isDoubt != 0 {
			return 0.6
		}
	}
	return 1
}

// query are the words of a query without those that every text has.
func (s *sentence) query(p, q int) string {
	var kept []string
	for i := p; i < q; i++ {
		t := &s.tokens[i]
		if t.text == "" || t.kind == filler || i == p && t.kind == function {
			continue
		}
		kept = append(kept, cmp.Or(s.grammar.translation(t), t.text))
	}
	for n := len(kept); n > 1 && s.flagsOf(kept[n-1])&isFunction != 0; n-- {
		kept = kept[:n-1]
	}
	if len(kept) == 0 {
		return s.text(p, q)
	}
	return strings.Join(kept, " ")
}

func (s *sentence) flagsOf(word string) wordFlag {
	return s.grammar.flags[s.grammar.id(strings.ToLower(word))]
}

// isNounPhrase accepts plain words ending in a kind of program.
func (s *sentence) isNounPhrase(p, q int) bool {
	for i := p; i < q; i++ {
		if s.tokens[i].kind == function || s.flags(&s.tokens[i])&isDoubt != 0 {
			return false
		}
	}
	return s.flags(&s.tokens[q-1])&isKind != 0
}
