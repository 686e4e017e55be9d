package action

import (
	"context"

	"luminousnix/internal/nixos"
	"luminousnix/internal/operation"
	"luminousnix/nix/store"
)

// dryActivate builds the machine's configuration and has its switch-to-configuration say
// what a switch would do.
type dryActivate struct {
	systemBuild
}

func newDryActivate(m *Machine, args operation.Arguments) Change {
	return &dryActivate{systemBuild: systemBuild{machine: m, args: args}}
}

func (d *dryActivate) Plan(ctx context.Context, o operation.Observer) (operation.Plan, error) {
	if err := d.evaluate(ctx, o); err != nil {
		return operation.Plan{}, err
	}
	plan := d.plan("Build " + d.system.name + " and ask it what a switch would do")
	plan.Steps = append(plan.Steps, operation.Step{Action: "Run its switch-to-configuration dry-activate, which changes nothing"})
	return plan, nil
}

// Permit checks that root can ask, since the program looks into what only root may see, and
// that there is room for what is downloaded.
func (d *dryActivate) Permit() error {
	if err := permitActivation(d.machine); err != nil {
		return err
	}
	return d.systemBuild.Permit()
}

func (d *dryActivate) Apply(ctx context.Context, o operation.Observer) (Answer, error) {
	link, err := d.link("system")
	if err != nil {
		return Answer{}, err
	}
	if err := d.build(ctx, link, o); err != nil {
		return Answer{}, err
	}
	phase(o, "dry-activate", "Asking "+string(d.built))
	var said []string
	err = d.ask(ctx, func(line string) { said = append(said, line) })
	data := &operation.DryActivated{Toplevel: string(d.built), Output: said}
	if err != nil {
		failed := operation.AsError(err)
		if failed.Code != operation.CodePermission {
			failed.Details = said
		}
		return Answer{Data: data}, failed
	}
	return Answer{Message: "A switch to " + d.system.name + " would do this.", Data: data}, nil
}

func (d *dryActivate) ask(ctx context.Context, line func(string)) error {
	if d.machine.activates() {
		return dryRun(ctx, d.machine, d.built, line)
	}
	_, err := elevate(ctx, d.machine, []string{string(nixos.DryActivate), string(d.built)}, nil, operation.ObserverFunc(func(e operation.Event) {
		if e.Kind == operation.EventLog {
			line(e.Text)
		}
	}))
	return err
}

// dryRun has a system say what a switch to it would do.
func dryRun(ctx context.Context, m *Machine, toplevel store.Path, line func(string)) error {
	err := nixos.Activation{Toplevel: string(toplevel), Action: nixos.DryActivate, Env: m.ActivationEnv, Lines: line}.Run(ctx)
	if err != nil {
		return operation.Errorf(operation.CodeFailed, "%w", err).WithHint("Nothing was changed. What it said is below.")
	}
	return nil
}

// Verify has nothing to check: nothing was changed.
func (d *dryActivate) Verify(context.Context) error { return nil }
