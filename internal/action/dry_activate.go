package action

import (
	"context"

	"luminousnix/internal/nixos"
	"luminousnix/internal/operation"
)

// dryActivate builds the machine's configuration and has its switch-to-configuration say
// what a switch would do.
type dryActivate struct {
	systemBuild
	said []string
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

// Permit checks that we are root: the program looks into what only root may see.
func (d *dryActivate) Permit() error {
	if d.machine.activates() {
		return nil
	}
	return operation.Errorf(operation.CodePermission, "only root can ask a system what a switch would do").
		WithHint("Try again with sudo; `ask-nix build` compares the two systems for anybody.")
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
	err = nixos.Activation{
		Toplevel: string(d.built), Action: nixos.DryActivate, Env: d.machine.ActivationEnv,
		Lines: func(line string) { d.said = append(d.said, line) },
	}.Run(ctx)
	data := &operation.DryActivated{Toplevel: string(d.built), Output: d.said}
	if err != nil {
		failed := operation.Errorf(operation.CodeFailed, "%w", err).WithHint("Nothing was changed. What it said is below.")
		failed.Details = d.said
		return Answer{Data: data}, failed
	}
	return Answer{Message: "A switch to " + d.system.name + " would do this.", Data: data}, nil
}

// Verify has nothing to check: nothing was changed.
func (d *dryActivate) Verify(context.Context) error { return nil }
