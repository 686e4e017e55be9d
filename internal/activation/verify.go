package activation

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"luminousnix/internal/nixos"
	"luminousnix/internal/operation"
	"luminousnix/nix/profile"
)

// verify checks what was activated, and has it confirmed where that is wanted.
func (t *transaction) verify(ctx context.Context) operation.Activation {
	t.phase("inspect", "Checking what runs")
	if reason := t.wrong(ctx); reason != "" {
		return t.revert(ctx, operation.CodeFailed, reason)
	}
	if t.request.ConfirmWithin > 0 {
		deadline := t.Now().Add(t.request.ConfirmWithin)
		if err := t.step(entry{Step: StepConfirm, Deadline: deadline}); err != nil {
			return t.revert(ctx, operation.CodeFailed, err.Error())
		}
		return t.confirm(ctx, deadline)
	}
	return t.switched()
}

func (t *transaction) switched() operation.Activation {
	t.report.Outcome = operation.OutcomeSwitched
	left := profile.Generation{Number: t.before.Generation, Target: t.before.Target}
	if t.Left != nil && t.request.Profile != "" && left.Number > 0 && left.Number != int(t.report.To) {
		if err := t.Left(t.request.Profile, left); err != nil {
			t.observer.Observe(operation.Event{Kind: operation.EventWarning, Text: "the generation to go back to is not protected from clean-up: " + err.Error()})
		}
	}
	return t.report
}

// wrong is the reason why the new system is not to be kept; "" if it is.
func (t *transaction) wrong(ctx context.Context) string {
	if t.request.Action == nixos.Boot {
		return ""
	}
	if running := t.Running(); running != t.wanted() {
		return fmt.Sprintf("%s is running after the activation, not %s", running, t.wanted())
	}
	t.report.Failed = t.newlyFailed(ctx)
	t.readLogs(ctx)
	switch {
	case t.report.ExitStatus != nixos.StatusUnits:
		return "" // they failed, but not so that the activation minds
	case len(t.report.Failed) > 0:
		return "these units failed: " + strings.Join(t.report.Failed, ", ")
	case t.Units == nil:
		return (&nixos.ActivationError{Action: t.request.Action, Status: t.report.ExitStatus}).Error()
	}
	return ""
}

// wanted is the toplevel that has to run.
func (t *transaction) wanted() string {
	if target, err := filepath.EvalSymlinks(t.system()); err == nil {
		return target
	}
	return t.system()
}

// newlyFailed are the units that have failed and had not before.
func (t *transaction) newlyFailed(ctx context.Context) []string {
	return slices.DeleteFunc(t.failedUnits(ctx), func(unit string) bool { return slices.Contains(t.before.Failed, unit) })
}

func (t *transaction) failedUnits(ctx context.Context) []string {
	if t.Units == nil {
		return nil
	}
	// What was cancelled has to be checked all the same.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), unitsDeadline)
	defer cancel()
	units, err := t.Units.FailedUnits(ctx)
	if err != nil {
		t.observer.Observe(operation.Event{Kind: operation.EventWarning, Text: "which units have failed is not known: " + err.Error()})
	}
	return units
}

// unitsDeadline bounds the wait for systemd, which may be busy after an activation.
const unitsDeadline = 30 * time.Second

// readLogs reads what the failed units said last.
func (t *transaction) readLogs(ctx context.Context) {
	for _, unit := range t.report.Failed {
		if lines := t.Units.Log(context.WithoutCancel(ctx), unit); len(lines) > 0 {
			if t.report.Logs == nil {
				t.report.Logs = make(map[string][]string)
			}
			t.report.Logs[unit] = lines
		}
	}
}
