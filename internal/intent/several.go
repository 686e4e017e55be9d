package intent

import (
	"math"
	"reflect"
	"slices"

	"luminousnix/internal/intent/learn"
	"luminousnix/internal/operation"
)

// Probabilities of holding several requests, from which they are looked for, and from
// which nothing else is.
const (
	enoughToSplit = 0.005
	onlySeveral   = 0.6
)

// clearEnough is how clear the least clear of several requests has to be, by how likely it
// is that there are several: measured on the families that are held back.
func clearEnough(several float32) float64 {
	switch {
	case several >= onlySeveral:
		return 0
	case several >= 0.25:
		return 0.7
	case several >= 0.05:
		return 0.85
	}
	return 0.95
}

// readRequests reads a sentence that is likely to hold several requests. Neither a reading
// nor an error says that it may still be one.
func (s *sentence) readRequests(probability float32) (Reading, error) {
	if reading, ok := s.readSwap(); ok && probability >= 0.25 {
		return reading, nil
	}
	if reading, ok := s.readClauses(); ok && reading.Confidence >= clearEnough(probability) {
		return reading, nil
	}
	if probability < onlySeveral {
		return Reading{}, nil
	}
	if err := s.plainWords(nil); err != nil {
		return Reading{}, s.explainRefusal(err)
	}
	return Reading{}, notUnderstood("that asks for several things, and I did not understand all of them", nil).
		WithHint("Say one thing at a time.")
}

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
	for i := 1; i < len(s.tokens) && len(found) < mostCuts; i++ {
		c := cut{before: i, after: i}
		if s.parts(i) {
			for c.after < len(s.tokens)-1 && joins(s.word(c.after)) {
				c.reversed = c.reversed || s.word(c.after) == "first" || s.word(c.after) == "before" || s.word(c.after) == "once"
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

// parts reports whether a second request may begin at token i with a word that joins.
func (s *sentence) parts(i int) bool {
	switch s.word(i) {
	case "once":
		return s.word(i+1) != "more"
	case "as":
		return s.word(i+1) == "well" && s.word(i+2) == "as"
	}
	return joining(s.word(i))
}

// joining reports a word that begins a second request.
func joining(word string) bool {
	switch word {
	case "and", "then", "but", "after", "afterwards", "also", "plus", "once", "when", "next", "followed", "before", "while", "second", "finally":
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

// clauses are the parts of a sentence between cuts.
type clauses struct {
	*sentence
	starts, ends []int // of each part between two cuts
	cuts         []cut
	read         map[[2]int]requests // by first and last part
	rest         map[int]requests    // by first part: the best reading from there on
}

// requests are what parts of a sentence ask for: nothing, where they only tell why.
type requests struct {
	Reading
	possible bool    // the parts can be read so
	asked    int     // how many of the parts ask for something
	score    float64 // the logarithm of how likely that is
}

// readClauses reads the sentence as several requests, cut in the likeliest way.
func (s *sentence) readClauses() (Reading, bool) {
	c := s.cut()
	c.read, c.rest = map[[2]int]requests{}, map[int]requests{}
	best := c.best(0)
	return best.Reading, best.asked > 1 && len(best.Operations) <= mostRequests
}

func (s *sentence) cut() *clauses {
	c := &clauses{sentence: s, starts: []int{s.opening()}, cuts: s.cuts()}
	for _, at := range c.cuts {
		c.ends, c.starts = append(c.ends, at.before), append(c.starts, at.after)
	}
	c.ends = append(c.ends, len(s.tokens))
	return c
}

// opening is where the first request begins: behind a "before" or "after" that says in
// which order they come.
func (s *sentence) opening() int {
	if s.word(0) == "before" || s.word(0) == "after" || s.word(0) == "once" || s.word(0) == "when" {
		return 1
	}
	return 0
}

// best reads the parts from the first one on.
func (c *clauses) best(first int) requests {
	if found, done := c.rest[first]; done {
		return found
	}
	best := requests{}
	if first > 0 {
		best = c.clause(first, len(c.ends)-1)
	}
	for last := first; last < len(c.cuts); last++ {
		left := c.clause(first, last)
		if !left.possible || c.soughtToo(left, last) {
			continue
		}
		reversed := c.cuts[last].reversed || first == 0 && last == 0 && c.word(0) == "before"
		if together := join(left, c.best(last+1), reversed); together.possible && (!best.possible || together.score > best.score) {
			best = together
		}
	}
	c.rest[first] = best
	return best
}

// soughtToo reports words behind "and" that are sought, too: "search for backup and restore".
func (c *clauses) soughtToo(left requests, last int) bool {
	const few = 2
	at := c.cuts[last]
	return len(left.Operations) > 0 && left.Operations[len(left.Operations)-1].Arguments.Query != "" &&
		at.after == at.before+1 && c.sentence.plays(at.before, roleAnd) && c.ends[last+1]-c.starts[last+1] < few
}

// join puts two readings one after the other, unless they are the same.
func join(left, right requests, reversed bool) requests {
	if !left.possible || !right.possible {
		return requests{}
	}
	together := requests{Reading: left.Reading, possible: true, asked: left.asked + right.asked, score: left.score + right.score}
	later := right.Reading
	if reversed {
		together.Reading, later = right.Reading, left.Reading
	}
	if slices.ContainsFunc(together.Operations, pronoun) {
		return requests{} // there is nothing before it that it could mean
	}
	together.Operations = slices.Clone(together.Operations)
	for _, op := range later.Operations {
		n := len(together.Operations)
		if n > 0 {
			op = resolve(op, together.Operations[n-1])
		}
		switch {
		case pronoun(op): // there is nothing that it could mean
			return requests{}
		case n > 0 && sameList(op, together.Operations[n-1]):
			together.Operations[n-1] = oneList(together.Operations[n-1], op)
			continue
		case slices.ContainsFunc(together.Operations, func(o operation.Operation) bool { return reflect.DeepEqual(o, op) }):
			return requests{}
		}
		together.Operations = append(together.Operations, op)
	}
	if len(left.Operations) > 0 && len(right.Operations) > 0 {
		together.Confidence = min(left.Confidence, right.Confidence)
	} else {
		together.Confidence = max(left.Confidence, right.Confidence)
	}
	return together
}

// sameList reports two requests for packages that are one: "install vim and install git".
func sameList(a, b operation.Operation) bool {
	return a.Name == b.Name && len(a.Arguments.Packages) > 0 && len(b.Arguments.Packages) > 0 && a.Arguments.Scope == b.Arguments.Scope &&
		!slices.ContainsFunc(a.Arguments.Packages, func(p operation.PackageName) bool { return slices.Contains(b.Arguments.Packages, p) })
}

func oneList(a, b operation.Operation) operation.Operation {
	a.Arguments.Packages = append(slices.Clone(a.Arguments.Packages), b.Arguments.Packages...)
	return a
}

// pronoun reports a package that is only "it" still.
func pronoun(op operation.Operation) bool {
	return slices.Contains(op.Arguments.Packages, "it") || slices.Contains(op.Arguments.Packages, "them")
}

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
	part := s.part(start, end)
	part.pronouns = later
	if part.framed() != unframed || part.negated() || part.declined() || part.reports() || past(part.word(0)) {
		return requests{} // a part that forbids or tells
	}
	p := part.readOne()
	if op, confidence, ok := p.part.plain(p.found); ok && op.Validate() == nil {
		return requests{Reading{Operations: []operation.Operation{op}, Confidence: confidence}, true, 1, math.Log(confidence)}
	}
	l := part.learn(p)
	found := l.request(whole)
	if !found.possible && end < len(s.tokens) && s.tokens[end-1].after != 0 {
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
		case operation.AnswerQuestion, operation.Help, operation.ExplainError, operation.None:
			possible -= g.Probability
			continue
		}
		op, err := l.extract(g.Operation, l.look)
		if err != nil || l.incomplete(op) {
			continue
		}
		p := g.Probability / possible
		if g.Probability < enoughForClause || changing(op) && (len(l.tokens) < 2 || p < enoughToChangeClause || l.conditional(0, len(l.tokens))) {
			return requests{}
		}
		return requests{Reading{Operations: []operation.Operation{op}, Confidence: round(p)}, true, 1, math.Log(float64(p))}
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
