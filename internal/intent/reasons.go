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

// besideReasons is the part of a sentence that asks for a change, where the others only tell
// why: what they say binds and takes back nothing. Nil where there is no such part, or nothing
// around the change to be careful about.
func (l *learned) besideReasons(reading Reading) *sentence {
	if len(reading.Operations) != 1 || !changing(reading.Operations[0]) {
		return nil
	}
	op := reading.Operations[0]
	if !l.contradicts(op) && !l.cautious(op, reading.Explained) {
		return nil
	}
	c := l.cut()
	for i := range c.ends {
		part := l.part(c.starts[i], c.ends[i])
		if len(c.cuts) == 0 || len(part.tokens) == 0 || part.supposes() || i < len(c.cuts) && l.tokens[c.ends[i]-1].after == 0 {
			continue
		}
		found := part.learn(part.match()).guesses[0]
		if found.Operation == op.Name && found.Probability >= surelyOther && c.onlyReasons(i) {
			return part
		}
	}
	return nil
}

// onlyReasons reports that all parts but one tell why something is asked for.
func (c *clauses) onlyReasons(request int) bool {
	for i := range c.ends {
		part := c.part(c.starts[i], c.ends[i])
		if i == request || len(part.tokens) == 0 {
			continue
		}
		if part.supposes() || i > 0 && c.when(i-1) || part.framed() != unframed || part.speaks() || part.begins(0) || i > request && part.takesUp(c.word(c.ends[i-1])) {
			return false
		}
	}
	return true
}

// takesUp reports a part behind a request that says more of it: when, or that it is not so.
func (s *sentence) takesUp(joiner string) bool {
	switch joiner {
	case "but", "once", "when", "after", "before", "while":
		return true
	}
	switch s.word(0) {
	case "no", "not", "nope", "never", "stop", "abort", "halt", "cancel", "undo", "do", "wait", "sorry", "oops", "actually", "only", "just", "except", "unless", "until", "or", "rather", "instead", "tomorrow", "tonight", "later", "next", "on", "at", "in", "keep", "leave", "maybe", "perhaps", "forget", "nevermind", "kidding", "keeping", "leaving":
		return true
	}
	return s.anyWord(0, "mean", "meant", "instead", "kidding", "joking", "nevermind", "unless", "if", "until", "not", "except", "stays", "stay", "keep", "leave", "later", "others", "rest", "else")
}
