package action

import (
	"context"
	"fmt"

	"luminousnix/internal/activation"
	"luminousnix/internal/host"
	"luminousnix/internal/nixos"
	"luminousnix/internal/operation"
)

// updateSystem updates root's channels and takes the machine to the system that its
// configuration gives with them: all of it or nothing.
type updateSystem struct {
	changeSystem
	channelUpdate

	upgrade    bool // part of a switch, which is made in any case
	onlySwitch bool // no channel is newer
	sameSystem bool // the new channels give the system that the machine has
	data       *operation.Updated
}

func newUpdateSystem(m *Machine, args operation.Arguments) Change {
	system := changeSystem{
		systemBuild: systemBuild{machine: m, args: operation.Arguments{Build: args.Build}},
		name:        operation.SwitchSystem, action: nixos.Switch,
	}
	return &updateSystem{changeSystem: system, channelUpdate: channelUpdate{machine: m, args: args}}
}

// newUpgradeSystem makes a switch or boot that updates the channels before.
func newUpgradeSystem(m *Machine, name operation.Name, args operation.Arguments) Change {
	args.Upgrade = false
	system := newChangeSystem(name)(m, args).(*changeSystem)
	return &updateSystem{changeSystem: *system, channelUpdate: channelUpdate{machine: m, args: args}, upgrade: true}
}

// Plan asks which channels have a newer release, and estimates what that would change.
func (u *updateSystem) Plan(ctx context.Context, o operation.Observer) (operation.Plan, error) {
	if err := u.find(ctx, o); err != nil {
		return operation.Plan{}, err
	}
	plan := operation.Plan{Risk: operation.Reversible, Steps: u.channelSteps()}
	if u.onlySwitch = u.upgrade && len(plan.Steps) == 0; u.onlySwitch {
		return u.changeSystem.Plan(ctx, o)
	}
	if len(plan.Steps) == 0 {
		plan.Nothing, plan.Summary = true, "Every channel is at its newest release"
		return plan, nil
	}
	plan.Summary = "Update " + u.summary() + ", build the system with that and " + u.aim()
	plan.Steps = append(plan.Steps,
		operation.Step{Action: "Build the system of this machine's configuration with the new channels"},
		operation.Step{Action: "Make the channels a generation", Path: string(u.rootChannels())})
	plan.Steps = append(plan.Steps, u.steps()...)
	var note string
	plan.Changes, note = u.estimate(ctx)
	plan.Warnings = append(plan.Warnings, note)
	return plan, nil
}

// Permit checks that we may write root's channels, and activate.
func (u *updateSystem) Permit() error {
	if p := u.rootChannels(); !host.Writable(p) {
		return operation.Errorf(operation.CodePermission, "the channels of the system are root's: you may not change %s", p).
			WithHint(AsRoot)
	}
	return u.changeSystem.Permit()
}

// Prepare downloads the channels, builds the system with them, and plans exactly.
func (u *updateSystem) Prepare(ctx context.Context, o operation.Observer) (operation.Plan, error) {
	if u.onlySwitch {
		return u.changeSystem.Prepare(ctx, o)
	}
	if err := u.download(ctx, o); err != nil {
		return operation.Plan{}, err
	}
	if u.onlySwitch = u.upgrade && u.unchanged(); u.onlySwitch {
		if plan, err := u.changeSystem.Plan(ctx, o); err != nil {
			return plan, err
		}
		return u.changeSystem.Prepare(ctx, o)
	}
	if u.unchanged() {
		return operation.Plan{Nothing: true, Summary: "Every channel has what it had before"}, nil
	}
	plan, err := u.prepareSystem(ctx, o)
	if err != nil {
		return operation.Plan{}, err
	}
	u.sameSystem = plan.Nothing
	summary := "Update " + u.summary()
	if u.sameSystem {
		plan = operation.Plan{Risk: operation.Reversible, Warnings: []string{"the system stays as it is: the new channels give the one that this machine has"}}
	} else {
		summary += " and take this machine to " + u.system.name
	}
	plan.Summary = summary
	steps := append(u.channelSteps(), operation.Step{Action: "Make the channels a generation", Path: string(u.rootChannels())})
	plan.Steps = append(steps, plan.Steps...)
	if u.state.Current > 0 {
		plan.Warnings = append(plan.Warnings, "`sudo nix-channel --rollback` takes the channels back, for systems that are built afterwards")
	}
	plan.Warnings = append(plan.Warnings, u.unverified()...)
	return plan, nil
}

// prepareSystem builds the system with the new channels.
func (u *updateSystem) prepareSystem(ctx context.Context, o operation.Observer) (operation.Plan, error) {
	source := &u.changeSystem.args.Source
	source.Include = append(source.Include, u.include()...)
	before, err := u.changeSystem.Plan(ctx, o)
	if err != nil {
		return before, err
	}
	plan, err := u.changeSystem.Prepare(ctx, o)
	plan.Warnings = append(before.Warnings, plan.Warnings...)
	return plan, err
}

// Apply makes the channels a generation, then switches. If the switch fails the channels
// go back as well.
func (u *updateSystem) Apply(ctx context.Context, o operation.Observer) (Answer, error) {
	if u.onlySwitch {
		return u.changeSystem.Apply(ctx, o)
	}
	// Not only when the channels are changed already.
	if err := ready(u.changeSystem.machine, ActivationTask{}); err != nil {
		return Answer{}, err
	}
	if err := u.commit(ctx); err != nil {
		return Answer{}, err
	}
	u.data = &operation.Updated{Channels: u.updates(), Removed: u.gone, ChannelGeneration: operation.GenerationNumber(u.made.Number)}
	if u.sameSystem {
		return Answer{Message: u.updated() + " The system stays as it was.", Data: u.data}, nil
	}
	answer, err := u.changeSystem.Apply(ctx, o)
	if switched, ok := answer.Data.(*operation.Switched); ok {
		u.data.System = switched
	}
	answer.Data = u.data
	if err != nil {
		return u.failed(context.WithoutCancel(ctx), answer, err)
	}
	answer.Message = u.updated() + " " + answer.Message
	return answer, nil
}

// failed takes the channels back unless the system is the new one, where nobody could
// undo it, or may still become that: the activation goes on by itself, or was interrupted.
func (u *updateSystem) failed(ctx context.Context, answer Answer, failure error) (Answer, error) {
	told := operation.AsError(Explain(failure))
	stays, err := u.systemStays(ctx)
	if err == nil && stays {
		told.Details = append(told.Details, fmt.Sprintf("the channels stay the new ones, generation %d of %s", u.made.Number, u.rootChannels()))
		return answer, told
	}
	if err == nil {
		err = u.takeBack(ctx)
	}
	if err != nil {
		told.Details = append(told.Details, fmt.Sprintf("the channels could not be taken back: %v", err), "`sudo nix-channel --rollback` does it")
		return answer, told
	}
	u.data.ChannelGeneration = operation.GenerationNumber(u.state.Current)
	told.Hint = "The machine and its channels are what they were before; `ask-nix update` tries again when the cause is mended."
	return answer, told
}

func (u *updateSystem) systemStays(ctx context.Context) (bool, error) {
	m := u.changeSystem.machine
	pending, err := activation.Find(m.ActivationDir())
	if err != nil || pending != nil {
		return true, err
	}
	target, err := currentTarget(ctx, m, u.profile)
	return target == string(u.built), err
}

func (u *updateSystem) updated() string {
	return "Updated " + u.summary() + "."
}

// Verify reads back both.
func (u *updateSystem) Verify(ctx context.Context) error {
	if !u.onlySwitch {
		if err := u.verify(ctx); err != nil || u.sameSystem {
			return err
		}
	}
	return u.changeSystem.Verify(ctx)
}
