package intent

import (
	"cmp"
	"math"
	"reflect"
	"slices"
	"strings"

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
		0.3+1.5*float64(one(r.parted))+0.5*logit(float64(several))+0.7*logit(float64(r.joint))+0.5*logit(r.Confidence) > 0
}

// How much rather two requests are read than one of both together where each of them is clear by
// itself, and where the second one begins with a verb, besides.
const (
	clearer     = 1.3
	clearerVerb = 1.5
)

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
	if !best.severally(probability) {
		if bare := l.readBare(probability); bare.severally(probability) {
			best = bare
		}
	}
	severally := best.severally(probability)
	if l.takesBack(best.Operations) || !severally && l.conditioned(patterns.Operations) {
		if !severally && probability < enoughForPatterns {
			return Reading{}, nil
		}
		return Reading{}, notUnderstood("that takes back some of what it asks for, or only tells of it", nil).
			WithHint("Say one thing at a time.").WithCause(ErrDeclined)
	}
	switch {
	case severally:
		l.apart = true
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

// takesBack reports changes in a sentence that takes something back, or speaks of requests
// rather than making them. What else may be said around a request is looked for in each part.
func (l *learned) takesBack(all []operation.Operation) bool {
	return len(all) > 1 && slices.ContainsFunc(all, func(op operation.Operation) bool {
		return confirmed(op) && op.Name != operation.CancelJob && (l.retracts(op) || l.speaks())
	})
}

// together is the reading of several requests, around each of which was looked by itself, if
// nothing before or behind all of them speaks against it.
func (l *learned) together(reading Reading) (Reading, error) {
	at := slices.IndexFunc(reading.Operations, changing)
	if at < 0 {
		return reading, nil
	}
	if err := l.allowed(reading); err != nil {
		return Reading{}, err
	}
	if l.asksAfter() && !(reading.showsLast() && l.word(len(l.tokens)-1) != "think") || l.labelled() {
		return Reading{}, tells()
	}
	if l.framesAll(reading) || l.laterAt(0, reading.Operations[at]) {
		if framed, err := l.unframe(reading, 0); err != nil || !slices.ContainsFunc(framed.Operations, changing) {
			return framed, err
		}
		return Reading{}, tells()
	}
	return reading, nil
}

// conditioned reports changes in a sentence that binds them to something, puts them off, or
// speaks of requests rather than making them.
func (l *learned) conditioned(all []operation.Operation) bool {
	if len(all) < 2 {
		return false
	}
	s := l.withoutConditions()
	return slices.ContainsFunc(all, func(op operation.Operation) bool {
		return confirmed(op) && op.Name != operation.CancelJob && (s.retracts(op) || s.binds(op) || s.putsOff(op) || s.speaks() || s.doubts(0) || s.onlyTells() || s.excludes(op))
	})
}

// invalid reports an operation that lacks something, such as what "it" is.
func invalid(op operation.Operation) bool {
	return op.Validate() != nil || pronoun(op) || op.Name == operation.SetOption && op.Arguments.Query == "" && op.Arguments.Option == ""
}

// sameNames reports the same operations in the same order: the arguments may differ.
func sameNames(a, b []operation.Operation) bool {
	return slices.EqualFunc(a, b, func(a, b operation.Operation) bool { return a.Name == b.Name })
}

// clauses are the parts of a sentence between cuts.
type clauses struct {
	*sentence
	joints       []float32 // by cut: how likely two requests meet there
	starts, ends []int     // of each part between two cuts
	cuts         []cut
	read         map[[2]int]requests    // by first and last part
	rest         map[int]requests       // by first part: the best reading from there on
	last         map[int]operation.Name // by part: what those before it ask for at last
}

// requests are what parts of a sentence ask for: nothing, where they only tell why.
type requests struct {
	Reading
	possible bool    // the parts can be read so
	asked    int     // how many of the parts ask for something
	score    float64 // the logarithm of how likely that is
	joint    float32 // how likely two requests meet where it is cut, at the likeliest place
	parted   bool    // a mark that ends a sentence stands between two that are clear by themselves
	to       bool    // it is gone to what is named before: "roll back to it"
	bound    bool    // the first one is asked for only if what is before it succeeds
	success  bool    // nothing but "if it is ok": the next one is bound
}

// readClauses reads the sentence as several requests, cut in the likeliest way.
func (l *learned) readClauses() requests { return l.readAt(l.cuts()) }

func (l *learned) readAt(cuts []cut) requests {
	c := l.cut(cuts)
	c.read, c.rest, c.last = map[[2]int]requests{}, map[int]requests{}, map[int]operation.Name{}
	for _, at := range c.cuts {
		c.joints = append(c.joints, l.look.Joint(at.before, at.after))
	}
	return c.best(0)
}

// Nothing has to join two requests where it is likely that there are several; at most so many
// such places are looked at, and only if it is likely that they meet there.
const (
	mostBare     = 2
	enoughToBare = 0.3
	enoughToMeet = 0.3
)

// readBare reads the sentence as several requests that nothing joins, if it is likely that
// there are several.
func (l *learned) readBare(several float32) requests {
	if several < enoughToBare {
		return requests{}
	}
	type place struct {
		cut
		p float32
	}
	var likely []place
	for _, at := range l.bare() {
		if p := l.look.Joint(at.before, at.after); p >= enoughToMeet {
			likely = append(likely, place{at, p})
		}
	}
	slices.SortStableFunc(likely, func(a, b place) int { return cmp.Compare(b.p, a.p) })
	if len(likely) == 0 {
		return requests{}
	}
	all := l.cuts()
	for _, at := range likely[:min(len(likely), mostBare)] {
		all = append(all, at.cut)
	}
	slices.SortFunc(all, func(a, b cut) int { return cmp.Compare(a.before, b.before) })
	return l.readAt(all)
}

// allClear reports three parts and more of which each is clear by itself, so that they are not read
// as one.
func (c *clauses) allClear(first, last int) bool {
	for i := first; i <= last; i++ {
		if r := c.clause(i, i); !r.clear() {
			return false
		}
	}
	return last-first > 1
}

// hopeless is the logarithm of a probability below which no parts are read as one request.
const hopeless = -4

// whole is the logarithm of how likely no requests meet between the parts from first to last.
func (c *clauses) whole(first, last int) (score float64) {
	for _, p := range c.joints[first:last] {
		score += math.Log(1 - float64(p))
	}
	return score
}

func (s *sentence) cut(cuts []cut) *clauses {
	c := &clauses{sentence: s, starts: []int{s.opening()}, cuts: cuts}
	for _, at := range c.cuts {
		c.ends, c.starts = append(c.ends, at.before), append(c.starts, at.after)
	}
	c.ends = append(c.ends, len(s.tokens))
	return c
}

// opening is where the first request begins: behind a "before" or "after" that says in
// which order they come, and behind the number of the first item in a list.
func (s *sentence) opening() int {
	if s.enumerates(0) || s.word(0) == "before" || s.word(0) == "after" || s.word(0) == "once" || s.word(0) == "when" {
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
	if first > 0 && c.whole(first, len(c.cuts)) >= hopeless {
		best = c.clause(first, len(c.ends)-1)
		best.score += c.whole(first, len(c.cuts))
	}
	for last := first; last < len(c.cuts) && c.whole(first, last) >= hopeless && !c.allClear(first, last); last++ {
		left := c.clause(first, last)
		if !left.possible || c.soughtToo(left, last) {
			continue
		}
		reversed := c.cuts[last].reversed || first == 0 && last == 0 && c.word(0) == "before" || last+1 == len(c.cuts) && c.endsFirst(last+1)
		right := c.best(last + 1)
		together := join(left, right, reversed)
		together.score += c.whole(first, last) + c.clearer(&left, &right, last+1)
		together.parted = right.parted || strings.IndexByte("?.!;", c.tokens[c.cuts[last].before-1].after) >= 0 && left.clear() && right.clear()
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

// clearer is what speaks for two requests of which the second begins with a part.
func (c *clauses) clearer(left, right *requests, part int) float64 {
	if !left.clear() || !right.clear() {
		return 0
	}
	return clearer + clearerVerb*float64(one(c.verbAt(c.starts[part])))
}

// endsFirst reports a part that is to be done before the others: "pin it first".
func (c *clauses) endsFirst(i int) bool {
	end := c.ends[i]
	if end-c.starts[i] < 2 {
		return false
	}
	switch c.word(end - 1) {
	case "first", "beforehand":
		return true
	case "before":
		switch c.word(end - 2) {
		case "one", "generation", "version", "state", "system", "from", "what", "was", "day", "week", "as":
			return false // it says which: "go back to the one before"
		}
		return true
	}
	return false
}

// clear reports requests that are surely asked for where they stand.
func (r *requests) clear() bool { return len(r.Operations) > 0 && r.Confidence >= 0.9 }

// soughtToo reports words behind "and" that are sought, too: "search for backup and restore".
func (c *clauses) soughtToo(left requests, last int) bool {
	const few = 2
	at := c.cuts[last]
	n := len(left.Operations)
	return n > 0 && left.Operations[n-1].Arguments.Query != "" && left.Operations[n-1].Name != operation.SetOption &&
		at.after == at.before+1 && c.sentence.plays(at.before, roleAnd) && c.ends[last+1]-c.starts[last+1] < few
}

// join puts two readings one after the other, unless they change the same. What is only shown is
// not shown again.
func join(left, right requests, reversed bool) requests {
	if !left.possible || !right.possible || right.bound && !left.checks() && !right.about(left) {
		return requests{}
	}
	together := requests{Reading: left.Reading, possible: true, asked: left.asked + right.asked, score: left.score + right.score, joint: right.joint, bound: left.bound || left.success}
	later := right.Reading
	if right.to && !reversed {
		later.Operations = goneTo(left.Operations, later.Operations)
	}
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
		case n > 0 && namesPin(op, together.Operations[n-1]):
			together.Operations[n-1].Arguments.PinName = op.Arguments.PinName
			together.asked--
			continue
		case n > 0 && elaborates(op, together.Operations[n-1]):
			together.Operations[n-1] = op
			together.asked--
			continue
		case n > 0 && sameList(op, together.Operations[n-1]):
			together.Operations[n-1] = oneList(together.Operations[n-1], op)
			continue
		case changing(op) && slices.ContainsFunc(together.Operations, func(o operation.Operation) bool { return reflect.DeepEqual(o, op) }):
			return requests{}
		case together.shows(op):
			together.asked--
			continue
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

// about reports requests of which the first is about the packages that those before have shown:
// it fails where there are none, "is there a keepassxc? if so install it".
func (r *requests) about(before requests) bool {
	if len(r.Operations) == 0 || len(before.Operations) == 0 || len(r.Operations[0].Arguments.Packages) == 0 {
		return false
	}
	op, shown := r.Operations[0], before.Operations[len(before.Operations)-1]
	op = resolve(op, shown)
	return !pronoun(op) && (shown.Name == operation.ShowPackage || shown.Name == operation.SearchPackages || shown.Name == operation.ListPackages) &&
		slices.ContainsFunc(op.Arguments.Packages, func(p operation.PackageName) bool {
			return slices.Contains(shown.Arguments.Packages, p) || strings.EqualFold(string(shown.Arguments.Query), string(p))
		})
}

// goneTo gives the first of some requests the generation of those before: "pin 40 and switch to it".
func goneTo(before, all []operation.Operation) []operation.Operation {
	if len(before) == 0 || len(all) == 0 || before[len(before)-1].Arguments.Generation == 0 {
		return all
	}
	name := all[0].Name
	if name == operation.SwitchSystem {
		name = operation.SwitchGeneration
	}
	if name != operation.SwitchGeneration && name != operation.Rollback {
		return all
	}
	all = slices.Clone(all)
	all[0] = operation.New(name, operation.Arguments{Generation: before[len(before)-1].Arguments.Generation})
	return all
}

// shows reports a request that only shows something and is already there, since which nothing is
// changed.
func (r *requests) shows(op operation.Operation) bool {
	for i := len(r.Operations) - 1; i >= 0 && !changing(r.Operations[i]); i-- {
		if reflect.DeepEqual(r.Operations[i], op) {
			return true
		}
	}
	return false
}

// sameList reports two requests for packages that are one: "install vim and install git".
func sameList(a, b operation.Operation) bool {
	return a.Name == b.Name && len(a.Arguments.Packages) > 0 && len(b.Arguments.Packages) > 0 && a.Arguments.Scope == b.Arguments.Scope && a.Arguments.Channel == b.Arguments.Channel &&
		!slices.ContainsFunc(a.Arguments.Packages, func(p operation.PackageName) bool { return slices.Contains(b.Arguments.Packages, p) })
}

// elaborates reports a request that says more of the one before it: "clean up, keep five". Packages
// say less of it: "update all, and update vim".
func elaborates(op, before operation.Operation) bool {
	return op.Name == before.Name && changing(op) && len(op.Arguments.Packages) == 0 && reflect.ValueOf(before.Arguments).IsZero() && !reflect.ValueOf(op.Arguments).IsZero()
}

// namesPin reports what only gives a name to what is pinned: "pin 88 and name it thesis".
func namesPin(op, before operation.Operation) bool {
	return op.Name == operation.PinGeneration && before.Name == op.Name && before.Arguments.PinName == "" && op.Arguments.PinName != "" &&
		(op.Arguments.Generation == 0 || op.Arguments.Generation == before.Arguments.Generation)
}

func oneList(a, b operation.Operation) operation.Operation {
	a.Arguments.Packages = append(slices.Clone(a.Arguments.Packages), b.Arguments.Packages...)
	return a
}

// pronoun reports a package that is only "it" still.
func pronoun(op operation.Operation) bool {
	return slices.Contains(op.Arguments.Packages, "it") || slices.Contains(op.Arguments.Packages, "them")
}
