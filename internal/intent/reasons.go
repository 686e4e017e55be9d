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
		switch s.tokens[p].word {
		case "because", "since", "as", "cause":
			return true
		}
		return s.tokens[p-1].after == ',' || s.tokens[p-1].after == '.' || s.tokens[p-1].after == '!'
	}
	last := &s.tokens[q-1]
	switch {
	case last.after == ',' || last.after == '.' || last.after == '!':
		return q > 1
	case last.after != 0:
		return false
	case last.word == "so" || last.word == "and":
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
	switch next := &s.tokens[p+1]; s.tokens[p].word {
	case "for", "because", "so", "since", "cause", "as":
		return true
	case "to":
		return next.kind == content && next.number < 0 || next.word == "get" || next.word == "make" || next.word == "use"
	}
	return false
}

// conditional reports words that make what follows no plain request: if, unless,
// should, "do not". A past "did not" is no such thing.
func (s *sentence) conditional(p, q int) bool {
	for i := p; i < q; i++ {
		switch s.tokens[i].word {
		case "if", "unless", "should", "would", "whether", "when", "until", "before", "but", "except", "without",
			"instead", "never", "how", "what", "why", "could", "may", "might", "nobody", "suppose", "wonder":
			return true
		case "not":
			switch s.word(i - 1) {
			case "did", "does", "is", "are", "has", "was", "were", "can", "will", "have", "could", "am":
			default:
				return true
			}
		case "no":
			if s.word(i+1) != "longer" && s.word(i+1) != "more" {
				return true
			}
		}
	}
	return false
}
