package action

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"luminousnix/internal/host"
	"luminousnix/internal/nixos"
	"luminousnix/internal/operation"
	"luminousnix/internal/retention"
	"luminousnix/nix/profile"
	"luminousnix/nix/storedb"
)

// deletion deletes generations of a profile: what deleting them by their numbers and
// cleaning up have in common.
type deletion struct {
	machine *Machine
	args    operation.Arguments

	// Found by read.
	chosen     host.Chosen
	state      profile.State
	protection retention.Protection
	view       *storeView

	going   []profile.Generation // to be found by Plan
	frees   storedb.Usage        // in the store, once they are gone
	refresh bool                 // the boot menu is made anew
}

// read reads the profile, what of it is protected, and the store.
func (d *deletion) read(ctx context.Context) (err error) {
	d.chosen = d.machine.Host.Profile(d.args.Profile)
	if d.state, err = d.machine.Backend.Profile(ctx, d.chosen.Profile); err != nil {
		return err
	}
	if len(oddities(d.state)) > 0 {
		return operation.Errorf(operation.CodeRefused, "nothing is deleted while %s is not in order", d.chosen.Profile).
			WithHint(oddities(d.state)[0])
	}
	kept, err := keptFile(d.machine, d.chosen).Read()
	if err != nil {
		return err
	}
	d.protection = protect(d.machine, d.chosen, d.state, kept)
	d.view, err = viewStore(ctx, d.machine.Host)
	return err
}

// describe fills in the plan what both have in common: one step for each generation.
func (d *deletion) describe(plan *operation.Plan) {
	plan.Risk = operation.Destructive
	plan.Warnings = append(plan.Warnings, note(d.chosen)...)
	for _, g := range d.going {
		about := "made " + localTime(g.Created)
		if d.chosen.System {
			about = "NixOS " + nixos.Read(g.Target).NixosVersion + ", " + about
		}
		plan.Steps = append(plan.Steps, operation.Step{Action: fmt.Sprintf("Delete generation %d (%s)", g.Number, about), Path: g.Link})
	}
	if len(d.going) == 0 || !d.chosen.System {
		return
	}
	d.refresh = d.machine.Activate && d.chosen.Profile == d.machine.Host.SystemProfile()
	if d.refresh {
		plan.Steps = append(plan.Steps, operation.Step{Action: "Take them out of the boot menu", Path: d.current().Target})
	} else {
		plan.Warnings = append(plan.Warnings, "the boot menu has their entries until the system is switched the next time")
	}
}

func (d *deletion) current() profile.Generation {
	g, _ := d.state.Generation(d.chosen.Profile, d.state.Current) // read has looked that it is there
	return g
}

// Permit checks that we may write the profile, and run the boot loader's program.
func (d *deletion) Permit() error {
	if len(d.going) == 0 {
		return nil
	}
	if err := mayChange(d.chosen); err != nil {
		return err
	}
	if d.refresh && !host.IsRoot() && !d.machine.Unprivileged {
		return operation.Errorf(operation.CodePermission, "only root can change the boot menu").WithHint(AsRoot)
	}
	return nil
}

// delete deletes what was planned, if it still may be, and refreshes the boot menu.
func (d *deletion) delete(ctx context.Context, o operation.Observer, data *operation.Freed) error {
	data.Profile = string(d.chosen.Profile)
	if len(d.going) == 0 {
		return nil
	}
	phase(o, "delete", "Deleting generations")
	// Who pins one at this moment waits until they are gone.
	err := keptFile(d.machine, d.chosen).Hold(func(kept []retention.Entry) error {
		state, err := d.machine.Backend.Profile(ctx, d.chosen.Profile)
		if err != nil {
			return err
		}
		if err := refuseProtected(protect(d.machine, d.chosen, state, kept), numbersOf(d.going)); err != nil {
			return err
		}
		deleted, err := d.chosen.Profile.Delete(ctx, profile.Selection{Numbers: numbersOf(d.going)}, d.machine.Now())
		for _, g := range deleted {
			data.Deleted = append(data.Deleted, operation.GenerationNumber(g.Number))
		}
		return err
	})
	if err != nil || !d.refresh {
		return err
	}
	return d.refreshBoot(ctx, o, data)
}

func numbersOf(generations []profile.Generation) []int {
	numbers := make([]int, len(generations))
	for i, g := range generations {
		numbers[i] = g.Number
	}
	return numbers
}

// refreshBoot makes the boot menu anew: else it would offer what is gone.
func (d *deletion) refreshBoot(ctx context.Context, o operation.Observer, data *operation.Freed) error {
	phase(o, "boot", "Refreshing the boot menu")
	err := nixos.Activation{
		Toplevel: d.current().Target, Action: nixos.Boot, Env: d.machine.ActivationEnv,
		Lines: func(line string) {
			data.Output = append(data.Output, line)
			o.Observe(operation.Event{Kind: operation.EventLog, Text: line})
		},
	}.Run(context.WithoutCancel(ctx)) // a boot menu that is half new may not start
	if err == nil {
		return nil
	}
	program := filepath.Join(d.current().Target, "bin", "switch-to-configuration")
	return operation.Errorf(operation.CodeFailed, "the generations are deleted, but the boot menu could not be refreshed: %w", err).
		WithHint("Their store paths are still there, so its entries work until garbage is collected; `sudo " + program + " boot` tries again.")
}

// Verify reads the profile back: they are gone, and nothing else is.
func (d *deletion) Verify(ctx context.Context) error {
	state, err := d.machine.Backend.Profile(ctx, d.chosen.Profile)
	if err != nil {
		return err
	}
	there := map[int]bool{}
	for _, g := range state.Generations {
		there[g.Number] = true
	}
	for _, g := range d.state.Generations {
		going := slices.ContainsFunc(d.going, func(o profile.Generation) bool { return o.Number == g.Number })
		if going == there[g.Number] {
			what := "is still there"
			if !going {
				what = "is gone, which was to stay"
			}
			return operation.Errorf(operation.CodeFailed, "generation %d %s", g.Number, what).
				WithHint("Another program changed the profile meanwhile; `ask-nix generations` shows it.")
		}
	}
	return nil
}

// deleteGenerations deletes generations by their numbers.
type deleteGenerations struct{ deletion }

func newDeleteGenerations(m *Machine, args operation.Arguments) Change {
	return &deleteGenerations{deletion{machine: m, args: args}}
}

// Plan finds the generations. One that is not there, or is protected, refuses all.
func (d *deleteGenerations) Plan(ctx context.Context, _ operation.Observer) (operation.Plan, error) {
	if err := d.read(ctx); err != nil {
		return operation.Plan{}, err
	}
	var numbers []int
	for _, number := range d.args.Generations {
		if _, err := d.state.Generation(d.chosen.Profile, int(number)); err != nil {
			return operation.Plan{}, err
		}
		numbers = append(numbers, int(number))
	}
	slices.Sort(numbers)
	numbers = slices.Compact(numbers)
	if err := refuseProtected(d.protection, numbers); err != nil {
		return operation.Plan{}, err
	}
	for _, g := range d.state.Generations {
		if slices.Contains(numbers, g.Number) {
			d.going = append(d.going, g)
		}
	}
	plan := operation.Plan{Summary: fmt.Sprintf("Delete %s", generationsCount(len(numbers)))}
	d.describe(&plan)
	d.frees = d.view.freed(d.going)
	plan.Warnings = append(plan.Warnings, fmt.Sprintf("disk space is only freed when garbage is collected: %s then", operation.Size(d.frees.NarSize)))
	return plan, nil
}

func generationsCount(n int) string {
	if n == 1 {
		return "1 generation"
	}
	return fmt.Sprintf("%d generations", n)
}

// Apply deletes them.
func (d *deleteGenerations) Apply(ctx context.Context, o operation.Observer) (Answer, error) {
	data := &operation.Freed{Expected: d.frees.NarSize}
	if err := d.delete(ctx, o, data); err != nil {
		return Answer{Data: data}, deletionFailed(err)
	}
	return Answer{
		Message: fmt.Sprintf("Deleted %s.", generationsCount(len(data.Deleted))), Data: data,
		Suggestions: []string{"ask-nix collect-garbage"},
	}, nil
}

// deletionFailed explains the errors of [profile.Profile.Delete].
func deletionFailed(err error) error {
	var current *profile.DeleteCurrentError
	if errors.As(err, &current) {
		return operation.Errorf(operation.CodeRefused, "nothing was deleted: generation %d became current while you were asked", current.Number).
			WithHint("Try again to see the new plan.").WithCause(err)
	}
	return err
}
