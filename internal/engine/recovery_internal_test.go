package engine

import (
	"context"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/activation"
	"luminousnix/internal/audit"
	"luminousnix/internal/operation"
	"luminousnix/internal/settings"
	"luminousnix/nix/daemon"
	"luminousnix/nix/fetch"
	"luminousnix/nix/storedb"
)

// flaky is an executor that fails in a given order, and then does not. It writes down what
// it was asked for.
type flaky struct {
	fails []error
	begun bool // each change is begun before it fails
	asked []string
}

func (f *flaky) Execute(_ context.Context, call Call) operation.Result {
	asked := string(call.Operation.Name)
	if call.DryRun {
		asked += " --dry-run"
	}
	if call.machine.Host.Lean {
		asked += " leanly"
	}
	f.asked = append(f.asked, asked)
	if call.attempts == nil { // something else, that is done on the way
		return operation.Result{Operation: call.Operation, Message: "That is done.", Plan: &operation.Plan{Frees: 12 << 20}}
	}
	if f.begun {
		call.attempts.begin()
	}
	if len(f.fails) == 0 {
		return operation.Result{Operation: call.Operation, Message: "It is done."}
	}
	err := f.fails[0]
	f.fails = f.fails[1:]
	return operation.Result{Operation: call.Operation, Err: failure(err)}
}

func repeat(err error, n int) (all []error) {
	for range n {
		all = append(all, err)
	}
	return all
}

// TestRecovering has operations fail in all the ways that there are: what is tried, how
// long is waited, what is told, and how it ends.
func TestRecovering(t *testing.T) {
	t.Parallel()
	network := &fetch.NetworkError{URL: "https://cache", Err: syscall.ECONNRESET}
	full := &daemon.BuildError{Kind: daemon.KindDiskFull, Message: "it is full"}
	tight := operation.Errorf(operation.CodeRefused, "it does not fit").WithHint("Make room.").WithCause(&operation.SpaceError{Space: operation.Space{Needed: 99}})
	killed := &daemon.BuildError{Kind: daemon.KindOutOfMemory, Message: "killed"}
	interrupted := operation.Errorf(operation.CodeFailed, "half-way").WithCause(activation.ErrInterrupted)
	yes := func(context.Context, operation.Operation, operation.Plan) (bool, error) { return true, nil }
	no := func(context.Context, operation.Operation, operation.Plan) (bool, error) { return false, nil }
	build, rollback := operation.BuildSystem, operation.Rollback
	for name, test := range map[string]struct {
		op    operation.Name
		call  Call
		flaky flaky
		// asked are the operations, waits the seconds between them, made the remedies.
		asked, made []string
		waits       []time.Duration
		code        operation.Code
		hint        string
	}{
		"nothing": {op: build, asked: []string{"build-system"}},
		"network twice": {
			op: build, flaky: flaky{fails: repeat(network, 2)},
			asked: []string{"build-system", "build-system", "build-system"}, made: []string{"retry", "retry"}, waits: []time.Duration{1, 2},
		},
		"network for good": {
			op: build, flaky: flaky{fails: repeat(network, 9)}, code: operation.CodeNetwork, hint: "network is back",
			asked: []string{"build-system", "build-system", "build-system", "build-system"}, made: []string{"retry", "retry", "retry"}, waits: []time.Duration{1, 2, 4},
		},
		"network, in a switch that was begun": {
			op: rollback, flaky: flaky{fails: repeat(network, 9), begun: true}, code: operation.CodeNetwork, asked: []string{"rollback"},
		},
		"network, before a switch": {
			op: rollback, flaky: flaky{fails: repeat(network, 1)}, asked: []string{"rollback", "rollback"}, made: []string{"retry"}, waits: []time.Duration{1},
		},
		"database": {
			op: operation.DiskUsage, flaky: flaky{fails: []error{storedb.ErrBusy}},
			asked: []string{"disk-usage", "disk-usage"}, made: []string{"retry"}, waits: []time.Duration{1},
		},
		"daemon": {
			op: build, flaky: flaky{fails: []error{fmt.Errorf("building: %w", daemon.ErrHungUp)}, begun: true},
			asked: []string{"build-system", "build-system"}, made: []string{"retry"}, waits: []time.Duration{0},
		},
		"full, nobody to ask": {
			op: build, flaky: flaky{fails: repeat(full, 9)}, code: operation.CodeFailed, hint: "`ask-nix clean-up` would free 12.0 MiB",
			asked: []string{"build-system", "clean-up --dry-run"},
		},
		"full, --yes": {
			op: build, call: Call{Confirm: yes, Confirmed: true}, flaky: flaky{fails: repeat(full, 1)},
			asked: []string{"build-system", "clean-up", "build-system"}, made: []string{"clean-up"},
		},
		"full, --yes, once only": {
			op: build, call: Call{Confirm: yes, Confirmed: true}, flaky: flaky{fails: repeat(full, 9)}, code: operation.CodeFailed,
			asked: []string{"build-system", "clean-up", "build-system", "clean-up --dry-run"}, made: []string{"clean-up"},
		},
		"does not fit, a person": {
			op: build, call: Call{Confirm: yes}, flaky: flaky{fails: repeat(tight, 1)},
			asked: []string{"build-system", "clean-up", "build-system"}, made: []string{"clean-up"},
		},
		"does not fit, a dry run": {
			op: build, call: Call{Confirm: yes, Confirmed: true, DryRun: true}, flaky: flaky{fails: repeat(tight, 1)},
			asked: []string{"build-system --dry-run"}, code: operation.CodeRefused, hint: "Make room.",
		},
		"does not fit, a job that was confirmed at a terminal": {
			op: build, call: Call{Confirm: yes, Manner: operation.ConfirmedTyped}, flaky: flaky{fails: repeat(tight, 1)},
			asked: []string{"build-system"}, code: operation.CodeRefused, hint: "Make room.",
		},
		"memory, yes": {
			op: build, call: Call{Confirm: yes}, flaky: flaky{fails: repeat(killed, 1)},
			asked: []string{"build-system", "build-system leanly"}, made: []string{"fewer-jobs"},
		},
		"memory, no": {
			op: build, call: Call{Confirm: no}, flaky: flaky{fails: repeat(killed, 1)}, code: operation.CodeFailed, hint: "--max-jobs 1",
			asked: []string{"build-system"}, made: []string{"fewer-jobs: nobody said yes to it"},
		},
		"an interrupted switch, a person": {
			op: rollback, call: Call{Confirm: yes}, flaky: flaky{fails: repeat(interrupted, 1), begun: true},
			asked: []string{"rollback", "recover-switch", "rollback"}, made: []string{"recover-switch"},
		},
		"an interrupted switch, --yes": {
			op: rollback, call: Call{Confirm: yes, Confirmed: true}, flaky: flaky{fails: repeat(interrupted, 1), begun: true},
			asked: []string{"rollback"}, code: operation.CodeFailed,
		},
		"hash": {
			op: build, flaky: flaky{fails: repeat(&daemon.Error{Kind: daemon.KindHashMismatch}, 9)},
			asked: []string{"build-system"}, code: operation.CodeFailed, hint: "trying again gives the same",
		},
		"build": {
			op: build, flaky: flaky{fails: repeat(&daemon.BuildError{Kind: daemon.KindBuildFailed}, 9)},
			asked: []string{"build-system"}, code: operation.CodeFailed,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var waits []time.Duration
			e := testEngine(t, func(_ context.Context, d time.Duration) error {
				waits = append(waits, d)
				return nil
			})
			told := 0
			call := test.call
			call.Operation = operation.New(test.op, operation.Arguments{})
			call.Observer = operation.ObserverFunc(func(e operation.Event) {
				if e.Kind == operation.EventWarning {
					told++
				}
			})
			call.attempts = &attempts{engine: e}
			call.machine = e.machineFor(call)
			result := (&recovering{&test.flaky, e}).Execute(t.Context(), call)
			var code operation.Code
			hint := ""
			if result.Err != nil {
				code, hint = result.Err.Code, result.Err.Hint
			}
			if code != test.code || !strings.Contains(hint, test.hint) {
				t.Errorf("code %q, hint %q, want %q, %q", code, hint, test.code, test.hint)
			}
			if diff := cmp.Diff(test.asked, test.flaky.asked); diff != "" {
				t.Errorf("asked: %s", diff)
			}
			var made []string
			for _, r := range result.Recovery {
				text := string(r.Remedy)
				if r.Refused != "" {
					text += ": " + r.Refused
				}
				made = append(made, text)
			}
			if diff := cmp.Diff(test.made, made); diff != "" {
				t.Errorf("made: %s", diff)
			}
			if len(waits) != len(test.waits) {
				t.Fatalf("waits %v, want about %v s", waits, test.waits)
			}
			for n, wait := range waits { // a quarter more or less; 0 is that of a daemon
				if want := max(test.waits[n]*time.Second, 100*time.Millisecond); wait < want*3/4 || wait > want*5/4 {
					t.Errorf("waits %v, want about %v s", waits, test.waits)
				}
			}
			if told != len(made) {
				t.Errorf("%d things were told, and %d done", told, len(made))
			}
			if n, well := recovered(&result); n != len(made) || well != (result.Err == nil && n > 0) {
				t.Errorf("counted as %d, %v", n, well)
			}
		})
	}
}

// TestRecoveringEndsAtOnce when whoever asked is gone while it waits: with what had
// failed, and that it was interrupted.
func TestRecoveringEndsAtOnce(t *testing.T) {
	t.Parallel()
	e := testEngine(t, nil) // a real timer, of a second
	ctx, cancel := context.WithCancel(t.Context())
	call := Call{Operation: operation.New(operation.BuildSystem, operation.Arguments{}), attempts: &attempts{engine: e}}
	call.Observer = operation.ObserverFunc(func(operation.Event) { cancel() }) // when told that it waits
	call.machine = e.machineFor(call)
	f := &flaky{fails: repeat(&fetch.StatusError{Code: 500}, 9)}
	start := time.Now()
	result := (&recovering{f, e}).Execute(ctx, call)
	if took := time.Since(start); took > 700*time.Millisecond {
		t.Errorf("it took %s", took)
	}
	if result.Err == nil || result.Err.Code != operation.CodeInterrupted || len(f.asked) != 1 || !strings.Contains(result.Err.Message, "HTTP error 500") {
		t.Errorf("%v after %v", result.Err, f.asked)
	}
	if len(result.Recovery) != 1 || result.Recovery[0].Refused == "" {
		t.Errorf("%+v", result.Recovery)
	}
}

// does is an executor of its own making.
type does func(Call) operation.Result

func (d does) Execute(_ context.Context, call Call) operation.Result { return d(call) }

// TestAttemptsKeep what the one before has begun, and what is done on the way is proposed by
// whoever has proposed the rest.
func TestAttemptsKeep(t *testing.T) {
	t.Parallel()
	e := testEngine(t, nil)
	first := &audit.Entry{Number: 7}
	call := Call{
		Operation: operation.New(operation.BuildSystem, operation.Arguments{}), ProposedBy: operation.ProposedByModel, Confirm: yes,
		Observer: operation.Silent, attempts: &attempts{engine: e},
	}
	call.machine = e.machineFor(call)
	var asked []string
	result := (&recovering{does(func(call Call) operation.Result {
		asked = append(asked, string(call.Operation.Name)+" by "+call.ProposedBy)
		if call.attempts != nil && call.machine.Change == nil {
			call.machine.Change = first
			return operation.Result{Err: failure(&daemon.BuildError{Kind: daemon.KindDiskFull})}
		}
		return operation.Result{Plan: &operation.Plan{}}
	}), e}).Execute(t.Context(), call)
	if diff := cmp.Diff([]string{"build-system by llm", "clean-up by llm", "build-system by llm"}, asked); diff != "" || result.Err != nil {
		t.Error(diff, result.Err)
	}
	if call.machine.Change != first {
		t.Errorf("the change is %+v", call.machine.Change)
	}
}

// TestAgreedOnce: what somebody has said yes to is not asked about again, and anything else is.
func TestAgreedOnce(t *testing.T) {
	t.Parallel()
	a := &attempts{}
	plan := operation.Plan{
		Summary: "Build it", Steps: []operation.Step{{Action: "Build"}}, Space: []operation.Space{{Free: 7}}, Time: &operation.Estimate{Low: 20, High: 40},
	}
	if a.agrees(plan) || (*attempts)(nil).agrees(plan) {
		t.Error("nobody has agreed to anything")
	}
	a.agree(plan)
	plan.Space = []operation.Space{{Free: 5}}
	if !a.agrees(plan) {
		t.Error("it is the same plan with less room")
	}
	plan.Time = nil
	if !a.agrees(plan) {
		t.Error("it is the same plan with less left to wait for")
	}
	plan.Warnings = []string{"it burns"}
	if a.agrees(plan) {
		t.Error("it is another plan")
	}
}

// testEngine is an engine of a machine that has nothing.
func testEngine(t *testing.T, wait func(context.Context, time.Duration) error) *Engine {
	t.Helper()
	dir := t.TempDir()
	values := map[string]string{
		"NIX_STORE_DIR": dir + "/store", "NIX_STATE_DIR": dir + "/state", "HOME": dir + "/home", "NIX_CONF_DIR": dir + "/conf",
		"XDG_RUNTIME_DIR": dir + "/run", "LUMINOUS_NIX_ROOT": dir + "/root", "PATH": "/nowhere",
	}
	getenv := func(name string) string { return values[name] }
	loaded, err := settings.Load(settings.Places{Getenv: getenv})
	if err != nil {
		t.Fatal(err)
	}
	return New(Options{Settings: loaded, Getenv: getenv, Wait: wait})
}
