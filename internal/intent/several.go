package intent

import (
	"math"
	"reflect"
	"slices"
	"strings"

	"luminousnix/internal/intent/learn"
	"luminousnix/internal/operation"
)

// Probabilities of holding several requests, by the words of a sentence and by the places
// where it may be cut, from which they are looked for, and from which nothing else is.
const (
	enoughToSplit = 0.005
	enoughToCut   = 0.05
	onlySeveral   = 0.6
)

// severally reports that a sentence rather holds the requests it was read as than one: by how
// likely there are several by its words, how likely they meet where it was cut, and how clear
// they are. The factors were fitted on the families that are held back.
func (r *requests) severally(several float32) bool {
	return r.asked > 1 && len(r.Operations) <= mostRequests && !slices.ContainsFunc(r.Operations, invalid) &&
		0.3+0.5*logit(float64(several))+0.7*logit(float64(r.joint))+0.5*logit(r.Confidence) > 0
}

// logit is the logarithm of the odds of a probability.
func logit(p float64) float64 {
	const least = 0.002
	p = min(max(p, least), 1-least)
	return math.Log(p / (1 - p))
}

// readRequests reads a sentence that is likely to hold several requests. Neither a reading
// nor an error says that it may still be one.
func (l *learned) readRequests(probability float32) (Reading, error) {
	s := l.sentence
	if reading, ok := s.readSwap(); ok && probability >= 0.25 {
		return reading, nil
	}
	best, patterns := l.readClauses(), l.patterns.several
	if l.takesBack(best.Operations) || l.takesBack(patterns.Operations) {
		return Reading{}, notUnderstood("that takes back some of what it asks for, or only tells of it", nil).
			WithHint("Say one thing at a time.").WithCause(ErrDeclined)
	}
	switch {
	case best.severally(probability) && !sameNames(best.Operations, patterns.Operations):
		return best.Reading, nil
	case len(patterns.Operations) > 0 && !slices.ContainsFunc(patterns.Operations, invalid) && max(probability, l.joined()) >= enoughForPatterns && !slices.ContainsFunc(patterns.Operations, l.takesOthers):
		return patterns, nil
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

// takesBack reports changes in a sentence that takes something back, binds it to something, or
// speaks of requests rather than making them.
func (l *learned) takesBack(all []operation.Operation) bool {
	if len(all) < 2 {
		return false
	}
	s := l.withoutConditions()
	return slices.ContainsFunc(all, func(op operation.Operation) bool {
		return confirmed(op) && op.Name != operation.CancelJob && (s.retracts(op) || s.binds(op) || s.putsOff(op) || s.speaks() || s.doubts())
	})
}

// invalid reports an operation that lacks something, such as what "it" is.
func invalid(op operation.Operation) bool { return op.Validate() != nil || pronoun(op) }

// sameNames reports the same operations in the same order: the arguments may differ.
func sameNames(a, b []operation.Operation) bool {
	return slices.EqualFunc(a, b, func(a, b operation.Operation) bool { return a.Name == b.Name })
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
	joints       []float32 // by cut: how likely two requests meet there
	starts, ends []int     // of each part between two cuts
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
	joint    float32 // how likely two requests meet where it is cut, at the likeliest place
	bound    bool    // the first one is asked for only if what is before it succeeds
	success  bool    // nothing but "if it is ok": the next one is bound
}

// readClauses reads the sentence as several requests, cut in the likeliest way.
func (l *learned) readClauses() requests {
	c := l.cut()
	c.read, c.rest = map[[2]int]requests{}, map[int]requests{}
	for _, at := range c.cuts {
		c.joints = append(c.joints, l.look.Joint(at.before, at.after))
	}
	return c.best(0)
}

// whole is the logarithm of how likely no requests meet between the parts from first to last.
func (c *clauses) whole(first, last int) (score float64) {
	for _, p := range c.joints[first:last] {
		score += math.Log(1 - float64(p))
	}
	return score
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
		best.score += c.whole(first, len(c.cuts))
	}
	for last := first; last < len(c.cuts); last++ {
		left := c.clause(first, last)
		if !left.possible || c.soughtToo(left, last) {
			continue
		}
		reversed := c.cuts[last].reversed || first == 0 && last == 0 && c.word(0) == "before"
		together := join(left, c.best(last+1), reversed)
		together.score += c.whole(first, last)
		if len(left.Operations) > 0 {
			together.score += math.Log(float64(c.joints[last]) + 1e-6)
			together.joint = max(together.joint, c.joints[last])
		}
		if together.possible && (!best.possible || together.score > best.score) {
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
	if !left.possible || !right.possible || right.bound && !left.checks() {
		return requests{}
	}
	together := requests{Reading: left.Reading, possible: true, asked: left.asked + right.asked, score: left.score + right.score, joint: right.joint, bound: left.bound || left.success}
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
