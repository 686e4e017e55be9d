package engine

import (
	"testing"
	"time"

	"luminousnix/internal/metrics"
	"luminousnix/internal/operation"
)

// TestEstimates: the first estimate counts, of what came to a good end and took some time.
func TestEstimates(t *testing.T) {
	t.Parallel()
	stop := operation.Event{Kind: operation.EventStop, Activity: 1}
	told := func(low, high float64) operation.Event {
		return operation.Event{Kind: operation.EventEstimate, Estimate: &operation.Estimate{Low: low, High: high}}
	}
	tests := map[string]struct {
		events []operation.Event // ten seconds apart
		failed bool
		again  int
		want   metrics.Run
	}{
		"too long":            {events: []operation.Event{told(20, 40), told(1, 2), stop}, want: metrics.Run{Succeeded: true, Estimated: true, EstimateError: 0.5}},
		"too short":           {events: []operation.Event{told(5, 25), stop, stop, told(0, 0)}, want: metrics.Run{Succeeded: true, Estimated: true, EstimateError: 0.25}},
		"nothing was told":    {events: []operation.Event{stop, stop}, want: metrics.Run{Succeeded: true}},
		"nothing was built":   {events: []operation.Event{told(1, 2)}, want: metrics.Run{Succeeded: true}},
		"it came to no end":   {events: []operation.Event{told(1, 2), stop}, failed: true},
		"it was tried again":  {events: []operation.Event{told(1, 2), stop}, again: 1, want: metrics.Run{Succeeded: true, Recoveries: 1}},
		"it was over at once": {events: []operation.Event{stop, told(1, 2)}, want: metrics.Run{Succeeded: true}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now := time.Unix(1000, 0)
			passed := 0
			e := &estimates{now: func() time.Time { return now }, next: operation.ObserverFunc(func(operation.Event) { passed++ })}
			for _, event := range test.events {
				e.Observe(event)
				now = now.Add(10 * time.Second)
			}
			got := metrics.Run{Succeeded: !test.failed, Recoveries: test.again}
			e.count(&got)
			if got != test.want || passed != len(test.events) {
				t.Errorf("got %+v after %d events", got, passed)
			}
		})
	}
}
