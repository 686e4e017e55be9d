package conversation

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"luminousnix/internal/intent"
	"luminousnix/internal/operation"
)

// why explains what was just said: an error, the warnings of a plan, or how the last
// request was understood.
func (c *Conversation) why(s *sentence) (Step, bool) {
	switch {
	case c.last == nil:
		return Step{}, false // what failed before this conversation
	case c.last.err != nil && c.last.err.Code != operation.CodeDeclined:
		return c.whyError()
	case c.pending != nil:
		return words(c.whyPlan()...)
	}
	return words(c.whyReading(s.now)...)
}

// whyError explains the last error.
func (c *Conversation) whyError() (Step, bool) {
	err := c.last.err
	switch err.Code {
	case operation.CodeNotUnderstood:
		return words(fmt.Sprintf("I know no request with all the words of %q.", c.last.said), hintOf(err))
	case operation.CodeAmbiguous:
		lines := []string{"It may mean any of these, and they are not the same:"}
		for i, a := range c.choices {
			lines = append(lines, fmt.Sprintf("  %d. %s: %s", i+1, a.Say, lowerFirst(summary(a.Operation))))
		}
		return words(append(lines, "Say the number of what you mean.")...)
	case operation.CodeInterrupted:
		return words("You stopped it with Ctrl-C. `again` starts it anew.")
	case operation.CodeRefused, operation.CodePermission, operation.CodeUsage, operation.CodeNotAvailable:
		return words(sentenceOf(err.Message), hintOf(err))
	}
	text := strings.Join(append([]string{"error: " + err.Message}, err.Details...), "\n")
	return run("why did that fail", operation.New(operation.ExplainError, operation.Arguments{Text: text}))
}

func hintOf(err *operation.Error) string {
	if err.Hint == "" {
		return "`help` shows what can be said."
	}
	return err.Hint
}

func summary(op operation.Operation) string {
	spec, _ := operation.Lookup(op.Name)
	return spec.Summary
}

// sentenceOf makes a sentence of an error.
func sentenceOf(message string) string {
	if message == "" {
		return message
	}
	return strings.ToUpper(message[:1]) + strings.TrimSuffix(message[1:], ".") + "."
}

// whyPlan tells what there is to know about a plan before saying yes.
func (c *Conversation) whyPlan() []string {
	plan := c.pending.plan
	lines := []string{fmt.Sprintf("You asked for %q. The plan is: %s.", c.lastSentence(), lowerFirst(plan.Summary))}
	for _, warning := range plan.Warnings {
		lines = append(lines, "It warns: "+warning+".")
	}
	switch {
	case plan.Risk == operation.Destructive:
		lines = append(lines, "Something is gone afterwards, and cannot be brought back.")
	case plan.Undo != "":
		lines = append(lines, "It can be taken back with: "+plan.Undo)
	}
	return append(lines, "Nothing was done yet; `do it` carries it out.")
}

// whyReading tells how the last request was understood, and which words decided.
func (c *Conversation) whyReading(now time.Time) []string {
	x := c.last
	if len(x.reading.Operations) == 0 {
		return []string{"Nothing was done that could be explained."}
	}
	var lines []string
	if x.sentence != "" {
		lines = append(lines, fmt.Sprintf("I took %q to mean %q.", x.said, x.sentence))
	}
	for _, op := range x.reading.Operations {
		lines = append(lines, fmt.Sprintf("That is %s: %s.", op.Name, lowerFirst(summary(op))))
	}
	if x.sentence == "" && x.reading.Confidence < 1 {
		lines[0] = fmt.Sprintf("I took %q for %s (%s), and am %.0f %% sure.",
			x.said, x.reading.Operations[0].Name, lowerFirst(summary(x.reading.Operations[0])), 100*x.reading.Confidence)
		if decided := c.decisive(x.said, x.reading, now); len(decided) > 0 {
			lines = append(lines, "The words that decided: "+strings.Join(decided, ", ")+".")
		}
	}
	for _, other := range x.reading.Alternatives {
		lines = append(lines, fmt.Sprintf("It may have meant this, too: %s.", other.Say))
	}
	return lines
}

// decisive are the words without which a sentence would be read otherwise.
func (c *Conversation) decisive(text string, reading intent.Reading, now time.Time) (decided []string) {
	words := strings.Fields(text)
	if len(words) > longest {
		return nil
	}
	for i, word := range words {
		rest := strings.Join(slices.Delete(slices.Clone(words), i, i+1), " ")
		other, err := intent.UnderstandIn(c.Language, rest, now)
		if err != nil || !reflect.DeepEqual(other.Operations, reading.Operations) {
			decided = append(decided, strings.TrimFunc(word, isSign))
		}
	}
	return decided
}

// whyThis reads "why the second one?": why a row was found.
func (c *Conversation) whyThis(s *sentence) (Step, bool) {
	if len(s.tokens) < 2 || s.tokens[0].low != "why" || c.list == nil {
		return Step{}, false
	}
	selected, n := s.selectionAt(s.tokens[1:])
	if n != len(s.tokens)-1 {
		return Step{}, false
	}
	things, _, wrong := selected.from(c.list)
	if wrong != "" {
		return words(wrong)
	}
	var lines []string
	for _, t := range things {
		if len(t.why) > 0 {
			lines = append(lines, fmt.Sprintf("%s was found because of: %s.", called([]thing{t}), strings.Join(t.why, ", ")))
		} else {
			lines = append(lines, fmt.Sprintf("%s is in the list that you asked for.", called([]thing{t})))
		}
	}
	return words(lines...)
}

// how tells what the plan does, step by step.
func (c *Conversation) how() (Step, bool) {
	if c.last == nil {
		return words("Ask for something first; `how?` then tells how that is done.")
	}
	plan := c.lastPlan()
	if plan == nil {
		var lines []string
		for _, op := range c.last.reading.Operations {
			lines = append(lines, fmt.Sprintf("By the operation %s: %s.", op.Name, lowerFirst(summary(op))))
		}
		if len(lines) == 0 {
			lines = []string{"That was not understood, so there is nothing to tell. `help` shows what can be said."}
		}
		return words(lines...)
	}
	lines := []string{plan.Summary + ":"}
	for i, step := range plan.Steps {
		lines = append(lines, strings.TrimRight(fmt.Sprintf("  %d. %s %s", i+1, step.Action, step.Path), " "))
	}
	if plan.Undo != "" {
		lines = append(lines, "Taken back with: "+plan.Undo)
	}
	return words(lines...)
}

func (c *Conversation) lastPlan() *operation.Plan {
	if c.pending != nil {
		return c.pending.plan
	}
	for _, r := range c.last.results {
		if r.Plan != nil {
			return r.Plan
		}
	}
	return nil
}
