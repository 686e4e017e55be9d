package cli

import (
	"context"
	"encoding/json"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/pflag"

	"luminousnix/internal/action"
	"luminousnix/internal/activation"
	"luminousnix/internal/job"
	"luminousnix/internal/nixos"
	"luminousnix/internal/operation"
	"luminousnix/nix/store"
)

// hidden runs the commands that ask-nix starts itself with: the process of a job, and
// the one step that root does for somebody else. ok is false for all other words.
func (a *app) hidden(ctx context.Context, args []string) (err error, ok bool) {
	if len(args) < 2 {
		return nil, false
	}
	switch args[0] {
	case job.Command:
		a.words = nil // nobody has typed them
		return a.runJob(ctx, args[1]), len(args) == 2
	case "activate":
		return a.activate(ctx, args[1:]), true
	}
	return nil, false
}

// runJob is the process of a job. Ctrl-C does not reach it; what ends it asks it to.
func (a *app) runJob(ctx context.Context, dir string) error {
	if err := a.prepare(); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, os.Interrupt)
	defer stop()
	return a.engine.RunJob(ctx, dir)
}

// activate does for root what somebody else has asked for: one of few verbs, with a path
// of the store. What it says is a line of JSON for each event, and one in the end.
//
//	activate switch|boot|test PATH [FLAGS]
//	activate dry-activate PATH
//	activate recover
//	activate confirm
//
// While a switch waits to be confirmed it reads whether the new system is kept.
// --change=ID is what it belongs to in the audit log of whoever asks.
func (a *app) activate(ctx context.Context, args []string) error {
	if err := a.prepare(); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	said := &jsonLines{to: json.NewEncoder(a.Out), flush: a.flush}
	answer := action.ActivationLine{Done: true}
	op, task, err := a.activationTask(args)
	if err == nil {
		answer.Report, err = a.engine.Activate(ctx, op, task, a.readKeep, said)
	}
	answer.Error = operation.AsError(err)
	said.say(answer)
	if answer.Error != nil {
		return exitStatus(answer.Error.Code.ExitCode())
	}
	return nil
}

// readKeep reads whether the new system is kept. Nothing more to read is no answer: who
// has asked for the switch is gone.
func (a *app) readKeep(ctx context.Context, _ time.Time) (keep, answered bool) {
	word, err := readLine(ctx, a.In)
	word = strings.TrimSpace(word)
	return word == action.WordKeep, err == nil && (word == action.WordKeep || word == action.WordBack)
}

// activationTask reads the command line of activate.
func (a *app) activationTask(args []string) (op operation.Operation, task action.ActivationTask, err error) {
	usage := operation.Errorf(operation.CodeUsage, "activate takes switch, boot, test or dry-activate and a path of the store, or recover, or confirm")
	var r activation.Request
	var name string
	set := pflag.NewFlagSet("activate", pflag.ContinueOnError)
	set.StringVar(&name, "profile-name", "", "")
	set.IntVar(&r.Expected, "expected", 0, "")
	set.IntVar(&r.Generation, "generation", 0, "")
	set.StringVar(&r.Specialisation, "specialisation", "", "")
	set.DurationVar(&r.ConfirmWithin, "confirm-within", 0, "")
	set.BoolVar(&r.InstallBootLoader, "install-bootloader", false, "")
	set.StringVar(&task.Change.Asked, "change", "", "")
	if err := set.Parse(args); err != nil || strings.Trim(task.Change.Asked, "0123456789-") != "" {
		return op, task, usage.WithCause(err)
	}
	if set.NArg() == 1 {
		switch task.Resume = set.Arg(0) == "recover"; {
		case task.Resume:
			return operation.New(operation.RecoverSwitch, operation.Arguments{}), task, nil
		case set.Arg(0) == "confirm":
			return operation.New(operation.ConfirmSwitch, operation.Arguments{}), task, nil
		}
	}
	if set.NArg() != 2 {
		return op, task, usage
	}
	operations := map[nixos.Action]operation.Name{
		nixos.Switch: operation.SwitchSystem, nixos.Boot: operation.BootSystem, nixos.Test: operation.TestSystem,
		nixos.DryActivate: operation.DryActivateSystem,
	}
	r.Action, r.Toplevel = nixos.Action(set.Arg(0)), store.Path(set.Arg(1))
	op.Name = operations[r.Action]
	if op.Name == "" || (name == "") != (r.Action == nixos.Test || r.Action == nixos.DryActivate) {
		return op, task, usage
	}
	op.Arguments.ConfirmWithin = int(r.ConfirmWithin / time.Second)
	if name != "" {
		if op.Arguments.Profile, err = operation.ParseProfileName(name); err != nil {
			return op, task, err
		}
		r.Profile = a.engine.SystemProfile(op.Arguments.Profile)
	}
	task.Request = &r
	return op, task, nil
}

// jsonLines says each event as a line of JSON, at once.
type jsonLines struct {
	mu    sync.Mutex
	to    *json.Encoder
	flush func() error
}

// Observe implements [operation.Observer].
func (j *jsonLines) Observe(e operation.Event) { j.say(action.ActivationLine{Event: &e}) }

// say cannot tell anybody when the one who reads is gone; the work goes on.
func (j *jsonLines) say(line action.ActivationLine) {
	j.mu.Lock()
	defer j.mu.Unlock()
	_ = j.to.Encode(line)
	_ = j.flush()
}
