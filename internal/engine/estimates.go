package engine

import (
	"math"
	"sync"
	"time"

	"luminousnix/internal/metrics"
	"luminousnix/internal/operation"
)

// leastEstimated is how long something has to take that it is counted how well that was
// foretold: less says more of the machine than of the estimate.
const leastEstimated = time.Second

// estimates compares how long building and downloading was foretold to take, when it began,
// with how long it took.
type estimates struct {
	next operation.Observer
	now  func() time.Time

	mu       sync.Mutex
	first    *operation.Estimate
	at, last time.Time // of the first estimate, and of the last end of something
}

// Observe implements [operation.Observer].
func (e *estimates) Observe(event operation.Event) {
	e.mu.Lock()
	switch {
	case event.Kind == operation.EventEstimate && e.first == nil && event.Estimate != nil:
		e.first, e.at = event.Estimate, e.now()
	case event.Kind == operation.EventStop:
		e.last = e.now()
	}
	e.mu.Unlock()
	if e.next != nil {
		e.next.Observe(event)
	}
}

// count adds to a run by what part of the true time the middle of the estimate was wrong.
// Only what came to its end has a true time, and only what did so at once: the time between
// two attempts is nobody's.
func (e *estimates) count(run *metrics.Run) {
	e.mu.Lock()
	defer e.mu.Unlock()
	took := e.last.Sub(e.at)
	if e.first == nil || !run.Succeeded || run.Recoveries > 0 || took < leastEstimated {
		return
	}
	middle := (e.first.Low + e.first.High) / 2
	run.Estimated, run.EstimateError = true, math.Abs(middle-took.Seconds())/took.Seconds()
}
