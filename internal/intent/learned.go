package intent

import (
	"slices"

	"luminousnix/internal/answers"
	"luminousnix/internal/intent/learn"
	"luminousnix/internal/operation"
)

// Probabilities from which what was learnt is believed.
const (
	enoughToShowLearned           = 0.3
	enoughToChangeLearned         = 0.75
	enoughToOffer         float32 = 0.1
)

// enoughToDoubt is how likely another operation has to be so that it is asked about where
// nothing is likelier.
const enoughToDoubt = 0.3

// precision is how often a reading by the patterns is right, by its confidence, when
// what was learnt says something else: as measured on the sentences of package corpus.
func precision(confidence float64) float32 {
	switch {
	case confidence >= 0.97:
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

// enoughToAgree is how likely an operation has to be that the patterns have read and that
// changes something.
const enoughToAgree = 0.05

func probability(guesses []learn.Guess, name operation.Name) float32 {
	for _, g := range guesses {
		if g.Operation == name {
			return g.Probability
		}
	}
	return 0
}

// mostGuesses is how many operations are looked at.
const mostGuesses = 4

// readLearned reads the sentence by what was learnt; grammar is the reading by the
// patterns, or the error that they gave.
func (s *sentence) readLearned(grammar Reading, grammarErr error) (Reading, error) {
	if refusedOutright(grammarErr) || twoWays(grammarErr) {
		return grammar, grammarErr
	}
	look := learn.Look(learnWords(s.tokens))
	var room [mostGuesses]learn.Guess
	guesses := look.Operations(room[:])
	if reading, done, err := s.readIfSeveral(guesses); done {
		return reading, err
	}
	guesses = slices.DeleteFunc(guesses, func(g learn.Guess) bool { return g.Operation == learn.Several })
	best := guesses[0]
	if grammarErr == nil && len(grammar.Operations) == 1 {
		if op := grammar.Operations[0]; changing(op) && len(op.Arguments.Packages) == 0 && grammar.Confidence < 0.97 && (best.Operation == operation.None || probability(guesses, op.Name) < enoughToAgree) {
			return Reading{}, ambiguous([]operation.Alternative{alternative(grammar.Operations[0], best.Probability/2)})
		}
		if p := precision(grammar.Confidence); grammar.Operations[0].Name == best.Operation || p >= best.Probability {
			return grammar, nil
		}
	}
	spec, _ := operation.Lookup(best.Operation)
	switch {
	case s.answerable(best):
		return s.answer(enoughToShow, nil), nil
	case best.Operation == operation.None && guesses[1].Probability < enoughToDoubt:
		return Reading{}, notUnderstood("I did not understand that", nil)
	case best.Operation == operation.None || best.Probability < enoughToShowLearned:
		return s.ask(guesses, look)
	case !spec.Changing:
		return s.show(best, guesses, look)
	}
	return s.change(best, guesses, look)
}

func refusedOutright(err error) bool {
	failure := operation.AsError(err)
	return failure != nil && failure.Code == operation.CodeRefused
}

// Probabilities of holding several requests, from which they are looked for, and from
// which nothing else is.
const (
	enoughToSplit = 0.25
	onlySeveral   = 0.6
)

// readIfSeveral reads the sentence as several requests if it looks like that; done is
// false if it may still be one.
func (s *sentence) readIfSeveral(guesses []learn.Guess) (reading Reading, done bool, err error) {
	i := slices.IndexFunc(guesses, func(g learn.Guess) bool { return g.Operation == learn.Several })
	if i < 0 || guesses[i].Probability < enoughToSplit {
		return Reading{}, false, nil
	}
	if reading, ok := s.readSwap(); ok {
		return reading, true, nil
	}
	if reading, ok := s.readClauses(); ok {
		return reading, true, nil
	}
	if guesses[i].Probability < onlySeveral {
		return Reading{}, false, nil
	}
	return Reading{}, true, notUnderstood("that asks for several things, and I did not understand all of them", nil).
		WithHint("Say one thing at a time.")
}

// answerable reports a question that there is an answer to, where it is not clear that
// something else is asked for.
func (s *sentence) answerable(best learn.Guess) bool {
	if best.Operation != operation.None && best.Probability > enoughToChangeLearned || !s.wonders() || s.opens("forbid") {
		return false
	}
	_, certainty := answers.Search(s.source)
	return certainty == answers.Sure
}

// twoWays reports a request that two meanings of the same words fit: "rollback 2".
func twoWays(err error) bool {
	failure := operation.AsError(err)
	return failure != nil && len(failure.Alternatives) == 2 && failure.Alternatives[0].Name == failure.Alternatives[1].Name
}

// show makes the reading of an operation that changes nothing.
func (s *sentence) show(best learn.Guess, guesses []learn.Guess, look learn.Sentence) (Reading, error) {
	op, err := s.extract(best.Operation, look)
	if err == nil {
		err = op.Validate()
	}
	if err != nil {
		if refusedOutright(err) {
			return Reading{}, s.explainRefusal(err)
		}
		return s.ask(guesses, look)
	}
	return Reading{
		Operations: []operation.Operation{op}, Confidence: round(best.Probability), Alternatives: s.others(guesses[1:], look),
	}, nil
}

// change makes the reading of an operation that changes something, if nothing speaks
// against it.
func (s *sentence) change(best learn.Guess, guesses []learn.Guess, look learn.Sentence) (Reading, error) {
	if err := s.plainWords(nil); err != nil {
		return Reading{}, s.explainRefusal(err)
	}
	switch {
	case s.reports() || s.declined() || s.onlyNumbers():
		return Reading{}, notUnderstood("that does not ask for anything", s.others(guesses[:1], look)).WithCause(ErrDeclined)
	case best.Probability < enoughToChangeLearned || best.Probability < 0.9 && s.doubtful() || s.beside(best, look):
		return s.ask(guesses, look)
	}
	return s.show(best, guesses, look)
}

// ask offers what may be meant.
func (s *sentence) ask(guesses []learn.Guess, look learn.Sentence) (Reading, error) {
	if err := s.plainWords(nil); err != nil {
		return Reading{}, s.explainRefusal(err)
	}
	offers := s.others(guesses, look)
	if len(offers) == 0 {
		return Reading{}, notUnderstood("I did not understand that", nil)
	}
	return Reading{}, ambiguous(offers)
}

// others are the guesses that may be meant, with their arguments.
func (s *sentence) others(guesses []learn.Guess, look learn.Sentence) []operation.Alternative {
	var found []operation.Alternative
	for _, g := range guesses {
		if g.Probability < enoughToOffer || g.Operation == operation.None {
			continue
		}
		op, err := s.extract(g.Operation, look)
		if err == nil && op.Validate() == nil {
			found = append(found, alternative(op, g.Probability))
		}
	}
	return found
}

// doubtful reports words by which a sentence rather speaks of a change than asks for
// it.
func (s *sentence) doubtful() bool {
	return s.conditional(0, len(s.tokens)) && s.negated()
}

func changing(op operation.Operation) bool {
	spec, _ := operation.Lookup(op.Name)
	return spec.Changing
}
