package activation

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"luminousnix/internal/nixos"
	"luminousnix/internal/operation"
)

// interrupted is the reason for going back after the process of a transaction ended.
const interrupted = "it was interrupted"

// Resume brings a transaction that was interrupted to its end: what had been activated
// is verified and kept, if it was to be confirmed only when it was; anything before that is
// taken back. It waits for an activation
// that still runs. The change by which that is done is written into the report. The error
// matches fs.ErrNotExist when nothing was interrupted.
func Resume(ctx context.Context, m *Machine, by operation.ChangeID, o operation.Observer) (operation.Activation, error) {
	lock, err := waitForLock(ctx, m.Dir, o)
	if err != nil {
		return operation.Activation{}, err
	}
	defer lock.Close()
	j, err := openJournal(m.Dir)
	if err != nil {
		return operation.Activation{}, err
	}
	t := &transaction{Machine: m, lock: lock, observer: o, journal: j}
	t.report.Recovery = by
	if j.damaged {
		aside, err := j.putAside()
		if err != nil {
			return operation.Activation{}, fmt.Errorf("keeping the damaged journal of a switch: %w", err)
		}
		return t.end(t.unknown(aside))
	}
	if len(j.entries) == 0 || j.entries[0].Request == nil || j.entries[0].Before == nil {
		return t.end(t.unchanged(operation.CodeInterrupted, interrupted))
	}
	t.request, t.before = *j.entries[0].Request, *j.entries[0].Before
	t.prepareReport()
	t.report.Recovery = by
	return t.end(t.resume(ctx))
}

// unknown ends a transaction whose journal is damaged: nobody knows what was before it.
func (t *transaction) unknown(aside string) operation.Activation {
	t.report.Outcome, t.report.Code = operation.OutcomeStuck, operation.CodeFailed
	t.report.Reason = "its journal is damaged, so that nobody knows what had been done; it is kept as " + aside
	return t.report
}

func (t *transaction) resume(ctx context.Context) operation.Activation {
	t.observer.Observe(operation.Event{Kind: operation.EventPhase, Phase: "resume", Text: "Bringing the interrupted switch to an end"})
	last := t.journal.last()
	t.report.Step = string(last.Step)
	if t.before.BootID != t.BootID() && last.Step != StepBegin {
		return t.afterStart(ctx)
	}
	switch last.Step {
	case StepVerify:
		t.report.ExitStatus = last.Status
		return t.verify(ctx)
	case StepConfirm:
		return t.confirm(ctx, last.Deadline)
	case StepRevert:
		return t.revert(ctx, last.Code, last.Reason)
	case StepBegin:
		return t.unchanged(operation.CodeInterrupted, interrupted)
	}
	return t.revert(ctx, operation.CodeInterrupted, interrupted)
}

// afterStart ends a transaction when the machine has been started again since: what
// it was started with decides.
func (t *transaction) afterStart(ctx context.Context) operation.Activation {
	const restarted = "the machine was started again meanwhile"
	switch {
	case t.request.Action == nixos.Test:
		t.report.Outcome, t.report.Code, t.report.Reason = operation.OutcomeReverted, operation.CodeInterrupted, restarted
		return t.report
	case t.Running() == t.wanted() && t.journal.last().Step != StepRevert:
		if err := t.setProfile(ctx); err != nil {
			t.problem(err)
			t.report.Outcome = operation.OutcomeStuck
			return t.report
		}
		t.again(string(t.request.Toplevel), nixos.Boot) // it may have been chosen by hand
		return t.switched()
	}
	// It runs the old one, which is activated then; the boot loader may not have it
	// as the one to start with.
	t.request.Action = nixos.Boot
	return t.revert(ctx, operation.CodeInterrupted, restarted)
}

// waitForLock takes the lock, waiting for an activation that has it.
func waitForLock(ctx context.Context, dir string, o operation.Observer) (*os.File, error) {
	if _, err := os.Lstat(filepath.Join(dir, journalName)); errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for told := false; ; told = true {
		lock, err := takeLock(dir)
		if !errors.Is(err, ErrBusy) {
			return lock, err
		}
		if !told {
			o.Observe(operation.Event{Kind: operation.EventPhase, Phase: "wait", Text: "Waiting for the activation that still runs"})
		}
		select {
		case <-ctx.Done():
			return nil, ErrBusy
		case <-time.After(outputPause):
		}
	}
}
