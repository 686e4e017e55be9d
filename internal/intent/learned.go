package intent

import (
	"reflect"
	"slices"

	"luminousnix/internal/answers"
	"luminousnix/internal/intent/learn"
	"luminousnix/internal/operation"
)

// Probabilities from which a guess is believed: that of an operation which only shows
// something, of one that changes something, and of one that is offered as a choice, also
// where that nothing is asked for is likelier.
const (
	enoughToShowLearned           = 0.5
	enoughToChangeLearned         = 0.65
	mostDoubt                     = 0.1
	enoughToOffer         float32 = 0.1
	enoughToDoubt                 = 0.3
	leastToAsk                    = 0.15
	enoughToPrefer                = 0.45
	enoughToOverrule              = 0.9
	surelyOther                   = 0.95
	surelySafe                    = 0.98
	surelyQuestion                = 0.7
	enoughForPatterns             = 0.3 // of several requests
)

// explained is the confidence of a pattern that leaves nothing open: it is right more often
// than what was learnt where that says something else.
const explained = 0.97

// mostGuesses is how many operations are looked at.
const mostGuesses = 8

// learned is a sentence with the operations that it may ask for, the likeliest first.
type learned struct {
	*sentence
	patterns *patterned
	look     learn.Sentence
	guesses  []learn.Guess
	apart    bool // it was read as several requests, around each of which was looked by itself
}

// learn looks at a sentence that the patterns have read.
func (s *sentence) learn(p *patterned) *learned {
	look := learn.Look(learnWords(s.tokens), s.signs(p))
	return &learned{sentence: s, patterns: p, look: look, guesses: look.Operations(make([]learn.Guess, mostGuesses))}
}

// guess is the likeliest operation that a sentence asks for.
func (s *sentence) guess() learn.Guess { return s.learn(s.match()).guesses[0] }

// sure is how likely what was read is: 0 for what was not learnt.
func (l *learned) sure(reading Reading) float32 {
	if len(reading.Operations) != 1 {
		return 0
	}
	return probability(l.guesses, reading.Operations[0].Name)
}

// readFree reads the sentence whatever stands around what it asks for. Where what was
// learnt agrees with the patterns, their arguments are taken.
func (l *learned) readFree() (Reading, error) {
	p := l.patterns
	if refusedOutright(p.err) && l.guesses[0].Probability < surelyOther || twoWays(p.err) {
		return Reading{}, p.err
	}
	whole := p.err == nil && p.Confidence >= explained
	if several := probability(l.guesses, learn.Several); (several >= enoughToSplit || l.joined() >= enoughToCut) && !(whole && several < onlySeveral) {
		if reading, err := l.readRequests(several); err != nil || len(reading.Operations) > 0 {
			return reading, err
		}
	}
	l.guesses = slices.DeleteFunc(l.guesses, func(g learn.Guess) bool { return g.Operation == learn.Several })
	if l.agrees() {
		p.Explained = p.Confidence >= explained
		return p.Reading, nil
	}
	reading, err := l.read()
	if whole && unclear(err) && !changing(p.Operations[0]) {
		return p.Reading, nil // what is likelier lacks something
	}
	return reading, err
}

// joined is how likely two requests meet in the sentence, where that is likeliest.
func (l *learned) joined() (best float32) {
	for _, c := range l.cuts() {
		best = max(best, l.look.Joint(c.before, c.after))
	}
	return best
}

// agrees reports that the reading by the patterns is the one to take: what was learnt says
// the same, or is less sure of something else than a pattern that explains every word.
func (l *learned) agrees() bool {
	p, best := l.patterns, l.guesses[0]
	switch {
	case p.err != nil:
		return false
	case len(l.tokens) == 1 && p.Operations[0].Name == operation.ShowPackage:
		return best.Operation != operation.None && best.Probability < surelyOther // "firefox"
	case p.Operations[0].Name == best.Operation:
		enough := float32(enoughToShowLearned)
		if !changing(p.Operations[0]) {
			enough = enoughToPrefer
		}
		return best.Operation == operation.AnswerQuestion || p.Confidence >= explained ||
			best.Probability >= enough && p.Confidence >= 0.9
	}
	if best.Operation == operation.AnswerQuestion {
		return p.Confidence >= explained && best.Probability < surelyQuestion
	}
	return p.Confidence >= explained && best.Probability < surelyOther
}

func (l *learned) read() (Reading, error) {
	best := l.guesses[0]
	switch {
	case l.answerable():
		return l.answer(enoughToShow, nil), nil
	case len(l.tokens) == 1 && l.tokens[0].kind != content, best.Probability < leastToAsk:
		return Reading{}, notUnderstood("I did not understand that", l.offers(l.guesses))
	case best.Operation == operation.None && l.guesses[1].Probability < enoughToDoubt:
		return Reading{}, notUnderstood("I did not understand that", nil)
	case best.Operation == operation.None || best.Probability < enoughToShowLearned:
		return l.ask()
	case changing(operation.Operation{Name: best.Operation}):
		return l.change()
	}
	return l.take()
}

// change makes the reading of an operation that changes something, if nothing speaks
// against it.
func (l *learned) change() (Reading, error) {
	switch p := l.guesses[0].Probability; {
	case l.reports() && l.guesses[0].Operation != operation.RecoverSwitch || l.declined() || l.onlyNumbers() || l.negated() && !l.goesOn() && p < surelyOther:
		if p >= surelyOther && !l.onlyNumbers() {
			return l.ask()
		}
		return Reading{}, notUnderstood("that does not ask for anything", l.offers(l.guesses[:1])).WithCause(ErrDeclined)
	case p < enoughToChangeLearned || l.disputed() || !l.seconded() && (l.doubt() > mostDoubt || l.beside() || l.worldly()):
		return l.ask()
	}
	return l.take()
}

// disputed reports that the patterns read something that changes nothing, and leave little
// open, while what was learnt is not sure either.
func (l *learned) disputed() bool {
	p := l.patterns
	return p.err == nil && !changing(p.Operations[0]) && p.Confidence >= 0.85 && l.guesses[0].Probability < enoughToOverrule
}

// seconded reports that the patterns read the same, and leave little open.
func (l *learned) seconded() bool {
	p := l.patterns
	return p.err == nil && p.Operations[0].Name == l.guesses[0].Operation && p.Confidence >= 0.9
}

// worldly reports a sentence that names nothing of a machine, and no package or option:
// "take out the rubbish".
func (l *learned) worldly() bool {
	p := l.guesses[0].Probability
	if len(l.tokens) > 7 || p >= 0.995 && len(l.tokens) > 3 || l.anyTopic(0, len(l.tokens)) || p >= surelyOther && len(l.class(l.grammar.className("machinery"), true)) > 0 {
		return false
	}
	return l.withoutArguments()
}

// withoutArguments reports that nothing in the sentence is an argument of the best guess.
func (l *learned) withoutArguments() bool {
	op, err := l.extract(l.guesses[0].Operation, l.look)
	return err == nil && reflect.ValueOf(op.Arguments).IsZero()
}

// doubt is how likely nothing is asked for, or only a question.
func (l *learned) doubt() float32 {
	return probability(l.guesses, operation.None) + probability(l.guesses, operation.AnswerQuestion)
}

// take makes the reading of the best guess.
func (l *learned) take() (Reading, error) {
	op, err := l.extract(l.guesses[0].Operation, l.look)
	if err == nil {
		err = op.Validate()
	}
	switch {
	case refusedOutright(err):
		return Reading{}, l.explainRefusal(err)
	case l.leavesOne():
		return Reading{}, notUnderstood("I did not understand that", l.offers(l.guesses[:1]))
	case err != nil:
		return l.ask()
	}
	return Reading{
		Operations: []operation.Operation{op}, Confidence: round(l.guesses[0].Probability), Alternatives: l.offers(l.guesses[1:]),
	}, nil
}

// leavesOne reports two words of which the second is unknown, and taken for nothing: rather a
// command with a mistake in it than a sentence, "jobs frob".
func (l *learned) leavesOne() bool {
	if len(l.tokens) != 2 || l.tokens[0].kind != content {
		return false
	}
	last, tags := &l.tokens[1], l.look.Tags(l.guesses[0].Operation)
	return last.kind == content && last.number < 0 && len(last.words) == 0 && !l.look.Known(1) && tags[1].Best() == learn.Plain && l.withoutArguments()
}

// ask offers what may be meant; no change, where there are words that no change has.
func (l *learned) ask() (Reading, error) {
	offers := l.offers(l.guesses)
	if err := l.plainWords(nil); err != nil {
		offers = slices.DeleteFunc(offers, func(a operation.Alternative) bool { return changing(a.Operation) })
		if len(offers) == 0 {
			return Reading{}, l.explainRefusal(err)
		}
	}
	if len(offers) == 0 || len(offers) == 1 && offers[0].Name == operation.AnswerQuestion {
		return Reading{}, notUnderstood("I did not understand that", nil)
	}
	return Reading{}, ambiguous(offers)
}

// offers are the guesses that may be meant, with their arguments.
func (l *learned) offers(guesses []learn.Guess) []operation.Alternative {
	var found []operation.Alternative
	for _, g := range guesses {
		if g.Probability < enoughToOffer || g.Operation == operation.None {
			continue
		}
		op, err := l.extract(g.Operation, l.look)
		switch {
		case err != nil:
		case op.Validate() == nil:
			found = append(found, alternative(op, g.Probability))
		case lacksValue(op) && g.Probability >= enoughToShowLearned:
			found = append(found, eitherWay(op, g.Probability)...)
		}
	}
	return found
}

// lacksValue reports a setting of which nothing says to what it is to be set.
func lacksValue(op operation.Operation) bool {
	return op.Name == operation.SetOption && op.Arguments.Value == "" && (op.Arguments.Query != "" || op.Arguments.Option != "")
}

// eitherWay are a setting turned on, and turned off.
func eitherWay(op operation.Operation, p float32) (both []operation.Alternative) {
	for _, value := range []string{"true", "false"} {
		if op.Arguments.Value = value; op.Validate() == nil {
			both = append(both, alternative(op, p/2))
		}
	}
	return both
}

// answerable reports a question that there is an answer to, where it is not clear that
// something else is asked for.
func (l *learned) answerable() bool {
	best := l.guesses[0]
	if best.Operation != operation.None && best.Probability > enoughToPrefer || !l.wonders() || l.opens("forbid") {
		return false
	}
	_, certainty := answers.Search(l.source)
	return certainty == answers.Sure
}

// probability is that of one of the guesses, 0 for another operation.
func probability(guesses []learn.Guess, name operation.Name) float32 {
	for _, g := range guesses {
		if g.Operation == name {
			return g.Probability
		}
	}
	return 0
}

func refusedOutright(err error) bool {
	failure := operation.AsError(err)
	return failure != nil && failure.Code == operation.CodeRefused
}

// twoWays reports a request that two meanings of the same words fit: "rollback 2".
func twoWays(err error) bool {
	failure := operation.AsError(err)
	return failure != nil && len(failure.Alternatives) == 2 && failure.Alternatives[0].Name == failure.Alternatives[1].Name
}

func changing(op operation.Operation) bool {
	spec, _ := operation.Lookup(op.Name)
	return spec.Changing
}
