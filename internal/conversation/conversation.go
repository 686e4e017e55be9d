// Package conversation understands what is said about what was said before: "the second
// one", "install it", "no, I meant vim", "undo that", "why?", "do it", "more".
//
// A [Conversation] remembers the last request and what came of it. [Conversation.Turn]
// makes a [Step] of the next sentence: operations to run, an answer in words, or the end.
// After the operations were run, [Conversation.Done] is told what came of them. Nothing
// here talks to anybody, reads a clock, or runs an operation.
//
//	phrases.go    words/en.txt and de.txt, the words that refer to something, read when first needed
//	tokens.go     a sentence as words
//	turn.go       short sentences that are a reference as a whole: yes, no, more, again
//	selection.go  "the second one", "number 2", "the first two"
//	thing.go      what can be referred to: the rows of results
//	replace.go    a verb and a reference: "install it", "delete the last two"
//	correct.go    "no, I meant vim"
//	undo.go       "undo that"
//	why.go        "why?" and "how?"
//
// Two rules keep a wrong guess harmless. A reference is replaced by the name of what it
// refers to and the whole sentence is read by package intent, which has the last word on
// what changes something; what comes of that must be about the thing referred to. And a
// reference never takes the place of a preview: whatever is asked about when it is said
// in full, is asked about here.
package conversation

import (
	"time"

	"luminousnix/internal/intent"
	"luminousnix/internal/language"
	"luminousnix/internal/operation"
)

// Conversation is what was said and what came of it. The zero value is a new one.
type Conversation struct {
	// Language is how the language of a sentence is found.
	Language language.Language

	last    *exchange               // the last request
	choices []operation.Alternative // that were offered and not taken
	pending *pending                // a plan that was shown and not carried out
	list    *list                   // the last results that have rows
	focus   []thing                 // what "it" and "them" are
	changes []change                // that were carried out, the last one last
}

// exchange is a request and what came of it.
type exchange struct {
	said     string // as it was said
	sentence string // what that was taken for, if it referred to something
	reading  intent.Reading
	results  []operation.Result
	err      *operation.Error // why it was not understood, or failed

	proposedBy string // as in [Step]
}

// pending are operations of which the plan of the first was shown.
type pending struct {
	operations []operation.Operation
	plan       *operation.Plan
	refused    bool // somebody has said no to it
}

// Step is what to do about a sentence. Answer is shown first; then Err is, or the
// operations of Reading are run, if there are any.
type Step struct {
	// Said is what was said.
	Said string
	// Sentence says in full what a reference was taken for; "" where there was none.
	Sentence string
	Reading  intent.Reading
	Answer   []string // lines
	Err      *operation.Error
	// Leave says that this is the end.
	Leave bool
	// ProposedBy is who has guessed the operations, as in [operation.Result]. The caller
	// sets it for what it has read, and gets it for what refers to that.
	ProposedBy string
	// Refused says that somebody has said no to the plan. The caller sets it.
	Refused bool
	// DryRun says that only the plan is to be shown. The caller may set it, too.
	DryRun bool
	// Agreed is the plan that was said yes to: where it is the same still, and nothing
	// is gone afterwards, nobody needs to be asked again.
	Agreed *operation.Plan

	undoes bool // the last change
}

// Turn understands the next sentence. Relative dates are counted from now.
func (c *Conversation) Turn(text string, now time.Time) Step {
	if step, ok := c.Refer(text, now); ok {
		return step
	}
	reading, err := intent.UnderstandIn(c.Language, text, now)
	return c.Hear(text, reading, err)
}

// Hear makes a step of a sentence that refers to nothing, and was read by the caller. An
// error may come with a reading, of what is not there on the machine.
func (c *Conversation) Hear(text string, reading intent.Reading, err error) Step {
	return c.take(Step{Said: text, Reading: reading, Err: operation.AsError(err)})
}

// take remembers what is to be said or run next.
func (c *Conversation) take(step Step) Step {
	if step.Err == nil {
		return step // Done remembers it
	}
	c.last = &exchange{said: step.Said, sentence: step.Sentence, reading: step.Reading, err: step.Err}
	step.Reading = intent.Reading{}
	c.choices, c.pending = step.Err.Alternatives, nil
	return step
}

// Choices are what can be chosen by number now.
func (c *Conversation) Choices() []operation.Alternative { return c.choices }

// Done remembers what came of the operations of a step: results are those of the ones
// that were tried, in order.
func (c *Conversation) Done(step Step, results []operation.Result) {
	c.last = &exchange{said: step.Said, sentence: step.Sentence, reading: step.Reading, results: results, proposedBy: step.ProposedBy}
	c.choices, c.pending = nil, nil
	if step.undoes && !step.DryRun && allDone(step, results) && len(c.changes) > 0 {
		c.changes = c.changes[:len(c.changes)-1]
	}
	for i := range results {
		c.remember(step, i, &results[i])
	}
	if len(results) == 1 && results[0].Success() && results[0].Plan == nil && rowsOf(&results[0]) == nil {
		c.choices = step.Reading.Alternatives
	}
}

func allDone(step Step, results []operation.Result) bool {
	return len(results) == len(step.Reading.Operations) && results[len(results)-1].Success()
}

// remember takes up one result, that of operation i of the step.
func (c *Conversation) remember(step Step, i int, r *operation.Result) {
	c.last.err = r.Err
	c.look(r)
	spec, _ := operation.Lookup(r.Operation.Name)
	declined := r.Err != nil && r.Err.Code == operation.CodeDeclined
	switch {
	case !spec.Changing || r.Plan == nil || r.Plan.Nothing:
	case declined || r.Err == nil && step.DryRun:
		if c.pending == nil {
			c.pending = &pending{step.Reading.Operations[i:], r.Plan, declined && step.Refused}
		}
	case r.Err == nil && !step.undoes:
		c.changes = append(c.changes, change{r.Operation, r.Plan, r.Entry})
	}
}
