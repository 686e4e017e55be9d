package action

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"luminousnix/internal/activation"
	"luminousnix/internal/job"
	"luminousnix/internal/operation"
	"luminousnix/internal/systemd"
)

// activationUnit is the unit in which a system is activated: that of nixos-rebuild, so
// that neither runs beside the other.
const activationUnit = "nixos-rebuild-switch-to-configuration"

// ActivationTask is the task of a job that activates a system.
type ActivationTask struct {
	Request *activation.Request `json:"request,omitempty"`
	Resume  bool                `json:"resume,omitempty"` // the one that was interrupted
	// Change is what this belongs to in the audit log, whose second line of it is
	// written by the process that does the task.
	Change operation.ChangeID `json:"change,omitzero"`
}

// transact takes the machine to another system: in a process of its own, which goes on
// when this one ends, and as root, if need be by a program that asks for a password.
func transact(ctx context.Context, m *Machine, op operation.Operation, task ActivationTask, o operation.Observer) (*operation.Activation, error) {
	if m.activates() {
		return Transact(ctx, m, op, task, o)
	}
	return transactElevated(ctx, m, task, o)
}

// Transact is transact for whoever may activate.
func Transact(ctx context.Context, m *Machine, op operation.Operation, task ActivationTask, o operation.Observer) (*operation.Activation, error) {
	if err := ready(m, task); err != nil {
		return nil, err
	}
	if m.Change != nil {
		task.Change.ID = m.Change.ID
	}
	if m.Program == "" {
		m.handOver()
		asked := askedBy(ctx, m, o, func(keep bool) error { return activation.Answer(m.ActivationDir(), keep) })
		line := RunActivation(ctx, m, task, asked)
		asked.stop()
		return line.Report, line.err()
	}
	bus, err := m.bus(ctx)
	if err != nil {
		return nil, err
	}
	if bus != nil {
		defer bus.Close() // not before the end: it keeps the unit known
	}
	j, err := startActivation(ctx, m, bus, op, task)
	if err != nil {
		return nil, err
	}
	m.handOver()
	asked := askedBy(ctx, m, o, func(keep bool) error { return activation.Answer(m.ActivationDir(), keep) })
	err = j.Follow(ctx, asked)
	asked.stop()
	if errors.Is(err, context.Canceled) {
		if left := undecided(m); left != nil {
			return nil, left
		}
	}
	if errors.Is(err, context.Canceled) && j.Cancel() == nil {
		// It ends soon if it was not under way yet.
		brief, cancel := context.WithTimeout(context.WithoutCancel(ctx), cancelTime)
		defer cancel()
		err = j.Follow(brief, operation.Silent)
	}
	var line ActivationLine
	if ok, resultErr := j.Result(&line); ok || resultErr != nil {
		return line.Report, errors.Join(line.err(), resultErr)
	}
	if errors.Is(err, job.ErrDied) {
		return nil, operation.Errorf(operation.CodeFailed, "the switch was interrupted: %w", err).
			WithHint("`ask-nix recover` brings it to an end; nothing else is switched before that.")
	}
	return nil, operation.Errorf(operation.CodeInterrupted, "the activation is not stopped half-way and goes on: %w", err).
		WithHint(fmt.Sprintf("`ask-nix attach %s` follows it.", j.Request.ID))
}

// handOver leaves it to the process of the switch to write down what came of it.
func (m *Machine) handOver() {
	if m.Change != nil {
		m.Change.HandOver()
	}
}

// cancelTime is how long a job that is cancelled may take before we leave it to itself.
const cancelTime = 2 * time.Second

// ready checks that no other transaction is under way or was interrupted.
func ready(m *Machine, task ActivationTask) error {
	pending, err := activation.Find(m.ActivationDir())
	switch {
	case err != nil || pending == nil || task.Resume:
		return err
	case pending.Runs:
		return explainActivation(activation.Busy(m.ActivationDir()))
	}
	return explainActivation(activation.ErrInterrupted)
}

func startActivation(ctx context.Context, m *Machine, bus *systemd.Bus, op operation.Operation, task ActivationTask) (*job.Job, error) {
	text, err := json.Marshal(task)
	if err != nil {
		return nil, err
	}
	// Everybody may see that a switch runs or was interrupted; the files that are not
	// for everybody are their owner's only.
	if err := os.MkdirAll(m.Host.SystemState(), 0o755); err != nil {
		return nil, err
	}
	if err := os.Chmod(m.Host.SystemState(), 0o755); err != nil {
		return nil, err
	}
	j, err := m.SystemJobs.Create(job.Request{
		Time: m.Now(), User: m.Host.UserName(), Operation: op, Kind: job.Activation, Task: text,
	})
	if err != nil {
		return nil, err
	}
	program, err := m.ownProgram()
	if err != nil {
		return nil, err
	}
	launch := job.Launch{Argv: []string{program, job.Command}, Env: m.JobEnv, Bus: bus, Unit: activationUnit, Restart: true}
	if err := j.Start(ctx, launch); err != nil {
		return nil, explainActivation(errors.Join(err, j.Remove()))
	}
	return j, nil
}
