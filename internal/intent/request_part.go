package intent

import (
	"math"
	"strings"

	"luminousnix/internal/intent/learn"
	"luminousnix/internal/operation"
)

// Probabilities from which a part of a sentence is a request of its own, one that shows
// something and one that changes something; and from which it asks for nothing.
const (
	enoughForClause      = 0.3
	enoughToChangeClause = 0.6
	enoughForReason      = 0.3
)

// clause reads the parts from first to last as one request.
func (c *clauses) clause(first, last int) requests {
	key := [2]int{first, last}
	found, done := c.read[key]
	if !done {
		found = c.readClause(c.starts[first], c.ends[last], first > 0, first == last)
		c.read[key] = found
	}
	return found
}

// readClause reads the tokens from start to before end.
func (s *sentence) readClause(start, end int, later, whole bool) requests {
	if end <= start {
		return requests{}
	}
	reason := end < len(s.tokens) && s.tokens[end-1].after != 0
	from, to := start, end
	if later {
		if from, to = s.withoutSuccess(start, end); from == to {
			return requests{possible: true, success: true}
		}
	}
	part := s.part(from, to)
	if part.supposes() || s.behindBut(start) && !part.begins(0) {
		return requests{} // a condition, or what is left out
	}
	part.pronouns = later
	if part.negated() && part.word(0) != "stop" || part.declined() {
		return requests{} // it says what not to do
	}
	found := part.readPart(whole, reason)
	found.bound = to-from < end-start
	if len(found.Operations) > 0 && changing(found.Operations[0]) && part.doubtful(found.Operations[0], s.behindBut(start)) {
		return requests{}
	}
	return found
}

// withoutSuccess leaves out "if it is ok" at the beginning or the end of a part: of several
// requests the first that fails is the last one anyway.
func (s *sentence) withoutSuccess(start, end int) (from, to int) {
	for _, sp := range s.class(s.grammar.className("success"), true) {
		switch {
		case sp.start == start:
			return sp.end, end
		case sp.end == end:
			return start, sp.start
		}
	}
	return start, end
}

// checks reports requests of which the last finds out whether something is in order.
func (r *requests) checks() bool {
	if len(r.Operations) == 0 {
		return false
	}
	switch r.Operations[len(r.Operations)-1].Name {
	case operation.CheckConfiguration, operation.BuildSystem, operation.TestSystem, operation.DryActivateSystem, operation.VerifyStore:
		return true
	}
	return false
}

// behindBut reports a part behind a "but", words that join between them allowed.
func (s *sentence) behindBut(start int) bool {
	for i := start - 1; i >= 0 && joins(s.word(i)); i-- {
		if s.word(i) == "but" {
			return true
		}
	}
	return false
}

// doubtful reports a part that may not ask for the change it seems to ask for. Behind "but" it
// may say what is to be left out.
func (s *sentence) doubtful(op operation.Operation, but bool) bool {
	return s.onlyTells() || s.contradicts(op) || s.cautious(op, false) || but && op.Name == operation.PinGeneration ||
		s.putsOff(op) || s.vague(op)
}

// vague reports a part that names no request, or nothing certain: "maybe update", "updating
// takes long", "delete the worse one".
func (s *sentence) vague(op operation.Operation) bool {
	if word := s.word(0); s.doubts() || len(word) > 5 && strings.HasSuffix(word, "ing") {
		return true
	}
	return s.anyWord(1, "words", "examples", "verbs") || s.weighs(op)
}

// doubts reports "maybe" and the like at the beginning, or behind a word that joins.
func (s *sentence) doubts() bool {
	return s.first(func(i int) bool {
		switch s.word(i) {
		case "maybe", "perhaps", "possibly":
			return i == 0 || joining(s.word(i-1)) || s.begun(i)
		}
		return false
	}) >= 0
}

// weighs reports generations or packages of which the better or the worse is meant.
func (s *sentence) weighs(op operation.Operation) bool {
	return (op.Name == operation.DeleteGenerations || op.Name == operation.RemovePackages || switches(op)) && s.anyWord(0, "better", "worse", "best", "worst")
}

// switches reports an operation that goes to another generation.
func switches(op operation.Operation) bool {
	return op.Name == operation.Rollback || op.Name == operation.SwitchGeneration
}

// onlyTells reports a part that tells of something, or wonders.
func (s *sentence) onlyTells() bool {
	return s.framed() != unframed || s.reports() || past(s.word(0)) && !s.begins(0)
}

// readPart reads a part of a sentence, whatever stands around what it asks for. Whole says
// that it is not cut anywhere, and may that it may only tell why something is asked for.
func (s *sentence) readPart(whole, may bool) requests {
	p := s.readOne()
	l := s.learn(p)
	best := l.guesses[0]
	if op, confidence, ok := p.part.plain(p.found); ok && op.Validate() == nil && (op.Name == best.Operation || confidence >= explained && best.Probability < surelyOther) {
		return oneRequest(op, confidence)
	}
	found := l.request(whole)
	if !found.possible && may {
		return l.reason()
	}
	return found
}

// reason reads a part that tells why something is asked for.
func (l *learned) reason() requests {
	p := probability(l.guesses, operation.None)
	return requests{possible: p >= enoughForReason && len(l.tokens) > 1, score: math.Log(float64(p))}
}

// request reads a part of a sentence that asks for several things: for none of those that
// only a whole sentence asks for. A part that is not cut anywhere is not several.
func (l *learned) request(whole bool) requests {
	possible := float32(1)
	for _, g := range l.guesses {
		switch g.Operation {
		case learn.Several:
			if whole {
				possible -= g.Probability
			}
			continue
		case operation.AnswerQuestion, operation.Help, operation.None:
			possible -= g.Probability
			continue
		}
		op, err := l.extract(g.Operation, l.look)
		if err != nil || l.incomplete(op) {
			continue
		}
		p := g.Probability / possible
		if whole {
			g.Probability = p
		}
		if g.Probability < enoughForClause || changing(op) && (len(l.tokens) < 2 && p < explained || p < enoughToChangeClause || l.conditional(0, len(l.tokens))) {
			return requests{}
		}
		return oneRequest(op, round(p))
	}
	return requests{}
}

// incomplete reports a request that lacks something which no request before it can give.
func (s *sentence) incomplete(op operation.Operation) bool {
	if s.pronouns && s.refersBack() && op.Arguments.Generation == 0 && len(op.Arguments.Generations) == 0 {
		op = resolve(op, operation.Operation{Arguments: operation.Arguments{Generation: 1}})
	}
	return op.Validate() != nil
}

func oneRequest(op operation.Operation, p float64) requests {
	return requests{Reading: Reading{Operations: []operation.Operation{op}, Confidence: p}, possible: true, asked: 1, score: math.Log(p)}
}
