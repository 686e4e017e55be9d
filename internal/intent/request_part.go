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
	enoughToChangeClause = 0.45
	enoughForQuestion    = 0.6
	enoughForReason      = 0.3
	surelyReason         = 0.85
)

// clause reads the parts from first to last as one request.
func (c *clauses) clause(first, last int) requests {
	key := [2]int{first, last}
	found, done := c.read[key]
	if !done {
		if !c.conditions(first, last) && !c.runsInto(first, last) {
			found = c.readClause(c.starts[first], c.ends[last], c.behind(first), first == last)
		}
		if !found.possible && first == last && first > 0 {
			found = c.likewise(first)
		}
		if first == last && first > 0 {
			found = c.oneMore(first, found)
		}
		c.read[key] = found
	}
	return found
}

// behind is what the parts before one ask for at last, "" for the first part.
func (c *clauses) behind(first int) operation.Name {
	name, known := c.last[first]
	if first == 0 || known {
		return name
	}
	before := c.clause(first-1, first-1)
	switch n := len(before.Operations); {
	case n > 0:
		name = before.Operations[n-1].Name
	case before.possible && first > 1:
		name = c.behind(first - 1)
	default:
		name = c.part(c.starts[first-1], c.ends[first-1]).guess().Operation
	}
	c.last[first] = name
	return name
}

// runsInto reports parts of which the first only has numbers, and belongs to the one before it: the
// "4" in "pin 3 and 4 and delete 5".
func (c *clauses) runsInto(first, last int) bool {
	for i := c.starts[first]; i < c.ends[first]; i++ {
		if c.tokens[i].number < 0 {
			return false
		}
	}
	return first > 0 && first < last && c.begins(c.starts[first+1])
}

// likewise reads a part that only names what is to be switched like what the part before it
// names: "enable avahi and bluetooth".
func (c *clauses) likewise(i int) requests {
	const few = 4
	before, part := c.clause(i-1, i-1), c.part(c.starts[i], c.ends[i])
	if len(before.Operations) != 1 || before.Operations[0].Name != operation.SetOption || !isSwitch(before.Operations[0].Arguments.Value) || len(part.tokens) > few || part.begins(0) ||
		part.first(func(k int) bool { return surelyOn(part.word(k)) || turnsOff(part.word(k)) }) >= 0 {
		return requests{}
	}
	guess := part.guess()
	query := operation.Query(part.query(0, len(part.tokens)))
	if guess.Operation != operation.SetOption || guess.Probability < enoughToChangeClause || query == "" || part.forbids() || part.supposes() {
		return requests{}
	}
	return oneRequest(operation.New(operation.SetOption, operation.Arguments{Query: query, Value: before.Operations[0].Arguments.Value}), before.Confidence)
}

// oneMore is one more package of the list before: "remove vlc, and mpv too".
func (c *clauses) oneMore(i int, read requests) requests {
	const few = 3
	part, before := c.part(c.starts[i], c.ends[i]), c.clause(i-1, i-1)
	if len(before.Operations) != 1 || len(before.Operations[0].Arguments.Packages) == 0 || len(part.tokens) > few || !part.anyWord(1, "too", "also", "well") {
		return read
	}
	op := before.Operations[0]
	name, err := operation.ParsePackageName(strings.ToLower(part.tokens[0].text))
	if err != nil || part.tokens[0].kind != content || part.verbAt(0) {
		return read
	}
	op.Arguments.Packages = []operation.PackageName{name}
	return oneRequest(op, before.Confidence)
}

// conditions reports a condition among the parts from first to last: "when it crashes" at
// their beginning, or one for what comes behind them: "check it; if it fails" before "roll
// back"; and one that says what not to do: "install vim, don't install emacs".
func (c *clauses) conditions(first, last int) bool {
	if first > 0 && c.when(first-1) {
		return true
	}
	for i := first + 1; i <= last; i++ {
		part := c.part(c.starts[i], c.ends[i])
		if part.opens("forbid") || last < len(c.cuts) && (c.when(i-1) || part.supposes()) {
			return true
		}
	}
	return false
}

// when reports a cut after which something happens first: "when it crashes", unlike "when it
// is done".
func (c *clauses) when(i int) bool {
	at := c.cuts[i]
	for k := at.before; k < at.after; k++ {
		if c.word(k) == "when" && (k+1 < at.after && thing(c.word(k+1)) || somebody(c.word(k+1)) && !c.overSoon(k+2)) {
			return !over(c.word(at.after)) && !over(c.word(at.after-1))
		}
	}
	return false
}

// over reports a word for what has come to its end.
func over(word string) bool {
	switch word {
	case "done", "finished", "ready", "through", "over", "complete", "completed":
		return true
	}
	return false
}

// readClause reads the tokens from start to before end, behind which request they stand, if
// any.
func (s *sentence) readClause(start, end int, behind operation.Name, whole bool) requests {
	if end <= start {
		return requests{}
	}
	later := behind != ""
	reason := end < len(s.tokens) && s.tokens[end-1].after != 0
	from, to := start, end
	if later {
		if from, to = s.withoutSuccess(start, end); from == to {
			return requests{possible: true, success: true}
		}
	}
	part := s.part(from, to)
	if part.empty() {
		return requests{possible: true}
	}
	if part.supposes() || s.behindBut(start) && !part.begins(0) {
		return requests{} // a condition, or what is left out
	}
	if part.doubtedChange() {
		return requests{}
	}
	part.clause, part.pronouns, part.behind = true, later, behind
	if part.negated() && part.word(0) != "stop" || part.declined() {
		return requests{} // it says what not to do
	}
	found := part.readPart(whole, reason)
	if found.possible && found.asked == 0 && part.framed() != unframed {
		return requests{} // what is said around all that follows
	}
	if len(found.Operations) == 1 && part.runsOn(found.Operations[0]) {
		return requests{} // "nano grab vim"
	}
	found.to = thing(part.word(len(part.tokens)-1)) && part.word(len(part.tokens)-2) == "to"
	found.bound = to-from < end-start
	if len(found.Operations) > 0 && changing(found.Operations[0]) && (part.conditioned() || confirmed(found.Operations[0]) && part.doubtful(found.Operations[0], s.behindBut(start))) {
		return requests{}
	}
	return found
}

// empty reports a part of nothing but politeness, or that only says when: "please", "when done".
func (s *sentence) empty() bool {
	return s.first(func(i int) bool {
		switch s.word(i) {
		case "when", "would", "you", "will", "could", "can", "please", "pls", "thanks", "thank", "dear", "mate", "kindly", "done", "finished", "after", "afterwards", "too", "ok":
			return false
		}
		return s.tokens[i].kind != filler
	}) < 0
}

// runsOn reports a name before the verb of a request for packages that has names behind it, too.
func (s *sentence) runsOn(op operation.Operation) bool {
	if len(op.Arguments.Packages) < 2 || !s.isOneOf(0, op.Arguments.Packages) || s.begins(0) {
		return false
	}
	return s.first(func(i int) bool {
		return i > 0 && s.tokens[i-1].after == 0 && s.verbAt(i) && s.isOneOf(i+1, op.Arguments.Packages)
	}) >= 0
}

// doubtedChange reports a change that is only spoken of: "clean up does not work".
func (s *sentence) doubtedChange() bool {
	for _, sp := range s.class(s.grammar.className("doubted"), false) {
		if sp.end == len(s.tokens) && sp.start > 0 && s.literally(sp) {
			if op, _, ok := s.part(0, sp.start).plainRequest(); ok && changing(op) {
				return true
			}
		}
	}
	return false
}

// withoutSuccess leaves out "if it is ok" at the beginning or the end of a part: of several
// requests the first that fails is the last one anyway.
func (s *sentence) withoutSuccess(start, end int) (from, to int) {
	for _, sp := range s.class(s.grammar.className("success"), true) {
		switch {
		case sp.start == start && sp.end <= end:
			return sp.end, end
		case sp.end == end && sp.start >= start && !findsOut(s.word(sp.start-1)):
			return start, sp.start
		}
	}
	return start, end
}

// findsOut reports a word behind which an "if" is no condition: "see if it works".
func findsOut(word string) bool {
	switch word {
	case "see", "check", "know", "wonder", "test", "verify", "tell", "ask", "find", "out", "me", "us", "look", "sure":
		return true
	}
	return false
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
		switch s.word(i) {
		case "first":
			return false // "but first"
		case "but":
			return true
		}
	}
	return false
}

// conditioned reports an "if" or "unless" in a part that is no politeness, and does not say what is
// to be found out.
func (s *sentence) conditioned() bool {
	return s.first(func(i int) bool {
		return s.word(i) == "unless" || s.word(i) == "if" && !s.polite(i) && !findsOut(s.word(i-1))
	}) >= 0
}

// doubtful reports a part that may not ask for the change it seems to ask for. Behind "but" it
// may say what is to be left out.
func (s *sentence) doubtful(op operation.Operation, but bool) bool {
	return s.onlyTells() || s.contradicts(op) || s.cautious(op, false) || but && op.Name == operation.PinGeneration || s.vague(op)
}

// vague reports a part that names no request, or nothing certain: "maybe update", "updating
// takes long", "delete the worse one".
func (s *sentence) vague(op operation.Operation) bool {
	if s.doubts(0) || !s.gerunds && op.Name != operation.SetOption && len(s.word(0)) > 5 && strings.HasSuffix(s.word(0), "ing") {
		return true
	}
	switch s.word(0) {
	case "swap", "exchange", "trade":
		return true // one thing, for what is in another part
	}
	return s.anyWord(1, "words", "examples", "verbs") || s.weighs(op)
}

// doubts reports "maybe" and the like from a token on, at the beginning, the end, or behind a
// word that joins: "install vim and maybe emacs".
func (s *sentence) doubts(from int) bool {
	return s.first(func(i int) bool {
		switch s.word(i) {
		case "maybe", "perhaps", "possibly":
			return i >= from && (i == 0 || i+1 == len(s.tokens) || joining(s.word(i-1)) || s.begun(i))
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
	return s.framed() != unframed || s.reports() || past(s.word(0)) && !s.begins(0) && !timeless(s.word(0))
}

// readPart reads a part of a sentence, whatever stands around what it asks for. Whole says
// that it is not cut anywhere, and may that it may only tell why something is asked for.
func (s *sentence) readPart(whole, may bool) requests {
	p := s.readOne()
	l := s.learn(p)
	best := l.guesses[0]
	if may && best.Operation == operation.None && best.Probability >= surelyReason {
		return l.reason()
	}
	if op, confidence, ok := p.part.plain(p.found); ok && op.Validate() == nil && (op.Name == best.Operation || !(s.pronouns && len(s.tokens) == 1) && confidence >= explained && best.Probability < surelyOther) {
		return oneRequest(s.withPinName(op), confidence)
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

// request reads a part of a sentence that asks for several things. A part that is not cut
// anywhere is not several.
func (l *learned) request(whole bool) requests {
	possible := float32(1)
	for i, g := range l.guesses {
		switch g.Operation {
		case learn.Several:
			if whole {
				possible -= g.Probability
			}
			continue
		case operation.AnswerQuestion, operation.Help:
			if i == 0 && g.Probability >= enoughForQuestion {
				return l.question(g.Operation, g.Probability)
			}
			possible -= g.Probability
			continue
		case operation.None:
			possible -= g.Probability
			continue
		}
		op, err := l.extract(g.Operation, l.look)
		if err != nil {
			continue
		}
		if op = l.pointed(op); l.incomplete(op) {
			continue
		}
		p := g.Probability / possible
		if whole {
			g.Probability = p
		}
		if g.Probability < enoughForClause || changing(op) && (len(l.tokens) < 2 && p < explained || p < enoughToChangeClause) {
			return requests{}
		}
		return oneRequest(op, round(p))
	}
	return requests{}
}

// question is a part that asks a question.
func (s *sentence) question(name operation.Name, p float32) requests {
	op := operation.New(name, operation.Arguments{})
	if name == operation.AnswerQuestion {
		op.Arguments.Text = s.text(0, len(s.tokens))
	}
	return oneRequest(op, round(p))
}

// pointed gives an operation that needs a package the one before, where the part has a word
// for it: "show its licence".
func (s *sentence) pointed(op operation.Operation) operation.Operation {
	if !s.pronouns || len(op.Arguments.Packages) > 0 || op.Validate() == nil || len(s.tokens) > 1 && !s.anyWord(0, "it", "its", "that", "them", "this", "those") {
		return op
	}
	with := op
	with.Arguments.Packages = []operation.PackageName{"it"}
	if with.Validate() != nil {
		return op
	}
	return with
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
