package intent

import (
	"luminousnix/internal/intent/learn"
	"luminousnix/internal/operation"
)

// signs are what the patterns and phrases say of a sentence, for what was learnt to weigh:
// how they read it or what comes nearest, and what stands around it.
func (s *sentence) signs(p *patterned) []learn.Sign {
	var signs []learn.Sign
	add := func(of ...string) { signs = append(signs, learn.SignOf(of...)) }
	switch {
	case len(p.several.Operations) > 0:
		add("several")
	case p.err == nil:
		name := string(p.Operations[0].Name)
		add("reads", name)
		add("reads", name, grade(p.Confidence))
		add("reads", grade(p.Confidence))
	default:
		add("error", string(operation.AsError(p.err).Code))
		for i := range min(2, len(p.found)) {
			name := string(p.found[i].pattern.operation)
			add("near", name)
			add("near", name, grade(float64(p.found[i].confidence)))
		}
	}
	for i, other := range p.others() {
		if i < 2 {
			add("other", string(other.Name))
		}
	}
	if s.behind != "" {
		add("behind", string(s.behind))
		add("behind", string(s.behind), s.word(0))
	}
	s.beginnings(add)
	s.surroundings(add)
	return signs
}

// beginnings adds with which words a further request may begin, and what is before it.
func (s *sentence) beginnings(add func(...string)) {
	begin := 0
	for _, c := range s.cuts() {
		if s.begins(c.after) {
			begin++
			add("joins", s.word(c.before), string(s.tokens[c.before-1].after))
			add("joins verb", s.word(c.after))
			add("joins verbs", s.word(s.opening()), s.word(c.after))
		}
	}
	if s.begins(s.opening()) {
		begin += 10
	}
	add("begin", string(rune('0'+begin)))
}

// surroundings adds what stands around a request and may make it none.
func (s *sentence) surroundings(add func(...string)) {
	switch s.framed() {
	case forbidden:
		add("forbidden")
	case questioned:
		add("questioned")
	case told:
		add("told")
	}
	for _, is := range []struct {
		sign  string
		there bool
	}{
		{"reports", s.reports()},
		{"negated", s.negated()},
		{"declined", s.declined()},
		{"forbids later", s.laterForbids()},
		{"goes on", s.goesOn()},
		{"conditional", s.conditional(0, len(s.tokens))},
	} {
		if is.there {
			add(is.sign)
		}
	}
	if s.wonders() {
		add("wonders")
	}
}

// others are the alternatives of the reading, or of the error.
func (p *patterned) others() []operation.Alternative {
	if p.err != nil {
		return operation.AsError(p.err).Alternatives
	}
	return p.Alternatives
}

// grade is how sure a reading by the patterns is: from a, which explains all of the
// sentence, to e.
func grade(confidence float64) string {
	switch {
	case confidence >= 0.97:
		return "a"
	case confidence >= 0.93:
		return "b"
	case confidence >= 0.9:
		return "c"
	case confidence >= 0.7:
		return "d"
	}
	return "e"
}
