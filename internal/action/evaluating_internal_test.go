package action

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/buildtimes"
	"luminousnix/internal/operation"
)

// TestEvaluating: of a long evaluation it is told how far it is, against the last time; a
// short one leaves nothing behind.
func TestEvaluating(t *testing.T) {
	t.Parallel()
	history := buildtimes.File{Path: filepath.Join(t.TempDir(), "state", buildtimes.Name)}
	evaluate := func(derivations int, each time.Duration, good bool) (told []operation.Event) {
		now := time.Unix(1000, 0)
		e := &evaluating{
			observer: operation.ObserverFunc(func(e operation.Event) { told = append(told, e) }),
			what:     "a system", history: history, now: func() time.Time { return now },
		}
		made := e.begin()
		for range derivations {
			now = now.Add(each)
			made()
		}
		e.end(t.Context(), good)
		return told
	}
	begins := operation.Event{Kind: operation.EventStart, Activity: 1, Type: operation.Evaluating, Text: "evaluating the configuration"}
	far := func(done, expected int64) operation.Event {
		return operation.Event{Kind: operation.EventProgress, Activity: 1, Unit: operation.Items, Done: done, Expected: expected}
	}
	if told := evaluate(1000, 10*time.Microsecond, true); told != nil || history.Exists() {
		t.Errorf("of a short one it is told %v", told)
	}
	want := []operation.Event{begins, far(17, 0), far(18, 0), far(19, 0), {Kind: operation.EventStop, Activity: 1}}
	if diff := cmp.Diff(want, evaluate(19, 100*time.Millisecond, true)); diff != "" {
		t.Error(diff)
	}
	want = []operation.Event{begins, far(17, 19), {Kind: operation.EventStop, Activity: 1, Failed: true}}
	if diff := cmp.Diff(want, evaluate(17, 100*time.Millisecond, false)); diff != "" {
		t.Error(diff)
	}
	if told := evaluate(20, 100*time.Millisecond, true); told[1].Expected != 19 {
		t.Errorf("after one that failed there are to be %d", told[1].Expected)
	}
}
