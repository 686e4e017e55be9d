package action

import (
	"context"
	"fmt"

	"luminousnix/internal/activation"
	"luminousnix/internal/operation"
)

// recoverSwitch brings a switch to an end that was interrupted.
type recoverSwitch struct {
	machine *Machine
	pending *activation.Pending
}

func newRecoverSwitch(m *Machine, _ operation.Arguments) Change { return &recoverSwitch{machine: m} }

func (r *recoverSwitch) Plan(context.Context, operation.Observer) (plan operation.Plan, err error) {
	plan.Risk = operation.Reversible
	if r.pending, err = activation.Find(r.machine.ActivationDir()); err != nil {
		return plan, err
	}
	if r.pending == nil {
		plan.Nothing, plan.Summary = true, "No switch was interrupted"
		return plan, nil
	}
	if r.pending.Runs {
		return plan, explainActivation(activation.Busy(r.machine.ActivationDir()))
	}
	plan.Summary = fmt.Sprintf("Bring the switch to an end that was interrupted at its step %q", r.pending.Step)
	toplevel := string(r.pending.Request.Toplevel)
	if r.pending.Damaged {
		plan.Summary = "Close the journal of a switch that was interrupted"
		plan.Steps = []operation.Step{{Action: "Put the journal aside, which is damaged: what had been done is not known"}}
		return plan, nil
	}
	switch r.pending.Step {
	case activation.StepBegin:
		plan.Steps = []operation.Step{{Action: "Close its journal: nothing had been changed yet"}}
	case activation.StepConfirm:
		plan.Steps = []operation.Step{{Action: "Keep what was activated if that was confirmed in time, else go back from", Path: toplevel}}
	case activation.StepVerify:
		plan.Steps = []operation.Step{{Action: "Check that what was activated runs, and keep it", Path: toplevel}}
	default:
		plan.Steps = []operation.Step{
			{Action: "Point the profile at the generation that was current", Path: string(r.pending.Request.Profile)},
			{Action: "Activate the system again that ran before, in place of", Path: toplevel},
		}
	}
	return plan, nil
}

// Permit checks that we may activate.
func (r *recoverSwitch) Permit() error { return permitActivation(r.machine) }

func (r *recoverSwitch) Apply(ctx context.Context, o operation.Observer) (Answer, error) {
	report, err := transact(ctx, r.machine, operation.New(operation.RecoverSwitch, operation.Arguments{}), ActivationTask{Resume: true}, o)
	if err != nil {
		return Answer{}, err
	}
	answer := Answer{Message: recovered(report), Data: report, Warnings: unitWarnings(report)}
	if report.Outcome == operation.OutcomeStuck {
		return answer, failedActivation(report)
	}
	return answer, nil
}

// recovered says where a switch has ended that was interrupted.
func recovered(r *operation.Activation) string {
	switch r.Outcome {
	case operation.OutcomeSwitched:
		return "The switch is complete: the new system runs."
	case operation.OutcomeUnchanged:
		return "The switch had not changed anything."
	}
	return "The old system is back, as it was before the switch."
}

// Verify checks that nothing is left over.
func (r *recoverSwitch) Verify(context.Context) error {
	pending, err := activation.Find(r.machine.ActivationDir())
	if err == nil && pending != nil && !pending.Runs {
		return explainActivation(activation.ErrInterrupted)
	}
	return err
}
