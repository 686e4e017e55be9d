package action

import (
	"context"
	"fmt"

	"luminousnix/internal/nixos"
	"luminousnix/internal/operation"
)

// AsRoot is the hint of an error for whoever is not root and would have to be. The engine
// says the command in its place.
const AsRoot = "Run it as root."

// Elevated is what root does for somebody else who has asked for it with `ask-nix
// activate`, as a change: an activation, bringing an interrupted one to an end, confirming
// one, or asking a system what a switch to it would do.
type Elevated struct {
	machine *Machine
	op      operation.Operation
	task    ActivationTask
	confirm *confirmSwitch // for that
	// Report is what came of an activation.
	Report *operation.Activation
}

// NewElevated makes the change of an operation that root is asked for.
func NewElevated(m *Machine, op operation.Operation, task ActivationTask) *Elevated {
	return &Elevated{machine: m, op: op, task: task, confirm: &confirmSwitch{machine: m}}
}

// Plan checks what has come from somebody else.
func (e *Elevated) Plan(ctx context.Context, o operation.Observer) (operation.Plan, error) {
	switch {
	case e.op.Name == operation.ConfirmSwitch:
		return e.confirm.Plan(ctx, o)
	case e.task.Resume:
		return operation.Plan{Summary: "Bring the interrupted switch to an end", Risk: operation.Reversible}, nil
	}
	r := e.task.Request
	plan := operation.Plan{Summary: fmt.Sprintf("Activate %s (%s)", r.Toplevel, r.Action), Risk: operation.Reversible}
	if r.Action == nixos.DryActivate {
		plan = operation.Plan{Summary: fmt.Sprintf("Ask %s what a switch to it would do", r.Toplevel), Risk: operation.Safe}
	}
	return plan, CheckActivation(e.machine, *r)
}

// Apply does it.
func (e *Elevated) Apply(ctx context.Context, o operation.Observer) (answer Answer, err error) {
	switch {
	case e.op.Name == operation.ConfirmSwitch:
		return e.confirm.Apply(ctx, o)
	case e.op.Name == operation.DryActivateSystem:
		return answer, dryRun(ctx, e.machine, e.task.Request.Toplevel, func(line string) {
			o.Observe(operation.Event{Kind: operation.EventLog, Text: line})
		})
	}
	e.Report, err = Transact(ctx, e.machine, e.op, e.task, o)
	if err == nil {
		answer.Message = string(e.Report.Outcome)
	}
	return answer, err
}

// Verify has nothing left to do: the transaction has verified itself.
func (e *Elevated) Verify(context.Context) error { return nil }
