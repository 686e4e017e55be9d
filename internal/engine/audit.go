package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"luminousnix/internal/action"
	"luminousnix/internal/operation"
)

// audited is a change that is written down: a line before anything is changed
// and one with the outcome, which includes the verification. What cannot be
// written down is not done.
type audited struct {
	action.Change
	call   Call
	engine *Engine
	plan   operation.Plan
	shown  *time.Time // when the plan was given to whoever confirmed it
}

// Plan remembers the plan, to write it down.
func (a *audited) Plan(ctx context.Context, o operation.Observer) (operation.Plan, error) {
	plan, err := a.Change.Plan(ctx, o)
	a.plan = plan
	return plan, err
}

// Apply applies and verifies the change between the two lines.
func (a *audited) Apply(ctx context.Context, o operation.Observer) (action.Answer, error) {
	line := action.AuditLine{
		ID:         fmt.Sprintf("%d-%d", a.engine.now().UnixNano(), os.Getpid()),
		Time:       a.engine.now(),
		User:       a.engine.host.UserName(),
		UID:        os.Getuid(),
		Operation:  a.call.Operation,
		Sentence:   a.call.Sentence,
		ProposedBy: a.call.ProposedBy,
		Plan:       &a.plan,
		Shown:      a.shown,
	}
	if err := a.engine.audit.Append(line); err != nil {
		return action.Answer{}, cannotAudit(err)
	}
	answer, err := a.Change.Apply(ctx, o)
	if err == nil {
		o.Observe(operation.Event{Kind: operation.EventPhase, Phase: "verify"})
		// What was done has to be verified even if Ctrl-C came meanwhile.
		err = a.Change.Verify(context.WithoutCancel(ctx))
	}
	line.Shown = nil
	line.Time, line.Plan, line.Done, line.Message = a.engine.now(), nil, true, answer.Message
	if err != nil {
		failed := failure(err)
		line.Outcome, line.Message = failed.Code, failed.Message
	}
	if auditErr := a.engine.audit.Append(line); auditErr != nil && err == nil {
		answer.Warnings = append(answer.Warnings, "the change was made, but its outcome could not be written to the audit log: "+auditErr.Error())
	}
	return answer, err
}

func cannotAudit(err error) error {
	code := operation.CodeFailed
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, unix.EROFS) {
		code = operation.CodePermission
	}
	return operation.Errorf(code, "nothing was changed: the audit log cannot be written: %w", err).
		WithHint("Every change is written down before it is made; make that folder writable.")
}
