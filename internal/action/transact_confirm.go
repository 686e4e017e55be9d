package action

import (
	"context"
	"time"

	"luminousnix/internal/activation"
	"luminousnix/internal/operation"
)

// Keep asks somebody whether the system that was switched to is kept, until the deadline
// or the end of ctx. answered is false where they do not say.
type Keep func(ctx context.Context, deadline time.Time) (keep, answered bool)

// asker is an observer that has somebody asked when a switch waits to be confirmed. What
// they say is passed on; the question ends when the switch goes on.
type asker struct {
	operation.Observer
	ctx  context.Context
	keep Keep
	pass func(keep bool) error
	end  func() // ends the question; nil when nobody is asked
}

// askedBy makes an observer of o that asks. Its end is to be called when the switch is over.
func askedBy(ctx context.Context, m *Machine, o operation.Observer, pass func(keep bool) error) *asker {
	return &asker{Observer: o, ctx: ctx, keep: m.Keep, pass: pass}
}

// Observe implements [operation.Observer].
func (a *asker) Observe(e operation.Event) {
	if e.Kind == operation.EventPhase {
		a.stop()
	}
	a.Observer.Observe(e)
	if e.Kind == operation.EventPhase && a.keep != nil && !e.Deadline.IsZero() {
		a.ask(e.Deadline)
	}
}

func (a *asker) ask(deadline time.Time) {
	ctx, cancel := context.WithDeadline(a.ctx, deadline)
	done := make(chan struct{})
	a.end = func() { cancel(); <-done }
	go func() {
		defer close(done)
		keep, answered := a.keep(ctx, deadline)
		if !answered {
			return
		}
		if err := a.pass(keep); err != nil {
			a.Observer.Observe(operation.Event{Kind: operation.EventWarning, Text: err.Error()})
		}
	}()
}

// stop ends the question, if there is one.
func (a *asker) stop() {
	if a.end != nil {
		a.end()
		a.end = nil
	}
}

// undecided is the error for leaving a switch that waits to be confirmed; nil where none
// does. It stays to be confirmed, or goes back when its time is over.
func undecided(m *Machine) error {
	pending, err := activation.Find(m.ActivationDir())
	if err != nil || pending == nil || !pending.Runs || pending.Step != activation.StepConfirm {
		return nil
	}
	return operation.Errorf(operation.CodeInterrupted, "the new system runs, and goes back by itself at %s",
		pending.Deadline.Local().Format(time.TimeOnly)).
		WithHint("`ask-nix confirm` keeps it, from wherever this machine can be reached.")
}
