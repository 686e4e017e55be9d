package action

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"luminousnix/internal/activation"
	"luminousnix/internal/nixos"
	"luminousnix/internal/operation"
	"luminousnix/nix/profile"
)

// changeSystem builds the machine's configuration and takes the machine there: now, at
// the next boot, or until the next boot.
type changeSystem struct {
	systemBuild
	name   operation.Name
	action nixos.Action

	profile profile.Profile // "" for a test
	current int             // generation; 0 is none
	result  string          // link that keeps what was built
}

// newChangeSystem makes switch, boot or test.
func newChangeSystem(name operation.Name) func(*Machine, operation.Arguments) Change {
	return func(m *Machine, args operation.Arguments) Change {
		if args.Upgrade {
			return newUpgradeSystem(m, name, args)
		}
		c := &changeSystem{systemBuild: systemBuild{machine: m, args: args}, name: name, action: nixos.Switch}
		switch name {
		case operation.BootSystem:
			c.action = nixos.Boot
		case operation.TestSystem:
			c.action = nixos.Test
		}
		return c
	}
}

// Plan is what is known before the build.
func (c *changeSystem) Plan(ctx context.Context, o operation.Observer) (operation.Plan, error) {
	if c.action != nixos.Test {
		name := c.args.Profile
		if name == "" {
			name = operation.SystemProfile // also where there is none yet
		}
		chosen := c.machine.Host.Profile(name)
		if !chosen.System {
			return operation.Plan{}, operation.Errorf(operation.CodeUsage, "%s is not a profile of systems", chosen.Profile)
		}
		c.profile = chosen.Profile
	}
	if err := c.evaluate(ctx, o); err != nil {
		return operation.Plan{}, err
	}
	plan := c.plan("Build " + c.system.name + " and " + c.aim())
	plan.Risk = operation.Reversible
	plan.Steps = append(plan.Steps, c.steps()...)
	return plan, nil
}

// aim says what is done with the system.
func (c *changeSystem) aim() string {
	switch c.action {
	case nixos.Boot:
		return "start it at the next boot"
	case nixos.Test:
		return "run it until the next boot"
	}
	return "switch to it"
}

func (c *changeSystem) steps() []operation.Step {
	var steps []operation.Step
	if c.profile != "" {
		steps = append(steps, operation.Step{Action: "Make it the newest generation", Path: string(c.profile)})
	}
	switch c.action {
	case nixos.Boot:
		steps = append(steps, operation.Step{Action: "Make it the one to start with"})
	case nixos.Test:
		steps = append(steps, operation.Step{Action: "Activate it, without making it the one to start with"})
	default:
		steps = append(steps, operation.Step{Action: "Activate it now and make it the one to start with"})
	}
	if c.args.ConfirmWithin > 0 {
		steps = append(steps, operation.Step{Action: fmt.Sprintf("Go back unless `ask-nix confirm` is run within %d s", c.args.ConfirmWithin)})
	}
	return steps
}

// Permit checks that we may activate, and that there is room for what is downloaded.
func (c *changeSystem) Permit() error {
	if err := permitActivation(c.machine); err != nil {
		return err
	}
	return c.systemBuild.Permit()
}

// Prepare builds the system, and plans exactly.
func (c *changeSystem) Prepare(ctx context.Context, o operation.Observer) (operation.Plan, error) {
	var err error
	if c.result, err = c.link("system"); err != nil {
		return operation.Plan{}, err
	}
	if err := c.build(ctx, c.result, o); err != nil {
		return operation.Plan{}, err
	}
	plan := operation.Plan{Summary: "Take this machine to " + c.system.name + ": " + c.aim(), Risk: operation.Reversible}
	if plan.Nothing, err = c.done(ctx); err != nil || plan.Nothing {
		plan.Summary = c.system.name + " is what this machine has already"
		return plan, err
	}
	plan.Steps = c.steps()
	for i := range plan.Steps {
		if plan.Steps[i].Path == "" {
			plan.Steps[i].Path = c.toplevel()
			break
		}
	}
	if c.current > 0 {
		plan.Undo = fmt.Sprintf("ask-nix switch-generation %d", c.current)
	}
	plan.Warnings = append(plan.Warnings, warnings(c.system.result.Messages)...)
	if plan.Changes, plan.Impact, err = c.compare(ctx); err != nil {
		plan.Warnings = append(plan.Warnings, fmt.Sprintf("what differs in packages cannot be told: %v", err))
	}
	var scarce []string
	plan.Space, scarce = exactSpace(c.machine, c.toplevel(), c.action)
	plan.Warnings = slices.Concat(plan.Warnings, scarce, preflight(ctx, c.machine, c.toplevel(), c.action))
	return plan, CheckActivation(c.machine, c.request())
}

// toplevel is what is activated.
func (c *changeSystem) toplevel() string {
	if c.args.Specialisation != "" {
		return string(c.built) + "/specialisation/" + string(c.args.Specialisation)
	}
	return string(c.built)
}

// done reports whether the machine is there already, and reads which generation is
// current.
func (c *changeSystem) done(ctx context.Context) (bool, error) {
	running := c.action == nixos.Boot || c.machine.Host.RunningSystem() == resolve(c.toplevel())
	if c.profile == "" {
		return running, nil
	}
	state, err := c.machine.Backend.Profile(ctx, c.profile)
	if errors.Is(err, profile.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	c.current = state.Current
	current, err := state.Generation(c.profile, state.Current)
	same := err == nil && current.Target == string(c.built) && len(oddities(state)) == 0
	return running && same && !c.args.InstallBootLoader, nil
}

func (c *changeSystem) request() activation.Request {
	return activation.Request{
		Action: c.action, Toplevel: c.built, Specialisation: string(c.args.Specialisation), Profile: c.profile,
		Expected: c.current, ConfirmWithin: time.Duration(c.args.ConfirmWithin) * time.Second,
		InstallBootLoader: c.args.InstallBootLoader,
	}
}

func (c *changeSystem) Apply(ctx context.Context, o operation.Observer) (Answer, error) {
	request := c.request()
	report, err := transact(ctx, c.machine, operation.New(c.name, c.args), ActivationTask{Request: &request}, o)
	if err != nil {
		return Answer{}, err
	}
	answer := Answer{Warnings: unitWarnings(report), Back: wayBack(string(c.profile), report.From, report.To), Data: &operation.Switched{
		Profile: string(c.profile), From: report.From, To: report.To,
		Activated: report.Outcome == operation.OutcomeSwitched && c.action != nixos.Boot, Activation: report,
	}}
	switch c.action {
	case nixos.Switch:
		answer.Message = fmt.Sprintf("%s is generation %d, current and running now.", c.system.name, report.To)
	case nixos.Boot:
		answer.Message = fmt.Sprintf("%s is generation %d, and what the machine starts with.", c.system.name, report.To)
	case nixos.Test:
		answer.Message = fmt.Sprintf("%s is running now, until the next boot.", c.system.name)
	}
	if report.From > 0 && report.From != report.To {
		answer.Suggestions = []string{fmt.Sprintf("ask-nix switch-generation %d", report.From)}
	}
	return answer, failedActivation(report)
}

// Verify reads back what is current and what runs.
func (c *changeSystem) Verify(ctx context.Context) error {
	if c.profile != "" {
		target, err := currentTarget(ctx, c.machine, c.profile)
		if err != nil {
			return err
		}
		if target != string(c.built) {
			return operation.Errorf(operation.CodeFailed, "%s is current, not %s", target, c.built).
				WithHint("Another program changed the profile meanwhile; `ask-nix generations` shows it.")
		}
	}
	if running := c.machine.Host.RunningSystem(); c.action != nixos.Boot && running != resolve(c.toplevel()) {
		return operation.Errorf(operation.CodeFailed, "%s is running, not %s", running, c.toplevel()).
			WithHint("The activation reported success all the same; a reboot starts the new generation.")
	}
	return nil
}
