package intent

import "strings"

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
