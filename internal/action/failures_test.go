package action_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/action"
	"luminousnix/internal/audit"
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
		Host:     host.Find(func(name string) string { return env[name] }, dir+"/root"),
		Failures: record.File{Path: filepath.Join(dir, "failures")}, Audit: audit.Log{Path: filepath.Join(dir, "audit"), Now: time.Now}, Log: slog.New(slog.DiscardHandler),
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

// TestHealthDoesNotHang has a systemd that never answers, and is done all the same, with
// what is known of the rest.
func TestHealthDoesNotHang(t *testing.T) {
	t.Parallel()
	hang := make(chan struct{})
	defer close(hang)
	m := bare(t, func(context.Context) ([]string, error) { <-hang; return nil, nil })
	start := time.Now()
	h := read(t, m, operation.CheckHealth).Data.(*operation.Health)
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
	if diff := cmp.Diff([]string{"daemon", "database", "change", "roots", "settings"}, h.Checked); diff != "" {
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

// TestChangeThatNeverEnded tells the change that another process was killed in, and not
// one that is made now.
func TestChangeThatNeverEnded(t *testing.T) {
	t.Parallel()
	now := time.Now()
	rollback := operation.New(operation.Rollback, operation.Arguments{})
	const begun, over, atWork = 1, 2, 3
	for name, test := range map[string]struct {
		changes []int
		want    bool
	}{
		"none":           {nil, false},
		"done":           {[]int{over}, false},
		"killed":         {[]int{begun}, true},
		"at work":        {[]int{atWork}, false},
		"killed at last": {[]int{over, begun}, true},
		"killed before":  {[]int{begun, atWork}, true},
	} {
		m := bare(t, nil)
		for i, change := range test.changes {
			// Nobody is to settle what was begun before.
			goesOn := func(audit.Line) (o audit.Outcome, over bool) { return o, false }
			log := m.Audit
			if change == begun { // its process is gone: it holds another lock
				log.Path = filepath.Join(t.TempDir(), "audit")
			}
			entry, err := log.Begin(audit.Line{
				Time: now.Add(time.Duration(i)), Operation: rollback, Plan: &operation.Plan{Summary: "Go back to generation 2"},
			}, goesOn)
			if err != nil {
				t.Fatal(err)
			}
			switch change {
			case over:
				err = entry.End(audit.Outcome{})
			case atWork:
				defer entry.End(audit.Outcome{})
			case begun:
				err = appendFile(m.Audit.Path, log.Path)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		got := false
		for _, f := range read(t, m, operation.CheckHealth).Data.(*operation.Health).Findings {
			got = got || f.ID == "change-interrupted"
		}
		if got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

// appendFile adds what is in one file to another.
func appendFile(to, from string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(to, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	return errors.Join(err, file.Close())
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
