package engine

import (
	"context"
	"errors"
	"io"

	"luminousnix/internal/action"
	"luminousnix/internal/host"
	"luminousnix/internal/operation"
)

// transaction is the innermost executor: it does the operation.
type transaction struct{ engine *Engine }

// Execute answers a read-only operation or goes through plan, confirm, execute,
// verify for a changing one.
func (t *transaction) Execute(ctx context.Context, call Call) operation.Result {
	result := operation.Result{Operation: call.Operation}
	found, _ := action.Find(call.Operation.Name) // the guard lets known ones pass, and all have one
	if found.Read != nil {
		answer, err := found.Read(ctx, call.machine, call.Operation.Arguments, call.Observer)
		return t.finish(call, result, answer, err)
	}
	change := &audited{Change: found.Change(call.machine, call.Operation.Arguments), call: call, machine: call.machine, engine: t.engine}
	if open, ok := change.Change.(io.Closer); ok {
		defer open.Close()
	}
	plan, answer, err := t.change(ctx, call, change)
	result.Plan = plan
	return t.finish(call, result, answer, err)
}

// change returns the plan as soon as there is one, whatever happens then.
func (t *transaction) change(ctx context.Context, call Call, change *audited) (*operation.Plan, action.Answer, error) {
	call.Observer.Observe(operation.Event{Kind: operation.EventPhase, Phase: "check"})
	plan, err := change.Plan(ctx, call.Observer)
	if err != nil {
		return nil, action.Answer{}, err
	}
	if plan.Nothing {
		return &plan, action.Answer{Message: plan.Summary + "; there is nothing to do.", Warnings: plan.Warnings}, nil
	}
	if call.DryRun {
		return &plan, action.Answer{Message: "Nothing was changed: this was a dry run."}, nil
	}
	if err := t.permit(change.Change); err != nil {
		return &plan, action.Answer{}, err
	}
	if staged, ok := change.Change.(action.Staged); ok {
		shown := plan // whoever watches may still read it when the exact one is known
		call.Observer.Observe(operation.Event{Kind: operation.EventPlan, Plan: &shown})
		exact, err := staged.Prepare(ctx, call.Observer)
		if err != nil {
			return &plan, action.Answer{}, err
		}
		plan, change.plan = exact, exact
		if plan.Nothing {
			return &plan, action.Answer{Message: plan.Summary + "; there is nothing to do.", Warnings: plan.Warnings}, nil
		}
	}
	asked := t.engine.now()
	if !call.attempts.agrees(plan) {
		if err := confirm(ctx, call, plan); err != nil {
			return &plan, action.Answer{}, err
		}
		call.attempts.agree(plan)
		if call.asks() {
			change.shown = &asked
		}
	}
	answer, err := change.Apply(ctx, call.Observer)
	return &plan, answer, err
}

// permit checks that this person may make the change. The setting that lets somebody
// else than root try is for machines that are not the real one.
func (t *transaction) permit(change action.Change) error {
	h := t.engine.host
	if t.engine.settings.AllowUnprivileged && !h.Moved() && h.StateDir == host.DefaultStateDir {
		return operation.Errorf(operation.CodeRefused, "%s is for tests, and this is a real machine", t.engine.settings.Origin("allow_unprivileged")).
			WithHint("Unset allow_unprivileged, or say with --root where the machine is that may be changed.")
	}
	if restricted, ok := change.(action.Restricted); ok {
		return restricted.Permit()
	}
	return nil
}

// asks reports whether a person must confirm the change.
func (c Call) asks() bool {
	spec, _ := operation.Lookup(c.Operation.Name)
	return spec.Asks() || spec.Changing && c.ProposedBy != ""
}

// manner is how a change with this plan is confirmed.
func (c Call) manner(plan *operation.Plan) operation.Confirmation {
	switch {
	case c.Manner != "":
		return c.Manner
	case !c.asks():
		return operation.ConfirmedNotNeeded
	case c.Confirmed:
		return operation.ConfirmedBeforehand
	case c.Unasked != nil && c.Unasked(c.Operation, plan):
		return operation.ConfirmedUnasked
	}
	return operation.ConfirmedTyped
}

// confirm lets a change pass when it needs no question or is confirmed.
func confirm(ctx context.Context, call Call, plan operation.Plan) error {
	if !call.asks() {
		return ctx.Err()
	}
	if call.Confirm == nil && call.ProposedBy != "" {
		return operation.Errorf(operation.CodeDeclined, "nothing was changed: what a language model proposes is confirmed by a person at a terminal only").
			WithHint("Ask for it with an exact command, which --yes confirms: `ask-nix help` lists them.")
	}
	if call.Confirm == nil {
		return operation.Errorf(operation.CodeDeclined, "nothing was changed: nobody is here to confirm it").
			WithHint("Give --yes to confirm beforehand, or --dry-run to see only the plan.")
	}
	yes, err := call.Confirm(ctx, call.Operation, plan)
	if err != nil {
		return err
	}
	if !yes {
		return operation.Errorf(operation.CodeDeclined, "nothing was changed")
	}
	return ctx.Err()
}

// finish fills in the result.
func (t *transaction) finish(call Call, result operation.Result, answer action.Answer, err error) operation.Result {
	result.Backend, result.BackendReason = call.machine.BackendUsed()
	result.Message, result.Data, result.Cached, result.CacheAsked = answer.Message, answer.Data, answer.Cached, answer.CacheAsked
	result.Warnings, result.Suggestions = answer.Warnings, answer.Suggestions
	if call.machine.Change != nil {
		result.Entry = call.machine.Entry(call.machine.Change.Number)
	}
	if err != nil {
		t.engine.log.Debug("operation failed", "operation", call.Operation.Name, "error", err)
		result.Err = failure(err)
		if result.Err.Hint == action.AsRoot {
			result.Err.Hint = t.engine.asRoot()
		}
		result.Message = result.Err.Message
	}
	return result
}

// failure makes an error that says what to do.
func failure(err error) *operation.Error {
	failed := operation.AsError(action.Explain(err))
	if failed.Hint == "" && failed.Code == operation.CodeFailed && !errors.Is(err, context.Canceled) {
		failed.Hint = "Run it again with --debug to see what was done."
	}
	return failed
}
