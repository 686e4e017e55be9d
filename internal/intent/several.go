package intent

import (
	"reflect"
	"slices"

	"luminousnix/internal/intent/learn"
	"luminousnix/internal/operation"
)

// Probabilities of holding several requests, from which they are looked for, and from
// which nothing else is.
const (
	enoughToSplit = 0.25
	onlySeveral   = 0.6
)

// readRequests reads a sentence that is likely to hold several requests. Neither a reading
// nor an error says that it may still be one.
func (s *sentence) readRequests(probability float32) (Reading, error) {
	if reading, ok := s.readSwap(); ok {
		return reading, nil
	}
	if reading, ok := s.readClauses(); ok {
		return reading, nil
	}
	if probability < onlySeveral {
		return Reading{}, nil
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

// clauses are the parts of a sentence between cuts, each read at most once.
type clauses struct {
	*sentence
	starts, ends []int // of each part between two cuts
	cuts         []cut
	read         map[[2]int]Reading // by first and last part; without operations if it is no request
}

// readClauses reads the sentence as several requests: the way of cutting it in which
// the least clear one is clearest.
func (s *sentence) readClauses() (Reading, bool) {
	c := &clauses{sentence: s, starts: []int{s.opening()}, cuts: s.cuts(), read: map[[2]int]Reading{}}
	for _, at := range c.cuts {
		c.ends, c.starts = append(c.ends, at.before), append(c.starts, at.after)
	}
	c.ends = append(c.ends, len(s.tokens))
	best := c.best(0)
	return best, len(best.Operations) > 1 && len(best.Operations) <= mostRequests
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
func (c *clauses) best(first int) Reading {
	best := c.clause(first, len(c.ends)-1)
	for last := first; last < len(c.cuts); last++ {
		left := c.clause(first, last)
		if len(left.Operations) == 0 {
			continue
		}
		right := c.best(last + 1)
		if len(right.Operations) == 0 {
			continue
		}
		reversed := c.cuts[last].reversed || first == 0 && last == 0 && c.word(0) == "before"
		if together := join(left, right, reversed); better(together, best) {
			best = together
		}
	}
	return best
}

// better prefers more requests when each of them is clear, and clearer ones.
func better(a, b Reading) bool {
	if len(b.Operations) == 1 && len(a.Operations) > 1 {
		return a.Confidence > enoughForClause
	}
	return a.Confidence > b.Confidence
}

// join puts two readings one after the other, unless they are the same.
func join(left, right Reading, reversed bool) Reading {
	if reversed {
		left, right = right, left
	}
	if slices.ContainsFunc(left.Operations, pronoun) {
		return Reading{} // there is nothing before it that it could mean
	}
	together := Reading{Confidence: min(left.Confidence, right.Confidence)}
	together.Operations = append(together.Operations, left.Operations...)
	for _, op := range right.Operations {
		op = resolve(op, together.Operations[len(together.Operations)-1])
		if pronoun(op) || slices.ContainsFunc(together.Operations, func(o operation.Operation) bool { return reflect.DeepEqual(o, op) }) {
			return Reading{}
		}
		together.Operations = append(together.Operations, op)
	}
	return together
}

// pronoun reports a package that is only "it" still.
func pronoun(op operation.Operation) bool {
	return slices.Contains(op.Arguments.Packages, "it") || slices.Contains(op.Arguments.Packages, "them")
}

// Probabilities from which a part of a sentence is a request of its own, one that shows
// something and one that changes something.
const (
	enoughForClause      = 0.35
	enoughToChangeClause = 0.6
)

// clause reads the parts from first to last as one request.
func (c *clauses) clause(first, last int) Reading {
	key := [2]int{first, last}
	reading, done := c.read[key]
	if !done {
		reading = c.readClause(c.starts[first], c.ends[last], first > 0)
		c.read[key] = reading
	}
	return reading
}

func (s *sentence) readClause(start, end int, later bool) Reading {
	if end <= start {
		return Reading{}
	}
	part := s.part(start, end)
	part.pronouns = later
	if part.framed() != unframed || part.negated() || part.declined() || part.reports() || past(part.word(0)) {
		return Reading{} // a part that forbids or tells
	}
	if op, confidence, ok := part.plainRequest(); ok && op.Validate() == nil {
		return Reading{Operations: []operation.Operation{op}, Confidence: confidence}
	}
	return part.likeliestRequest()
}

// likeliestRequest reads a part of a sentence that asks for several things: for none of
// those that only a whole sentence asks for.
func (s *sentence) likeliestRequest() Reading {
	look := learn.Look(learnWords(s.tokens))
	var room [6]learn.Guess
	possible := float32(1)
	for _, g := range look.Operations(room[:]) {
		switch g.Operation {
		case learn.Several, operation.AnswerQuestion, operation.Help, operation.ExplainError:
			possible -= g.Probability
			continue
		case operation.None:
			return Reading{}
		}
		op, err := s.extract(g.Operation, look)
		if err != nil || op.Validate() != nil {
			continue
		}
		enough := possible * enoughForClause
		if changing(op) {
			enough = possible * enoughToChangeClause
		}
		if g.Probability < enough || changing(op) && s.conditional(0, len(s.tokens)) {
			return Reading{}
		}
		return Reading{Operations: []operation.Operation{op}, Confidence: round(g.Probability / possible)}
	}
	return Reading{}
}
