package action_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/action"
	"luminousnix/internal/host"
	"luminousnix/internal/operation"
	"luminousnix/internal/record"
)

// bare is a machine without anything, whose systemd says what units say.
func bare(t *testing.T, units func(context.Context) ([]string, error)) *action.Machine {
	t.Helper()
	dir := t.TempDir()
	env := map[string]string{
		"NIX_STORE_DIR": dir + "/store", "NIX_STATE_DIR": dir + "/state", "NIX_LOG_DIR": dir + "/log", "HOME": dir,
	}
	return &action.Machine{
		Host:    host.Find(func(name string) string { return env[name] }, dir+"/root"),
		Samples: record.File{Path: filepath.Join(dir, "samples")}, Audit: record.File{Path: filepath.Join(dir, "audit")},
		FailedUnits: units, Now: func() time.Time { return time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC) },
	}
}

func read(t *testing.T, m *action.Machine, name operation.Name) action.Answer {
	t.Helper()
	found, _ := action.Find(name)
	answer, err := found.Read(context.Background(), m, operation.Arguments{}, operation.Silent)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func TestFailedUnits(t *testing.T) {
	t.Parallel()
	m := bare(t, func(context.Context) ([]string, error) { return []string{"nginx.service"}, nil })
	answer := read(t, m, operation.ShowErrors)
	if got := answer.Data.(*operation.Failures).Units; answer.Message != "One failed unit." || len(got) != 1 {
		t.Errorf("%s %v", answer.Message, got)
	}
	var found []string
	for _, f := range read(t, m, operation.CheckHealth).Data.(*operation.Health).Findings {
		found = append(found, f.ID)
	}
	if diff := cmp.Diff([]string{"daemon-missing", "database-missing", "units-failed"}, found); diff != "" {
		t.Error(diff)
	}
}

func TestUnitsThatNobodyKnows(t *testing.T) {
	t.Parallel()
	m := bare(t, func(context.Context) ([]string, error) { return nil, errors.New("no bus") })
	answer := read(t, m, operation.ShowErrors)
	if diff := cmp.Diff([]string{"failed units: no bus"}, answer.Data.(*operation.Failures).Unknown); diff != "" {
		t.Error(diff)
	}
	unknown := read(t, m, operation.CheckHealth).Data.(*operation.Health).Unknown
	if diff := cmp.Diff([]string{"disk", "units", "system", "release", "profile", "memory", "configuration"}, unknown); diff != "" {
		t.Error(diff)
	}
}

// TestExplainAddsWhatHelps has errors of libraries explained that nobody else explains,
// and leaves alone what has a hint.
func TestExplainAddsWhatHelps(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err  error
		hint string
	}{
		{errors.New("writing: No space left on device"), "The disk is full. `ask-nix clean-up`: deletes old generations and what only they used."},
		{operation.Errorf(operation.CodeFailed, "unexpected end-of-file").WithHint("mine"), "mine"},
		{operation.Errorf(operation.CodeFailed, "the tulips are sad"), ""},
		{operation.Errorf(operation.CodeFailed, "protocol mismatch"), "What answers on the daemon's socket does not speak Nix's protocol. `ask-nix system`: shows the socket, and the versions."},
	} {
		if got := operation.AsError(action.Explain(test.err)); got.Hint != test.hint || got.Message != test.err.Error() {
			t.Errorf("%v: %q, want %q", test.err, got.Hint, test.hint)
		}
	}
	if err := errors.New("the tulips are sad"); action.Explain(err) != err {
		t.Error("an error that nobody knows is changed")
	}
}
