package engine_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"luminousnix/internal/engine"
	"luminousnix/internal/operation"
)

func undo(entry operation.EntryNumber) operation.Operation {
	return operation.New(operation.Undo, operation.Arguments{Entry: entry})
}

// do makes a change, and fails the test where that is not made.
func (m *machine) do(t *testing.T, op operation.Operation) operation.Result {
	t.Helper()
	result := m.engine.Execute(t.Context(), engine.Call{Operation: op, Confirm: answer(true)})
	if result.Err != nil {
		t.Fatal(op, result.Err)
	}
	return result
}

func (m *machine) history(t *testing.T) []operation.HistoryEntry {
	t.Helper()
	result := m.do(t, operation.New(operation.ShowHistory, operation.Arguments{Limit: 1000}))
	return result.Data.(*operation.History).Entries
}

// TestUndoIsAStack switches and undoes at random, and compares with a list of the
// generations that were current.
func TestUndoIsAStack(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 3))
	m := newMachine(t, "LUMINOUS_NIX_ACTIVATE=never")
	before := []int{3}
	for step := range 120 {
		current := before[len(before)-1]
		if n := 1 + random.IntN(3); random.IntN(2) == 0 {
			if n == current {
				continue
			}
			m.do(t, switchTo(operation.GenerationNumber(n)))
			before = append(before, n)
		} else {
			result := m.engine.Execute(t.Context(), engine.Call{Operation: undo(""), Confirm: answer(true)})
			switch {
			case len(before) == 1 && (result.Err == nil || result.Err.Code != operation.CodeNotFound):
				t.Fatalf("step %d: there was nothing to undo: %+v", step, result)
			case len(before) > 1 && result.Err != nil:
				t.Fatalf("step %d: %v", step, result.Err)
			case len(before) > 1:
				before = before[:len(before)-1]
			}
		}
		if got := m.current(t); got != before[len(before)-1] {
			t.Fatalf("step %d: generation %d is current, want %d", step, got, before[len(before)-1])
		}
	}
	checked := m.do(t, operation.New(operation.ShowHistory, operation.Arguments{Verify: true}))
	if !strings.HasPrefix(checked.Message, "The history is whole") {
		t.Error(checked.Message)
	}
}

// TestUndoAndBack takes an undo back, and that again, by number.
func TestUndoAndBack(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "LUMINOUS_NIX_ACTIVATE=never")
	entry := m.do(t, switchTo(1)).Entry
	for n, want := range []int{3, 1, 3, 1} {
		entry = m.do(t, undo(entry)).Entry
		if got := m.current(t); got != want {
			t.Fatalf("undo %d: generation %d is current, want %d", n+1, got, want)
		}
	}
	got := ""
	for _, e := range m.history(t) {
		got += fmt.Sprintln(e.Entry[1:], "undoes", e.Undoes, "undone by", e.UndoneBy)
	}
	letter := string(entry[:1])
	want := strings.ReplaceAll("9 undoes L7 undone by \n7 undoes L5 undone by L9\n5 undoes L3 undone by \n3 undoes L1 undone by L5\n1 undoes  undone by \n", "L", letter)
	if got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

// TestUndoIsAsked: like any change it is planned, asked about, and nothing happens
// without a yes.
func TestUndoIsAsked(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "LUMINOUS_NIX_ACTIVATE=never")
	m.do(t, switchTo(1))
	for _, confirm := range []confirm{nil, answer(false)} {
		result := m.engine.Execute(t.Context(), engine.Call{Operation: undo(""), Confirm: confirm})
		if result.Err == nil || result.Err.Code != operation.CodeDeclined || m.current(t) != 1 || result.Entry != "" {
			t.Errorf("%+v; generation %d", result, m.current(t))
		}
		if !strings.Contains(result.Plan.Summary, "go back from generation 3 to generation 1") || !strings.Contains(result.Plan.Summary, "switch from generation 1 to generation 3") {
			t.Error(result.Plan.Summary)
		}
	}
}

// TestUndoOnlyWhatIsSo: what somebody else has changed since stays, and it is offered what
// can be done.
func TestUndoOnlyWhatIsSo(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "LUMINOUS_NIX_ACTIVATE=never")
	m.do(t, switchTo(1))
	if err := m.profile.Switch(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	result := m.engine.Execute(t.Context(), engine.Call{Operation: undo(""), Confirm: answer(true)})
	if result.Err == nil || result.Err.Code != operation.CodeRefused || m.current(t) != 2 {
		t.Fatalf("%+v; generation %d", result, m.current(t))
	}
	if want := "by another program than ask-nix"; len(result.Err.Details) != 1 || result.Err.Details[0] != want {
		t.Errorf("%v", result.Err.Details)
	}
	if len(result.Err.Alternatives) != 1 || result.Err.Alternatives[0].Operation.Arguments.Generation != 3 {
		t.Errorf("%+v", result.Err.Alternatives)
	}
	m.do(t, result.Err.Alternatives[0].Operation)
	if m.current(t) != 3 {
		t.Errorf("generation %d", m.current(t))
	}
}

// TestConfirmedIsToldTruly: the history says how each change was confirmed.
func TestConfirmedIsToldTruly(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "LUMINOUS_NIX_ACTIVATE=never")
	unasked := func(operation.Operation, *operation.Plan) bool { return true }
	pin := operation.New(operation.PinGeneration, operation.Arguments{Generation: 1})
	for _, call := range []engine.Call{
		{Operation: switchTo(1), Confirm: answer(true)},
		{Operation: switchTo(2), Confirm: answer(true), Confirmed: true},
		{Operation: switchTo(1), Confirm: answer(true), Unasked: unasked},
		{Operation: pin},
	} {
		if result := m.engine.Execute(t.Context(), call); result.Err != nil {
			t.Fatal(result.Err)
		}
	}
	var got []operation.Confirmation
	for _, e := range m.history(t) {
		got = append(got, e.Confirmed)
	}
	want := []operation.Confirmation{operation.ConfirmedNotNeeded, operation.ConfirmedUnasked, operation.ConfirmedBeforehand, operation.ConfirmedTyped}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%q, want %q", got, want)
	}
}
