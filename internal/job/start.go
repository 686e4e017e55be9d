package job

import (
	"context"
	"fmt"
	"time"

	"luminousnix/internal/process"
	"luminousnix/internal/systemd"
)

// Command is the word by which ask-nix is told to be the process of the job in a folder.
const Command = "run-job"

// Launch says how the process of a job is started.
type Launch struct {
	// Argv is the program, by its absolute path, and its arguments; the folder of
	// the job is added as the last one.
	Argv []string
	Env  []string
	// Unit is the name of the transient unit, without .service; one of the job's own
	// if it is empty. A unit of that name that is there already is an error which
	// matches [systemd.ErrUnitExists].
	Unit string
	// Restart has systemd start the process again when it was killed.
	Restart bool
	// Bus is where the unit is started; without it the process is one of a session of
	// its own.
	Bus *systemd.Bus
}

// stopTime is how long a job has when the machine goes down.
const stopTime = 90 * time.Second

// Start starts the process of the job.
func (j *Job) Start(ctx context.Context, l Launch) error {
	argv := append(l.Argv[:len(l.Argv):len(l.Argv)], j.Dir)
	if l.Bus == nil {
		if err := process.Leave(process.Command{Argv: argv, Env: l.Env, Dir: "/"}); err != nil {
			return fmt.Errorf("starting job %s: %w", j.Request.ID, err)
		}
		return nil
	}
	if l.Unit == "" {
		l.Unit = "luminous-nix-job-" + j.Request.ID
	}
	var err error
	j.unit, err = l.Bus.Start(ctx, systemd.Transient{
		Name: l.Unit + ".service", Description: "ask-nix " + string(j.Request.Operation.Name),
		Argv: argv, Env: l.Env, Restart: l.Restart, StopTimeout: stopTime,
	})
	return err
}

// starting reports a job whose unit runs, though its process has not taken the job yet.
func (j *Job) starting() bool {
	if j.unit == nil {
		return false
	}
	outcome, err := j.unit.Outcome()
	return err == nil && outcome.Active
}

// died says how the process of the job ended, as far as anybody knows.
func (j *Job) died() error {
	if j.unit != nil {
		if outcome, err := j.unit.Outcome(); err == nil && !outcome.Active {
			return fmt.Errorf("job %s: %w (%s)", j.Request.ID, ErrDied, outcome)
		}
	}
	return fmt.Errorf("job %s: %w", j.Request.ID, ErrDied)
}
