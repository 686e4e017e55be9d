package activation

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"luminousnix/internal/nixos"
	"luminousnix/internal/operation"
)

// revert goes the way back, all of it, whatever fails on it. Ctrl-C does not stop it.
func (t *transaction) revert(ctx context.Context, code operation.Code, reason string) operation.Activation {
	ctx = context.WithoutCancel(ctx)
	// On a full disk this cannot be written, and the way back has to be gone the more.
	if err := t.step(entry{Step: StepRevert, Reason: reason, Code: code}); err != nil {
		t.problem(err)
	}
	t.report.Code, t.report.Reason = code, reason
	t.phase("revert", "Going back: "+reason)
	t.revertProfile(ctx)
	if t.journal.reached(StepActivate) {
		t.reactivate()
	}
	t.report.Outcome = operation.OutcomeReverted
	if len(t.report.Problems) > 0 && !t.old(ctx) {
		t.report.Outcome = operation.OutcomeStuck
	}
	return t.report
}

// old reports whether the machine is in the old state.
func (t *transaction) old(ctx context.Context) bool {
	if t.Running() != t.before.Running {
		return false
	}
	if t.request.Profile == "" {
		return true
	}
	state, err := t.Profiles.Profile(ctx, t.request.Profile)
	return err == nil && state.Current == t.before.Generation
}

// revertProfile points the profile at what it was at, if it still is at the new system.
func (t *transaction) revertProfile(ctx context.Context) {
	if t.request.Profile == "" {
		return
	}
	state, err := t.Profiles.Profile(ctx, t.request.Profile)
	if err != nil {
		t.problem(err)
		return
	}
	if state.Current == t.before.Generation {
		return
	}
	if current, err := state.Generation(t.request.Profile, state.Current); err == nil && current.Target != string(t.request.Toplevel) {
		t.problem(fmt.Errorf("another program has made generation %d current, which is left so", state.Current))
		return
	}
	if t.before.Generation == 0 {
		t.problem(errors.New("the profile pointed nowhere before, so it is left where it is"))
		return
	}
	if err := t.Profiles.Switch(ctx, t.request.Profile, t.before.Generation); err != nil {
		t.problem(fmt.Errorf("the profile could not be put back: %w", err))
	}
}

// reactivate activates what was active before, for the running machine and for the
// boot loader, as far as the request was about them.
func (t *transaction) reactivate() {
	output := t.report.Output // of the activation that failed, which is of more interest
	defer func() { t.report.Output = output }()
	switch t.request.Action {
	case nixos.Boot:
		t.again(t.before.Target, nixos.Boot)
	case nixos.Test:
		t.again(t.before.Running, nixos.Test)
	default:
		if t.before.Running == t.before.Target {
			t.again(t.before.Running, nixos.Switch)
			return
		}
		// What ran was not what the machine starts with.
		t.again(t.before.Target, nixos.Boot)
		t.again(t.before.Running, nixos.Test)
	}
}

func (t *transaction) again(system string, action nixos.Action) {
	if system == "" {
		return // there was none
	}
	if _, err := os.Stat(filepath.Join(system, "bin")); errors.Is(err, fs.ErrNotExist) {
		t.problem(fmt.Errorf("%s, which was active before, is not there any more", system))
		return
	}
	// Units that fail in the old system too are no reason to give up.
	if err := t.run(system, action); err != nil && status(err) != nixos.StatusUnits {
		t.problem(fmt.Errorf("going back: %w", err))
	}
}

func (t *transaction) problem(err error) { t.report.Problems = append(t.report.Problems, err.Error()) }
