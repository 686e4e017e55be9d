package intent

import (
	"slices"

	"luminousnix/internal/answers"
	"luminousnix/internal/intent/learn"
	"luminousnix/internal/operation"
)

// Probabilities from which a guess is believed: that of an operation which only shows
// something, of one that changes something, and of one that is offered as a choice, also
// where that nothing is asked for is likelier.
const (
	enoughToShowLearned           = 0.3
	enoughToChangeLearned         = 0.75
	enoughToOffer         float32 = 0.1
	enoughToDoubt                 = 0.3
)

// enoughToAgree is how likely an operation has to be that the patterns have read and that
// changes something.
const enoughToAgree = 0.05

// precision is how often a reading by the patterns is right, by its confidence, when
// what was learnt says something else: as measured on the sentences of package corpus.
func precision(confidence float64) float32 {
	switch {
	case confidence >= explained:
		return 0.97
	case confidence >= 0.93:
		return 0.88
	case confidence >= 0.9:
		return 0.65
	case confidence >= 0.7:
		return 0.4
	}
	return 0.15
}

// explained is the confidence of a pattern that leaves nothing open.
const explained = 0.97

// mostGuesses is how many operations are looked at.
const mostGuesses = 4

// learned is a sentence with the operations that it may ask for, the likeliest first.
type learned struct {
	*sentence
	look    learn.Sentence
	guesses []learn.Guess
}

// readLearned reads the sentence by what was learnt; pattern is the reading by the
// patterns, or the error that they gave.
func (s *sentence) readLearned(pattern Reading, err error) (Reading, error) {
	if refusedOutright(err) || twoWays(err) {
		return pattern, err
	}
	look := learn.Look(learnWords(s.tokens))
	guesses := look.Operations(make([]learn.Guess, mostGuesses))
	if several := probability(guesses, learn.Several); several >= enoughToSplit {
		if reading, err := s.readRequests(several); err != nil || len(reading.Operations) > 0 {
			return reading, err
		}
	}
	l := &learned{s, look, slices.DeleteFunc(guesses, func(g learn.Guess) bool { return g.Operation == learn.Several })}
	if err == nil && len(pattern.Operations) == 1 {
		switch {
		case l.disagrees(pattern):
			return Reading{}, ambiguous([]operation.Alternative{alternative(pattern.Operations[0], enoughToOffer)})
		case pattern.Operations[0].Name == l.guesses[0].Operation || precision(pattern.Confidence) >= l.guesses[0].Probability:
			return pattern, nil
		}
	}
	return l.read()
}

// disagrees reports a change that a pattern has read, and nothing else makes likely. That
// there is no such package is found out later.
func (l *learned) disagrees(pattern Reading) bool {
	op := pattern.Operations[0]
	if !changing(op) || len(op.Arguments.Packages) > 0 || pattern.Confidence >= explained {
		return false
	}
	return l.guesses[0].Operation == operation.None || probability(l.guesses, op.Name) < enoughToAgree
}

func (l *learned) read() (Reading, error) {
	best := l.guesses[0]
	switch {
	case l.answerable():
		return l.answer(enoughToShow, nil), nil
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
	case l.reports() || l.declined() || l.onlyNumbers():
		return Reading{}, notUnderstood("that does not ask for anything", l.offers(l.guesses[:1])).WithCause(ErrDeclined)
	case p < enoughToChangeLearned || l.beside():
		return l.ask()
	}
	return l.take()
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
	case err != nil:
		return l.ask()
	}
	return Reading{
		Operations: []operation.Operation{op}, Confidence: round(l.guesses[0].Probability), Alternatives: l.offers(l.guesses[1:]),
	}, nil
}

// ask offers what may be meant.
func (l *learned) ask() (Reading, error) {
	if err := l.plainWords(nil); err != nil {
		return Reading{}, l.explainRefusal(err)
	}
	offers := l.offers(l.guesses)
	if len(offers) == 0 {
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
		if err == nil && op.Validate() == nil {
			found = append(found, alternative(op, g.Probability))
		}
	}
	return found
}

// answerable reports a question that there is an answer to, where it is not clear that
// something else is asked for.
func (l *learned) answerable() bool {
	best := l.guesses[0]
	if best.Operation != operation.None && best.Probability > enoughToChangeLearned || !l.wonders() || l.opens("forbid") {
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
