package activation

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"luminousnix/internal/nixos"
	"luminousnix/internal/operation"
	"luminousnix/nix/profile"
)

// transaction is a request on its way.
type transaction struct {
	*Machine
	request  Request
	before   before
	journal  *journal
	lock     *os.File
	observer operation.Observer
	report   operation.Activation
}

// ErrInterrupted means that a transaction before was interrupted and has to be
// brought to an end first, with [Resume].
var ErrInterrupted = errors.New("a switch was interrupted half-way")

// Run does what is requested, and reports what came of it. The error is for what kept
// it from beginning: it matches [ErrBusy] or [ErrInterrupted], or tells why the journal
// cannot be written.
//
// When ctx ends, what was done is taken back, but an activation that runs goes on to
// its end first.
func Run(ctx context.Context, m *Machine, r Request, o operation.Observer) (operation.Activation, error) {
	lock, err := takeLock(m.Dir)
	if err != nil {
		return operation.Activation{}, err
	}
	defer lock.Close()
	if _, err := os.Lstat(filepath.Join(m.Dir, journalName)); err == nil {
		return operation.Activation{}, ErrInterrupted
	}
	t := &transaction{Machine: m, request: r, lock: lock, observer: o}
	if err := t.begin(ctx); err != nil {
		return operation.Activation{}, err
	}
	return t.end(t.forward(ctx))
}

// begin finds out all that has to be known to go back, and writes it down.
func (t *transaction) begin(ctx context.Context) error {
	t.before = before{Running: t.Running(), BootID: t.BootID(), Failed: t.failedUnits(ctx)}
	if t.request.Profile != "" {
		state, err := t.Profiles.Profile(ctx, t.request.Profile)
		if err != nil && !errors.Is(err, profile.ErrNotExist) {
			return err
		}
		t.before.Generation, t.before.Target = state.Current, state.Target
		if generation, err := state.Generation(t.request.Profile, state.Current); err == nil {
			t.before.Target = generation.Target
		}
		if state.Current != t.request.Expected {
			return operation.Errorf(operation.CodeFailed, "generation %d became current meanwhile", state.Current).
				WithHint("Nothing was changed. Try again to see the new plan.")
		}
	}
	t.prepareReport()
	if err := os.Remove(t.file(answerName)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	var err error
	if t.journal, err = startJournal(t.Dir); err != nil {
		return fmt.Errorf("starting the journal of the switch: %w", err)
	}
	if err := t.step(entry{Step: StepBegin, Request: &t.request, Before: &t.before}); err != nil {
		return errors.Join(err, os.Remove(t.file(journalName)))
	}
	return nil
}

func (t *transaction) prepareReport() {
	t.report = operation.Activation{
		Profile: string(t.request.Profile),
		From:    operation.GenerationNumber(t.before.Generation), To: operation.GenerationNumber(t.request.Generation),
		Toplevel: string(t.request.Toplevel), Previous: t.before.Running,
		ExitStatus: -1, FailedBefore: t.before.Failed, Change: t.request.Change,
	}
}

// forward takes the steps to the new system, or goes back.
func (t *transaction) forward(ctx context.Context) operation.Activation {
	t.phase("sync", "Waiting for the disk")
	if err := t.sync(); err != nil {
		return t.unchanged(operation.CodeFailed, err.Error())
	}
	if t.request.Generation == 0 { // a generation is kept by its link, also without a daemon
		kept, err := t.Keep(ctx, t.request.Toplevel)
		if err != nil {
			return t.unchanged(operation.CodeFailed, err.Error())
		}
		defer kept.Close()
	}
	if ctx.Err() != nil {
		return t.unchanged(operation.CodeInterrupted, cancelled)
	}
	if t.request.Profile != "" {
		if err := t.step(entry{Step: StepProfile}); err != nil {
			return t.unchanged(operation.CodeFailed, err.Error())
		}
		if err := t.setProfile(ctx); err != nil {
			return t.revert(ctx, operation.AsError(err).Code, err.Error())
		}
	}
	if ctx.Err() != nil {
		return t.revert(ctx, operation.CodeInterrupted, cancelled)
	}
	if err := t.step(entry{Step: StepActivate}); err != nil {
		return t.revert(ctx, operation.CodeFailed, err.Error())
	}
	reason := t.activate()
	if reason != "" {
		return t.revert(ctx, operation.CodeFailed, reason)
	}
	// It is activated: that this cannot be written down is no reason to go back.
	_ = t.step(entry{Step: StepVerify, Status: t.report.ExitStatus})
	return t.verify(ctx)
}

// cancelled is the reason for going back when ctx has ended.
const cancelled = "it was cancelled"

// sync waits until the disk has all of the store: Nix writes it without waiting, and
// after a power cut the new generation would be one of empty files.
func (t *transaction) sync() error {
	dir, err := os.Open(string(t.StoreDir))
	if err != nil {
		return fmt.Errorf("syncing the store: %w", err)
	}
	defer dir.Close()
	if err := unix.Syncfs(int(dir.Fd())); err != nil {
		return fmt.Errorf("syncing the store: %w", err)
	}
	return nil
}

func (t *transaction) setProfile(ctx context.Context) error {
	if t.request.Generation != 0 {
		t.phase("switch", fmt.Sprintf("Switching to generation %d", t.request.Generation))
		return t.Profiles.Switch(ctx, t.request.Profile, t.request.Generation)
	}
	t.phase("switch", "Making it the newest generation")
	number, err := t.Profiles.Set(ctx, t.request.Profile, t.request.Toplevel)
	t.report.To = operation.GenerationNumber(number)
	return err
}

// activate runs switch-to-configuration; the reason is why the system is not to be
// kept, "" if it may be. Failed units are judged later.
func (t *transaction) activate() (reason string) {
	t.phase("activate", "Activating "+t.system())
	err := t.run(t.system(), t.request.Action)
	t.report.ExitStatus = status(err)
	if err != nil && t.report.ExitStatus != nixos.StatusUnits {
		return err.Error()
	}
	return ""
}

// system is what is activated: the system itself or one of its specialisations.
func (t *transaction) system() string {
	if t.request.Specialisation == "" {
		return string(t.request.Toplevel)
	}
	return filepath.Join(string(t.request.Toplevel), "specialisation", t.request.Specialisation)
}

// status is the exit status that an activation ended with; -1 is none.
func status(err error) int {
	var failed *nixos.ActivationError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &failed):
		return failed.Status
	}
	return -1
}

// run runs the switch-to-configuration of a system.
func (t *transaction) run(system string, action nixos.Action) error {
	// Not the context of the transaction: an activation is not stopped half-way.
	limit := cmp.Or(t.Timeout, DefaultTimeout)
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	output, err := newOutput()
	if err != nil {
		return err
	}
	defer output.Close()
	lines := t.tell(output)
	env := t.Env
	if t.request.InstallBootLoader {
		env = append(env[:len(env):len(env)], "NIXOS_INSTALL_BOOTLOADER=1")
	}
	err = nixos.Activation{Toplevel: system, Action: action, Env: env, Output: output, Inherit: []*os.File{t.lock}}.Run(ctx)
	t.report.Output = lines()
	if ctx.Err() != nil {
		return fmt.Errorf("switch-to-configuration %s did not end within %v and was killed", action, limit)
	}
	return err
}

// step writes a step down.
func (t *transaction) step(e entry) error {
	e.Time = t.Now()
	if err := t.journal.add(e); err != nil {
		return fmt.Errorf("writing the journal of the switch: %w", err)
	}
	t.report.Step = string(e.Step)
	if t.Reached != nil {
		t.Reached(e.Step)
	}
	return nil
}

// end closes the journal; the transaction is over.
func (t *transaction) end(r operation.Activation) (operation.Activation, error) {
	if err := t.journal.end(r); err != nil {
		r.Problems = append(r.Problems, "the journal of the switch could not be closed: "+err.Error())
	}
	return r, nil
}

func (t *transaction) unchanged(code operation.Code, reason string) operation.Activation {
	t.report.Outcome, t.report.Code, t.report.Reason = operation.OutcomeUnchanged, code, reason
	return t.report
}

func (t *transaction) phase(name, text string) {
	t.observer.Observe(operation.Event{Kind: operation.EventPhase, Phase: name, Text: text})
}

func (t *transaction) file(name string) string { return filepath.Join(t.Dir, name) }
