package build

import (
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/operation"
	"luminousnix/nix/daemon"
	"luminousnix/nix/store"
)

const (
	lower = "/nix/store/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-lower.drv"
	upper = "/nix/store/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb-upper.drv"
)

// TestWatch: a download copies a path, and that transfers a file; what is transferred is
// told. Whether something came to a good end is seen by what is there.
func TestWatch(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	good, bad := dir+"/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb-good-2", dir+"/cccccccccccccccccccccccccccccccc-bad"
	if err := os.WriteFile(good, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	progress := func(id daemon.ActivityID, done, expected uint64) daemon.Event {
		return daemon.Result{ID: id, Type: daemon.ResultProgress, Fields: []daemon.Field{{Number: done}, {Number: expected}, {}, {}}}
	}
	var got []operation.Event
	w := newWatch(operation.ObserverFunc(func(e operation.Event) { got = append(got, e) }), store.Dir(dir))
	now := time.Now()
	w.now = func() time.Time { return now }
	for _, e := range []daemon.Event{
		daemon.Started{ID: 1, Type: daemon.ActivityBuilds},
		daemon.Started{ID: 2, Type: daemon.ActivityBuild, Fields: []daemon.Field{{Text: lower}, {Text: "ssh://far"}}},
		daemon.Result{ID: 2, Type: daemon.ResultBuildLogLine, Fields: []daemon.Field{{Text: "no water"}}},
		daemon.Result{ID: 2, Type: daemon.ResultSetPhase, Fields: []daemon.Field{{Text: "buildPhase"}}},
		daemon.Started{ID: 3, Type: daemon.ActivitySubstitute, Fields: []daemon.Field{{Text: good}, {Text: "https://x"}}},
		daemon.Started{ID: 4, Type: daemon.ActivityCopyPath, Fields: []daemon.Field{{Text: good}}, Parent: 3},
		progress(4, 1, 900),
		daemon.Started{ID: 5, Type: daemon.ActivityFileTransfer, Fields: []daemon.Field{{Text: "https://x/nar"}}, Parent: 4},
		progress(5, 0, 0),
		progress(5, 5, 90), // too soon after the first
		progress(4, 70, 900),
		progress(5, 90, 90),
		daemon.Stopped{ID: 5},
		daemon.Stopped{ID: 4},
		daemon.Stopped{ID: 3},
		daemon.Started{ID: 6, Type: daemon.ActivityFileTransfer, Fields: []daemon.Field{{Text: "https://x/narinfo"}}},
		progress(6, 7, 8),
		daemon.Started{ID: 7, Type: daemon.ActivitySubstitute, Fields: []daemon.Field{{Text: bad}, {Text: "https://x"}}},
		daemon.Stopped{ID: 7},
		daemon.Stopped{ID: 2},
		daemon.Stopped{ID: 1},
		daemon.Started{ID: 8, Type: daemon.ActivityBuild}, // without its field: told by no daemon
		daemon.Line{Text: "chatter\n"},
	} {
		w.event(e)
	}
	want := []operation.Event{
		{Kind: operation.EventStart, Activity: 2, Text: "building lower", Type: operation.Building, Path: lower, From: "ssh://far"},
		{Kind: operation.EventLog, Activity: 2, Text: "no water"},
		{Kind: operation.EventStage, Activity: 2, Phase: "buildPhase"},
		{Kind: operation.EventStart, Activity: 3, Text: "downloading good-2", Type: operation.Downloading, Path: good, From: "https://x"},
		{Kind: operation.EventProgress, Activity: 3, Unit: operation.Bytes, Done: 1, Expected: 900},
		{Kind: operation.EventProgress, Activity: 3, Unit: operation.Bytes, Done: 90, Expected: 90},
		{Kind: operation.EventStop, Activity: 3},
		{Kind: operation.EventStart, Activity: 7, Text: "downloading bad", Type: operation.Downloading, Path: bad, From: "https://x"},
		{Kind: operation.EventStop, Activity: 7, Failed: true},
		{Kind: operation.EventStop, Activity: 2},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if bytes, _ := w.tally.transferred(w.running, now); bytes != 90 || len(w.tally.builds) != 1 || w.tally.builds[0].Name != "lower" {
		t.Errorf("%d bytes, %+v", bytes, w.tally.builds)
	}
	if len(w.logs) != 0 {
		t.Errorf("logs of what came to a good end are kept: %v", w.logs)
	}
}

// The daemon says that what was asked for needs something that failed; people want to
// know what that was.
func TestExplainNamesTheBuildThatFailed(t *testing.T) {
	t.Parallel()
	w := newWatch(operation.Silent, store.DefaultDir)
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

// A build that was stopped since another had failed ends as if it had failed, too.
func TestExplainPassesOverWhatWasStopped(t *testing.T) {
	t.Parallel()
	w := newWatch(operation.Silent, store.DefaultDir)
	w.logs[lower] = []string{"no water"}
	w.order, w.failed = []string{lower}, []string{lower, upper}
	cause := &daemon.BuildError{Path: daemon.Outputs(upper), Status: daemon.StatusDependencyFailed, Message: "1 dependencies of something failed"}
	var failed *FailedError
	if !errors.As(w.explain(cause), &failed) {
		t.Fatal("that is no failed build")
	}
	if failed.Derivation != lower || len(failed.Log) != 1 || len(failed.Others) != 0 {
		t.Errorf("got %+v", failed)
	}
}
