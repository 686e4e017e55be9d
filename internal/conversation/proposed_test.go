package conversation_test

import (
	"testing"

	"luminousnix/internal/conversation"
	"luminousnix/internal/operation"
)

// TestProposed: what refers to a proposal of a language model is one itself, and a
// correction is never so sure to be meant that nobody is asked.
func TestProposed(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]string{
		"again": "llm", "do it": "llm", "yes": "llm", "no, I meant vim": "llm", "what about vim?": "llm", "no, the first one": "llm",
		"install vim": "", "no, remove vim": "",
	} {
		c := &conversation.Conversation{}
		step := c.Turn("search for editors", now)
		c.Done(step, outcome(t, &step, "found 2 vim nano"))
		step = c.Turn("install emacs", now)
		step.ProposedBy = operation.ProposedByModel
		step.Reading.Confidence = 0
		c.Done(step, outcome(t, &step, "declined Install emacs"))
		step = c.Turn(said, now)
		if len(step.Reading.Operations) != 1 || step.ProposedBy != want || said != "install vim" && step.Reading.Confidence > 0.8 {
			t.Errorf("%q gives %+v", said, step)
		}
	}
}
