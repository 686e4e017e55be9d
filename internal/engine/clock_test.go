package engine_test

import (
	"slices"
	"testing"
	"time"

	"luminousnix/internal/engine"
	"luminousnix/internal/operation"
)

// TestFaultClockSetBack sets the clock forth and back between changes: all of them are in the
// history, in the order in which they were made, and are undone in that order; the counts
// and failures are all there.
func TestFaultClockSetBack(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "LUMINOUS_NIX_ACTIVATE=never")
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	targets := []operation.GenerationNumber{2, 1, 3, 2}
	for n, years := range []int{10, 30, 5, 20} {
		m.now = start.AddDate(years, 0, 0)
		m.do(t, switchTo(targets[n]))
		if r := m.engine.Execute(t.Context(), engine.Call{Operation: switchTo(99), Confirm: answer(true)}); r.Err == nil {
			t.Fatal("there is no generation 99")
		}
	}
	var made []operation.GenerationNumber
	for _, entry := range m.history(t) {
		made = append(made, entry.Arguments.Generation)
	}
	slices.Reverse(made)
	if !slices.Equal(made, targets) {
		t.Errorf("the history has switches to %v, and they were to %v", made, targets)
	}
	if r := m.do(t, operation.New(operation.ShowHistory, operation.Arguments{Verify: true})); r.Err != nil {
		t.Error(r.Err)
	}
	failures := m.do(t, operation.New(operation.ShowErrors, operation.Arguments{Limit: 100})).Data.(*operation.Failures)
	if len(failures.Failures) != 4 {
		t.Errorf("%d failures", len(failures.Failures))
	}
	counts, err := m.engine.Metrics()
	if err != nil || counts.TotalOperations < 8 || counts.Since == nil || !counts.Since.Equal(start.AddDate(5, 0, 0)) {
		t.Errorf("%+v, %v", counts, err)
	}
	m.now = start
	for _, want := range []int{3, 1, 2, 3} {
		m.do(t, undo(""))
		if got := m.current(t); got != want {
			t.Errorf("generation %d is current, not %d", got, want)
		}
	}
}
