package action

import (
	"cmp"
	"context"

	"luminousnix/internal/activation"
	"luminousnix/internal/operation"
)

// confirmSwitch confirms a switch that waits for it.
type confirmSwitch struct {
	machine *Machine
}

func newConfirmSwitch(m *Machine, _ operation.Arguments) Change { return &confirmSwitch{machine: m} }

func (c *confirmSwitch) Plan(context.Context, operation.Observer) (operation.Plan, error) {
	pending, err := activation.Find(c.machine.ActivationDir())
	if err != nil {
		return operation.Plan{}, err
	}
	if pending == nil || pending.Step != activation.StepConfirm {
		return operation.Plan{}, operation.Errorf(operation.CodeNotFound, "%w", activation.ErrNothingToConfirm).
			WithHint("`ask-nix generations` shows what runs.")
	}
	return operation.Plan{Summary: "Keep the system that was switched to", Risk: operation.Safe, Steps: []operation.Step{
		{Action: "Confirm the switch", Path: string(pending.Request.Toplevel)},
	}}, nil
}

// Permit checks that we can confirm: we, or root for us.
func (c *confirmSwitch) Permit() error { return permitActivation(c.machine) }

func (c *confirmSwitch) Apply(ctx context.Context, o operation.Observer) (Answer, error) {
	err := c.confirm(ctx, o)
	if err != nil {
		err := operation.AsError(Explain(err))
		return Answer{}, operation.Errorf(err.Code, "%w", err).WithHint(cmp.Or(err.Hint, "`ask-nix generations` shows what runs now."))
	}
	return Answer{Message: "The switch is confirmed: the new system stays."}, nil
}

func (c *confirmSwitch) confirm(ctx context.Context, o operation.Observer) error {
	if c.machine.activates() {
		return activation.Answer(c.machine.ActivationDir(), true)
	}
	_, err := elevate(ctx, c.machine, []string{"confirm"}, nil, o)
	return err
}

// Verify has nothing to check: the switch itself goes on.
func (c *confirmSwitch) Verify(context.Context) error { return nil }
