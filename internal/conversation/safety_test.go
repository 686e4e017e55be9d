package conversation_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"luminousnix/internal/conversation"
	"luminousnix/internal/operation"
)

// contexts are conversations in which there is something to refer to.
func contexts(t *testing.T) map[string]func() *conversation.Conversation {
	after := func(said, came string) func() *conversation.Conversation {
		return func() *conversation.Conversation {
			c := &conversation.Conversation{}
			step := c.Turn(said, now)
			c.Done(step, outcome(t, &step, came))
			return c
		}
	}
	return map[string]func() *conversation.Conversation{
		"nothing":     func() *conversation.Conversation { return &conversation.Conversation{} },
		"rows":        after("search for video players", "found 30 vlc mpv celluloid"),
		"generations": after("list my generations", "generations 43 42 41"),
		"a package":   after("show me vim", ""),
		"a plan":      after("install vim", "declined Install vim"),
		"a change":    after("install vim", "switched 3 4 Install vim"),
	}
}

// TestHarmless says what means no request, wherever there is something that it could be
// taken to refer to.
func TestHarmless(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("../intent/testdata/harmless.txt")
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for line := range strings.Lines(string(content)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		count++
		for name, make := range contexts(t) {
			if name == "a plan" && (line == "yes" || line == "ok") {
				continue // these agree to it
			}
			for _, op := range make().Turn(line, now).Reading.Operations {
				if spec, _ := operation.Lookup(op.Name); spec.Changing {
					t.Errorf("after %s, %q leads to %s %+v", name, line, op.Name, op.Arguments)
				}
			}
		}
	}
	if count < 100 {
		t.Errorf("only %d sentences were tried", count)
	}
}

// TestHarmlessGerman does so with the German sentences that ask for nothing.
func TestHarmlessGerman(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("../intent/testdata/german.tsv")
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for line := range strings.Lines(string(content)) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if fields[2] != "none" {
			continue
		}
		count++
		for name, make := range contexts(t) {
			for _, op := range make().Turn(fields[1], now).Reading.Operations {
				if spec, _ := operation.Lookup(op.Name); spec.Changing {
					t.Errorf("after %s, %q leads to %s %+v", name, fields[1], op.Name, op.Arguments)
				}
			}
		}
	}
	if count < 100 {
		t.Errorf("only %d sentences were tried", count)
	}
}

// TestProfile: the number of a generation means the profile that it was listed for.
func TestProfile(t *testing.T) {
	t.Parallel()
	c := &conversation.Conversation{}
	step := c.Turn("list my generations", now)
	step.Reading.Operations[0].Arguments.Profile = operation.UserProfile // as a flag does
	c.Done(step, outcome(t, &step, "generations 3 2 1"))
	for _, said := range []string{"switch to the second one", "pin it", "delete the last two"} {
		step := c.Turn(said, now)
		if len(step.Reading.Operations) != 1 || step.Reading.Operations[0].Arguments.Profile != operation.UserProfile {
			t.Errorf("%q gives %+v %v", said, step.Reading.Operations, step.Err)
		}
	}
}

// TestSame: the same words in the same conversation always give the same.
func TestSame(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"corrections", "rows", "words"} {
		content, err := os.ReadFile("testdata/dialogues/" + file + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		first, _ := play(t, string(content))
		if second, _ := play(t, string(content)); first != second {
			t.Errorf("%s was played differently the second time", file)
		}
	}
}

func FuzzTurn(f *testing.F) {
	for _, said := range []string{"the second one", "no, I meant vim", "install it", "why?", "not vi but vim", "1, 3 and the last", "and git too", "undo that"} {
		f.Add(said, said)
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		for _, make := range contexts(t) {
			c := make()
			for _, said := range []string{first, second, first} {
				start := time.Now()
				step := c.Turn(said, now)
				if took := time.Since(start); took > 500*time.Millisecond {
					t.Errorf("%q took %v", said, took)
				}
				for _, op := range step.Reading.Operations {
					if err := op.Validate(); err != nil && step.Sentence != "" {
						t.Errorf("%q gives %+v: %v", said, op, err)
					}
				}
				if len(step.Reading.Operations) > 0 {
					c.Done(step, outcome(t, &step, ""))
				}
			}
		}
	})
}

// BenchmarkTurn measures what a reference costs beside reading a sentence.
func BenchmarkTurn(b *testing.B) {
	c := &conversation.Conversation{}
	step := c.Turn("search for video players", now)
	c.Done(step, []operation.Result{{Operation: step.Reading.Operations[0], Data: &operation.Found{
		Total: 2, Results: []operation.FoundEntry{{Kind: operation.KindPackage, Attribute: "vlc"}, {Kind: operation.KindPackage, Attribute: "mpv"}},
	}}})
	b.ReportAllocs()
	for b.Loop() {
		c.Turn("install the second one", now)
	}
}
