package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"luminousnix/internal/action"
	"luminousnix/internal/activation"
	"luminousnix/internal/job"
	"luminousnix/internal/operation"
	"luminousnix/nix/profile"
)

// RunJob is the process of the job in a folder, from its beginning to its result.
func (e *Engine) RunJob(ctx context.Context, dir string) error {
	task, err := job.Take(dir)
	if err != nil {
		return err
	}
	ctx, cancel := task.Context(ctx)
	defer cancel()
	if task.Request.Kind == job.Activation {
		return task.Finish(e.runActivation(ctx, task))
	}
	call := Call{
		Operation: task.Request.Operation, Sentence: task.Request.Sentence, Observer: task, Manner: task.Request.Confirmed,
		NoCache: task.Request.NoCache,
	}
	if call.Manner != "" { // it was confirmed before the job was started
		call.Confirm = func(_ context.Context, _ operation.Operation, plan operation.Plan) (bool, error) {
			task.Observe(operation.Event{Kind: operation.EventPlan, Plan: &plan})
			return true, nil
		}
	}
	return task.Finish(e.Execute(ctx, call))
}

func (e *Engine) runActivation(ctx context.Context, task *job.Task) action.ActivationLine {
	var what action.ActivationTask
	if err := json.Unmarshal(task.Request.Task, &what); err != nil || what.Request == nil && !what.Resume {
		return action.ActivationLine{Error: operation.Errorf(operation.CodeFailed, "job %s does not say what to activate", task.Request.ID)}
	}
	return action.RunActivation(ctx, e.machine(), what, task)
}

// Activate does for root what somebody else has asked for; see [action.Elevated]. It is
// written down in root's audit log. keep asks whether a switch is kept.
func (e *Engine) Activate(ctx context.Context, op operation.Operation, task action.ActivationTask, keep action.Keep, o operation.Observer) (*operation.Activation, error) {
	m := e.machine()
	m.Keep = keep
	elevated := action.NewElevated(m, op, task)
	call := Call{Operation: op, Manner: operation.ConfirmedElsewhere}
	change := &audited{Change: elevated, call: call, machine: m, engine: e, asked: task.Change.Asked}
	if _, err := change.Plan(ctx, o); err != nil {
		return nil, err
	}
	_, err := change.Apply(ctx, &orderly{observer: o, now: e.now})
	return elevated.Report, err
}

// Detach starts an operation as a job, which goes on when this process ends. It is
// confirmed first, for which there is a plan now, unless that was done beforehand. What
// the job does is measured by the job; what comes of it without one is measured here.
func (e *Engine) Detach(ctx context.Context, call Call) operation.Result {
	call.attempts = &attempts{engine: e}
	call.machine = e.machineFor(call)
	start := time.Now()
	result, begun := e.detach(ctx, call)
	if !begun {
		result.Duration = time.Since(start)
		e.measure(&result, &estimates{})
	}
	return e.told(call, result)
}

// detach plans, has it confirmed and starts the job; begun says that there is one.
func (e *Engine) detach(ctx context.Context, call Call) (result operation.Result, begun bool) {
	t := &transaction{e}
	result = operation.Result{Operation: call.Operation}
	if err := call.Operation.Validate(); err != nil {
		return t.finish(call, result, action.Answer{}, err), false
	}
	manner := operation.ConfirmedBeforehand
	if !call.Confirmed {
		look := call
		look.DryRun = true
		if result = e.unmeasured.Execute(ctx, look); result.Err != nil || result.Plan == nil || result.Plan.Nothing {
			return result, false
		}
		if err := confirm(ctx, call, *result.Plan); err != nil {
			return t.finish(call, result, action.Answer{}, err), false
		}
		manner = call.manner(result.Plan)
	}
	answer, err := action.Detach(ctx, call.machine, call.Operation, call.Sentence, manner)
	return t.finish(call, operation.Result{Operation: call.Operation, Recovery: result.Recovery}, answer, err), err == nil
}

// SystemProfile is the profile of systems of that name.
func (e *Engine) SystemProfile(name operation.ProfileName) profile.Profile {
	return e.host.Profile(name).Profile
}

// interrupted is a warning of a switch that lost its process; "" when there is none.
func (e *Engine) interrupted(m *action.Machine) string {
	pending, err := activation.Find(m.ActivationDir())
	if err != nil || pending == nil || pending.Runs {
		return ""
	}
	if pending.Since.IsZero() {
		return "a switch was interrupted; `ask-nix recover` brings it to an end"
	}
	return fmt.Sprintf("a switch that was begun %s was interrupted at its step %q; `ask-nix recover` brings it to an end",
		pending.Since.Local().Format("2006-01-02 15:04:05"), pending.Step)
}
