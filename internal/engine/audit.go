package engine

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"luminousnix/internal/action"
	"luminousnix/internal/audit"
	"luminousnix/internal/operation"
)

// audited is a change that is written down: a line before anything is changed
// and one with the outcome, which includes the verification. What cannot be
// written down is not done. The second line of a switch is left to its own process,
// which goes on when this one is killed.
type audited struct {
	action.Change
	call    Call
	machine *action.Machine
	engine  *Engine
	plan    operation.Plan
	shown   *time.Time // when the plan was given to whoever confirmed it
	asked   string     // the change in the log of whoever had root make this
}

// Plan remembers the plan, to write it down.
func (a *audited) Plan(ctx context.Context, o operation.Observer) (operation.Plan, error) {
	plan, err := a.Change.Plan(ctx, o)
	a.plan = plan
	return plan, err
}

// Apply applies and verifies the change between the two lines.
func (a *audited) Apply(ctx context.Context, o operation.Observer) (action.Answer, error) {
	entry, err := a.engine.audit.Begin(a.line(), a.machine.JudgeChange)
	if err != nil {
		return action.Answer{}, cannotAudit(err)
	}
	a.machine.Change = entry
	a.call.attempts.begin()
	answer, err := a.Change.Apply(ctx, o)
	if err == nil {
		o.Observe(operation.Event{Kind: operation.EventPhase, Phase: "verify"})
		// What was done has to be verified even if Ctrl-C came meanwhile.
		err = a.Change.Verify(context.WithoutCancel(ctx))
	}
	outcome := audit.Outcome{Message: answer.Message, Back: answer.Back}
	if err != nil {
		failed := failure(err)
		outcome = audit.Outcome{Code: failed.Code, Message: failed.Message}
	}
	outcome.Recovery = a.call.attempts.lines()
	if auditErr := entry.End(outcome); auditErr != nil && err == nil {
		answer.Warnings = append(answer.Warnings, "the change was made, but its outcome could not be written to the audit log: "+auditErr.Error())
	}
	return answer, err
}

// line is the first line of the change.
func (a *audited) line() audit.Line {
	line := audit.Line{
		Time:       a.engine.now(),
		User:       a.engine.host.UserName(),
		UID:        a.engine.host.UserID(),
		EUID:       os.Geteuid(),
		Operation:  a.call.Operation,
		Sentence:   a.call.Sentence,
		ProposedBy: a.call.ProposedBy,
		Asked:      a.asked,
		Plan:       &a.plan,
		Shown:      a.shown,
		Confirmed:  a.call.manner(&a.plan),
		Outcome:    audit.Outcome{Recovery: a.call.attempts.lines()},
	}
	if line.Sentence == "" {
		line.Argv = a.engine.words
	}
	if reverting, ok := a.Change.(action.Reverting); ok {
		line.Undoes = reverting.Undoes()
	}
	return line
}

func cannotAudit(err error) error {
	code := operation.CodeFailed
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, unix.EROFS) {
		code = operation.CodePermission
	}
	hint := "Every change is written down before it is made; make that folder writable."
	if errors.Is(err, audit.ErrNotOurs) {
		hint = "Every change is written down before it is made; the folder has to belong to whoever makes it, and nobody else may write there."
	}
	if errors.Is(err, unix.ELOOP) || errors.Is(err, unix.EISDIR) {
		hint = "Every change is written down before it is made, and something else is where that is done. Look at it, and move it away."
	}
	return operation.Errorf(code, "nothing was changed: the audit log cannot be written: %w", err).WithHint(hint)
}
