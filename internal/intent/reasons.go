package intent

import (
	"reflect"
	"strings"

	"luminousnix/internal/operation"
)

// anyTopic reports whether one of the tokens is about Nix.
func (s *sentence) anyTopic(p, q int) bool {
	if s.anyOf("topic", p, q) {
		return true
	}
	for i := p; i < q; i++ {
		if word := s.tokens[i].word; strings.HasPrefix(word, "nix-") || strings.HasPrefix(word, "nixos-") || strings.HasPrefix(word, "non-nix") {
			return true
		}
	}
	return false
}

// isReason accepts what people say before or after "take me back": a statement,
// set off by punctuation or about trouble, without any condition in it.
func (s *sentence) isReason(p, q int) bool {
	if s.conditional(p, q) {
		return false
	}
	if p > 0 {
		return s.plays(p, roleBecause) || s.tokens[p-1].after == ',' || s.tokens[p-1].after == '.' || s.tokens[p-1].after == '!'
	}
	last := &s.tokens[q-1]
	if s.saysWhere(p, q) {
		return false
	}
	switch {
	case last.after == ',' || last.after == '.' || last.after == '!':
		return q > 1 && (s.grammar.learnt || s.trouble(p, q))
	case last.after != 0:
		return false
	case last.plays(roleSo):
		return s.trouble(p, q)
	}
	return last.kind == content && s.trouble(p, q)
}

// saysWhere reports a part with a number or a day in it that a later one goes back to: "generation
// 56 was fine, take me back there".
func (s *sentence) saysWhere(p, q int) bool {
	if !s.anyWord(q, "there", "it", "that", "then") {
		return false
	}
	for i := p; i < q; i++ {
		if s.isGeneration(i) || s.tokens[i].sense.month > 0 && s.word(i) != "may" || s.plays(i, roleAgo) {
			return true
		}
	}
	return false
}

// trouble reports words for what one goes back from.
func (s *sentence) trouble(p, q int) bool {
	for _, sp := range s.class(s.grammar.className("trouble"), true) {
		if sp.start >= p && sp.end <= q {
			return true
		}
	}
	return false
}

// isPurpose accepts "for my son", "because vim is better", "to browse the web",
// but not "to my shopping list".
func (s *sentence) isPurpose(p, q int) bool {
	if q-p < 2 || s.conditional(p, q) {
		return false
	}
	next := &s.tokens[p+1]
	return s.plays(p, rolePurpose) || s.plays(p, roleTo) && (next.kind == content && next.number < 0 || next.plays(roleToVerb))
}

// conditional reports words that make a part of several requests, or a swap, no plain
// request: if, unless, should, "do not". A past "did not" is no such thing.
func (s *sentence) conditional(p, q int) bool {
	for i := p; i < q; i++ {
		switch {
		case s.plays(i, roleIf) && !s.polite(i), s.plays(i, roleNot) && !s.plays(i-1, roleStates), s.plays(i, roleNo) && !s.plays(i+1, roleNoLonger):
			return true
		}
	}
	return false
}

// besideReasons is the part of a sentence that asks for a change, from there to the end, where
// all before it only tells why; nil where there is no such part, or nothing to be careful about.
// What is read of it alone has to be what is read of the whole.
func (l *learned) besideReasons(reading Reading) *sentence {
	if len(reading.Operations) != 1 || !changing(reading.Operations[0]) {
		return nil
	}
	op := reading.Operations[0]
	if !l.contradicts(op) && !l.cautious(op, reading.Explained) {
		return nil
	}
	c := l.cut(l.cuts())
	var request *sentence
	for i := 1; i < len(c.starts) && c.part(c.starts[i-1], c.ends[i-1]).onlyWhy(op) && !c.when(i-1); i++ {
		part := l.part(c.starts[i], len(l.tokens))
		if found, err := part.learn(part.match()).readFree(); err == nil && reflect.DeepEqual(found.Operations, reading.Operations) {
			request = part
		}
	}
	return request
}

// onlyWhy reports a part before a request that tells why it is made, and begins neither with a
// condition, nor a time, nor a request of its own.
func (s *sentence) onlyWhy(op operation.Operation) bool {
	const clause = 4 // fewer words are rather a condition or a time: "after a backup"
	return len(s.tokens) >= clause && !s.supposes() && !s.conditionAt(0, op) && !s.laterAt(0, op) && !s.putsOff(op) && !s.doubts(0) &&
		!s.speaks() && s.framed() == unframed && !s.begins(0) && !s.anyWord(0, "backup", "backups")
}
