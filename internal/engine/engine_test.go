package engine_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/audit"
	"luminousnix/internal/engine"
	"luminousnix/internal/operation"
	"luminousnix/internal/settings"
	"luminousnix/nix/profile"
)

// machine is a machine without a daemon: profile links, and nothing else of Nix.
type machine struct {
	dir     string
	profile profile.Profile
	engine  *engine.Engine
	now     time.Time // zero is the machine's clock
}

func newMachine(t *testing.T, env ...string) *machine {
	t.Helper()
	dir := t.TempDir()
	m := &machine{dir: dir, profile: profile.Profile(dir + "/state/profiles/system")}
	for _, sub := range []string{"state/profiles", "store", "run", "home"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for n := 1; n <= 3; n++ {
		toplevel := fmt.Sprintf("%s/store/%s-nixos-%d", dir, strings.Repeat("0", 32), n)
		if err := os.Symlink(toplevel, fmt.Sprintf("%s-%d-link", m.profile, n)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("system-3-link", string(m.profile)); err != nil {
		t.Fatal(err)
	}
	values := map[string]string{
		"NIX_STORE_DIR": dir + "/store", "NIX_STATE_DIR": dir + "/state", "HOME": dir + "/home",
		"XDG_RUNTIME_DIR": dir + "/run", "LUMINOUS_NIX_ROOT": dir + "/root", "PATH": "/nowhere",
	}
	for _, entry := range env {
		name, value, _ := strings.Cut(entry, "=")
		values[name] = value
	}
	getenv := func(name string) string { return values[name] }
	loaded, err := settings.Load(settings.Places{Getenv: getenv})
	if err != nil {
		t.Fatal(err)
	}
	m.engine = engine.New(engine.Options{Settings: loaded, Getenv: getenv, Now: func() time.Time {
		if m.now.IsZero() {
			return time.Now()
		}
		return m.now
	}})
	return m
}

// stateHome is where the engine keeps its records, by who runs the test.
func (m *machine) stateHome() string {
	if os.Geteuid() == 0 {
		return filepath.Join(m.dir, "root/var/lib/luminous-nix")
	}
	return filepath.Join(m.dir, "home/.local/state/luminous-nix")
}

func (m *machine) current(t *testing.T) int {
	t.Helper()
	state, err := m.profile.Read()
	if err != nil {
		t.Fatal(err)
	}
	return state.Current
}

func (m *machine) audit(t *testing.T) []audit.Line {
	t.Helper()
	lines, err := audit.Log{Path: filepath.Join(m.stateHome(), "audit.jsonl")}.Read()
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

func switchTo(n operation.GenerationNumber) operation.Operation {
	return operation.New(operation.SwitchGeneration, operation.Arguments{Generation: n})
}

type confirm func(context.Context, operation.Operation, operation.Plan) (bool, error)

func answer(yes bool) confirm {
	return func(context.Context, operation.Operation, operation.Plan) (bool, error) { return yes, nil }
}

func TestConfirmation(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		confirm confirm
		dryRun  bool
		code    operation.Code
		current int
	}{
		"nobody to ask": {nil, false, operation.CodeDeclined, 3},
		"no":            {answer(false), false, operation.CodeDeclined, 3},
		"yes":           {answer(true), false, "", 1},
		"dry run":       {answer(true), true, "", 3},
		"it breaks": {func(context.Context, operation.Operation, operation.Plan) (bool, error) {
			return false, errors.New("the terminal is gone")
		}, false, operation.CodeFailed, 3},
		"interrupted": {func(context.Context, operation.Operation, operation.Plan) (bool, error) {
			return false, context.Canceled
		}, false, operation.CodeInterrupted, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			result := m.engine.Execute(t.Context(), engine.Call{Operation: switchTo(1), Confirm: test.confirm, DryRun: test.dryRun})
			var code operation.Code
			if result.Err != nil {
				code = result.Err.Code
			}
			if code != test.code || m.current(t) != test.current {
				t.Errorf("code %q, generation %d; want %q, %d", code, m.current(t), test.code, test.current)
			}
			if result.Plan == nil || !strings.Contains(result.Plan.Summary, "from generation 3 to generation 1") {
				t.Errorf("plan %+v", result.Plan)
			}
			lines := m.audit(t)
			if changed := test.current != 3; changed != (len(lines) == 2) {
				t.Errorf("%d audit lines", len(lines))
			}
		})
	}
}

func TestAuditTellsWhatWasDone(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	result := m.engine.Execute(t.Context(), engine.Call{Operation: switchTo(2), Sentence: "take me back", Confirm: answer(true)})
	if result.Err != nil {
		t.Fatal(result.Err)
	}
	lines := m.audit(t)
	if len(lines) != 2 {
		t.Fatalf("%d lines", len(lines))
	}
	begin, end := lines[0], lines[1]
	if begin.ID != end.ID || begin.Done || !end.Done || begin.Plan == nil || begin.UID != os.Getuid() {
		t.Errorf("begin %+v, end %+v", begin, end)
	}
	if diff := cmp.Diff(switchTo(2), end.Operation); diff != "" {
		t.Error(diff)
	}
	if end.Code != "" || end.Message != "Generation 2 is current now." || begin.Sentence != "take me back" {
		t.Errorf("begin %+v, end %+v", begin, end)
	}
}

// TestNoAuditNoChange puts a file where the state folder should be, which keeps
// even root from writing there.
func TestNoAuditNoChange(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	if err := os.MkdirAll(filepath.Dir(m.stateHome()), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(m.stateHome(), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	result := m.engine.Execute(t.Context(), engine.Call{Operation: switchTo(1), Confirm: answer(true)})
	if result.Err == nil || !strings.Contains(result.Err.Message, "audit log cannot be written") || result.Err.Hint == "" {
		t.Errorf("error %v", result.Err)
	}
	if m.current(t) != 3 {
		t.Error("it was changed all the same")
	}
	// Looking is still possible.
	list := m.engine.Execute(t.Context(), engine.Call{Operation: operation.New(operation.ListGenerations, operation.Arguments{})})
	if list.Err != nil {
		t.Error(list.Err)
	}
}

// TestChangedMeanwhile has somebody else switch while the person reads the plan.
func TestChangedMeanwhile(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	result := m.engine.Execute(t.Context(), engine.Call{
		Operation: switchTo(1),
		Confirm: func(ctx context.Context, _ operation.Operation, _ operation.Plan) (bool, error) {
			return true, m.profile.Switch(ctx, 2)
		},
	})
	if result.Err == nil || !strings.Contains(result.Err.Message, "generation 2 became current while you were asked") {
		t.Errorf("error %v", result.Err)
	}
	if m.current(t) != 2 {
		t.Errorf("generation %d is current", m.current(t))
	}
	if lines := m.audit(t); len(lines) != 2 || lines[1].Code != operation.CodeFailed {
		t.Errorf("audit %+v", lines)
	}
}

func TestGuard(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	for name, test := range map[string]struct {
		op   operation.Operation
		code operation.Code
	}{
		"unknown":        {operation.New("format-disk", operation.Arguments{}), operation.CodeUsage},
		"none":           {operation.Operation{}, operation.CodeUsage},
		"missing":        {operation.New(operation.SwitchGeneration, operation.Arguments{}), operation.CodeUsage},
		"too many":       {operation.New(operation.DiskUsage, operation.Arguments{Steps: 1}), operation.CodeUsage},
		"negative":       {operation.New(operation.Rollback, operation.Arguments{Steps: -1}), operation.CodeUsage},
		"shell in name":  {operation.New(operation.ShowPackage, operation.Arguments{Packages: []operation.PackageName{"a;b"}}), operation.CodeRefused},
		"path traversal": {operation.New(operation.ListGenerations, operation.Arguments{Profile: "../x"}), operation.CodeRefused},
		"shell in query": {operation.New(operation.SearchPackages, operation.Arguments{Query: "$(id)"}), operation.CodeRefused},
	} {
		result := m.engine.Execute(t.Context(), engine.Call{Operation: test.op, Confirm: answer(true)})
		if result.Err == nil || result.Err.Code != test.code {
			t.Errorf("%s: %v, want %s", name, result.Err, test.code)
		}
	}
}

func TestExecuteAllStopsAtTheFirstFailure(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	results := m.engine.ExecuteAll(t.Context(), []engine.Call{
		{Operation: switchTo(2), Confirm: answer(true)},
		{Operation: switchTo(99), Confirm: answer(true)},
		{Operation: switchTo(1), Confirm: answer(true)},
	})
	if len(results) != 2 || !results[0].Success() || results[1].ExitCode() != 4 || m.current(t) != 2 {
		t.Errorf("%+v; generation %d", results, m.current(t))
	}
	metrics, err := m.engine.Metrics()
	if err != nil {
		t.Fatal(err)
	}
	if metrics.TotalOperations != 2 || metrics.SuccessRate != 0.5 {
		t.Errorf("%+v", metrics)
	}
}

// TestKeptAnswersAreExact asks after every switch: an answer from the cache must
// be the one that would be read now.
func TestKeptAnswersAreExact(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "LUMINOUS_NIX_ACTIVATE=never")
	ask := func(noCache bool) operation.Result {
		return m.engine.Execute(t.Context(), engine.Call{Operation: operation.New(operation.ListGenerations, operation.Arguments{}), NoCache: noCache})
	}
	for _, n := range []operation.GenerationNumber{1, 3, 2, 2, 1} {
		m.engine.Execute(t.Context(), engine.Call{Operation: switchTo(n), Confirm: answer(true)})
		kept, fresh := ask(false), ask(true)
		if diff := cmp.Diff(fresh.Data, kept.Data); diff != "" || fresh.Message != kept.Message {
			t.Errorf("after switching to %d: %s", n, diff)
		}
	}
}

// TestProgressIsClean gives an observer no control characters, whatever a
// profile's path or a program's output holds.
func TestProgressIsClean(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	var phases []string
	result := m.engine.Execute(t.Context(), engine.Call{
		Operation: switchTo(1), Confirm: answer(true),
		Observer: operation.ObserverFunc(func(e operation.Event) {
			if e.Kind == operation.EventPhase {
				phases = append(phases, e.Phase)
			}
			if strings.ContainsAny(e.Text, "\x1b\n\r") {
				t.Errorf("event %q", e.Text)
			}
		}),
	})
	if result.Err != nil {
		t.Fatal(result.Err)
	}
	if diff := cmp.Diff([]string{"check", "switch", "verify"}, phases); diff != "" {
		t.Error(diff)
	}
}

func TestInterruptedBeforeTheChange(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	result := m.engine.Execute(ctx, engine.Call{
		Operation: switchTo(1),
		Confirm: func(context.Context, operation.Operation, operation.Plan) (bool, error) {
			cancel() // Ctrl-C just as the answer is typed
			return true, nil
		},
	})
	if result.Err == nil || result.Err.Code != operation.CodeInterrupted || m.current(t) != 3 {
		t.Errorf("%v; generation %d", result.Err, m.current(t))
	}
}
