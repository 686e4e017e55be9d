package build

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/operation"
	"luminousnix/nix/daemon"
)

const (
	lower = "/nix/store/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-lower.drv"
	upper = "/nix/store/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb-upper.drv"
)

func TestWatch(t *testing.T) {
	t.Parallel()
	var got []operation.Event
	w := newWatch(operation.ObserverFunc(func(e operation.Event) { got = append(got, e) }))
	for _, e := range []daemon.Event{
		daemon.Started{ID: 1, Type: daemon.ActivityBuilds},
		daemon.Started{ID: 2, Type: daemon.ActivityBuild, Fields: []daemon.Field{{Text: lower}}},
		daemon.Result{ID: 2, Type: daemon.ResultBuildLogLine, Fields: []daemon.Field{{Text: "no water"}}},
		daemon.Result{ID: 2, Type: daemon.ResultSetPhase, Fields: []daemon.Field{{Text: "buildPhase"}}},
		daemon.Started{ID: 3, Type: daemon.ActivitySubstitute, Fields: []daemon.Field{{Text: upper}, {Text: "https://x"}}},
		daemon.Result{ID: 3, Type: daemon.ResultProgress, Fields: []daemon.Field{{Number: 5}, {Number: 9}, {}, {}}},
		daemon.Stopped{ID: 3},
		daemon.Stopped{ID: 2},
		daemon.Stopped{ID: 1},
		daemon.Started{ID: 4, Type: daemon.ActivityBuild}, // without its field: told by no daemon
		daemon.Line{Text: "chatter\n"},
	} {
		w.event(e)
	}
	want := []operation.Event{
		{Kind: operation.EventStart, Activity: 2, Text: "building lower"},
		{Kind: operation.EventLog, Activity: 2, Text: "no water"},
		{Kind: operation.EventStart, Activity: 3, Text: "downloading upper"},
		{Kind: operation.EventProgress, Activity: 3, Unit: operation.Bytes, Done: 5, Expected: 9},
		{Kind: operation.EventStop, Activity: 3},
		{Kind: operation.EventStop, Activity: 2},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// The daemon says that what was asked for needs something that failed; people want to
// know what that was.
func TestExplainNamesTheBuildThatFailed(t *testing.T) {
	t.Parallel()
	w := newWatch(operation.Silent)
	for id, drv := range map[daemon.ActivityID]string{1: lower, 2: upper} {
		w.event(daemon.Started{ID: id, Type: daemon.ActivityBuild, Fields: []daemon.Field{{Text: drv}}})
		for n := range mostLines + 5 {
			w.event(daemon.Result{ID: id, Type: daemon.ResultBuildLogLine, Fields: []daemon.Field{{Text: fmt.Sprint(drv, n)}}})
		}
	}
	cause := &daemon.BuildError{
		Path: daemon.Outputs(upper), Status: daemon.StatusDependencyFailed, Message: "1 dependency failed: " + lower + "\nmore",
	}
	var failed *FailedError
	if !errors.As(w.explain(cause), &failed) || !errors.Is(failed, error(cause)) {
		t.Fatalf("got %v", failed)
	}
	if failed.Derivation != lower || len(failed.Log) != mostLines || failed.Log[mostLines-1] != fmt.Sprint(lower, mostLines+4) {
		t.Errorf("got %+v", failed)
	}
	if got, want := failed.Error(), "lower could not be built: 1 dependency failed: "+lower; got != want {
		t.Errorf("got %q", got)
	}
	other := errors.New("other")
	if err := w.explain(other); !errors.Is(err, other) {
		t.Errorf("got %v", err)
	}
}
