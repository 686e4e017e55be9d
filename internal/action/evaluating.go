package action

import (
	"context"
	"time"

	"luminousnix/internal/buildtimes"
	"luminousnix/internal/operation"
)

const (
	// evaluationActivity is the number of the activity that an evaluation is; the daemon's
	// are far greater.
	evaluationActivity operation.ActivityID = 1
	// longEvaluation is how long an evaluation takes that it is told how far it is.
	longEvaluation = 500 * time.Millisecond
	// tellEvery is how often at most.
	tellEvery = 100 * time.Millisecond
)

// evaluating tells how far an evaluation is: how many derivations it has made, of as many as
// last time.
type evaluating struct {
	observer operation.Observer
	what     string // by which the number is kept
	history  buildtimes.File
	now      func() time.Time

	began, told    time.Time
	made, expected int64
	tells          bool
}

// begin begins to count, with what it returns.
func (e *evaluating) begin() (made func()) {
	e.began = e.now()
	return e.count
}

// count counts a derivation. Most evaluations end so soon that nothing is told of them, nor
// looked up.
func (e *evaluating) count() {
	e.made++
	if e.made%16 != 1 && !e.tells { // to look at the clock costs more than to count
		return
	}
	now := e.now()
	if now.Sub(e.began) < longEvaluation || now.Sub(e.told) < tellEvery {
		return
	}
	if !e.tells {
		e.tells = true
		e.expected = e.last()
		e.observer.Observe(operation.Event{
			Kind: operation.EventStart, Activity: evaluationActivity, Type: operation.Evaluating, Text: "evaluating the configuration",
		})
	}
	e.told = now
	e.observer.Observe(operation.Event{
		Kind: operation.EventProgress, Activity: evaluationActivity, Unit: operation.Items, Done: e.made, Expected: e.expected,
	})
}

// last is how many there were last time; 0 is not known.
func (e *evaluating) last() int64 {
	if !e.history.Exists() {
		return 0
	}
	db, err := e.history.Open(context.Background())
	if err != nil {
		return 0
	}
	defer db.Close()
	n, err := db.Count(context.Background(), e.what)
	if err != nil {
		return 0
	}
	return n
}

// end ends it. How many there were is kept, if it came to a good end and took so long that
// somebody may want to know.
func (e *evaluating) end(ctx context.Context, good bool) {
	if !e.tells {
		return
	}
	e.observer.Observe(operation.Event{Kind: operation.EventStop, Activity: evaluationActivity, Failed: !good})
	if !good || e.made == e.expected {
		return
	}
	db, err := e.history.Open(ctx)
	if err != nil {
		return // it is not known next time
	}
	_ = db.SetCount(ctx, e.what, e.made)
	db.Close()
}
