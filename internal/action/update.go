package action

import (
	"context"
	"fmt"

	"luminousnix/internal/activation"
	"luminousnix/internal/nixos"
	"luminousnix/internal/operation"
)

// updateSystem updates what the system is made of and takes the machine to the system that
// its configuration gives with that: all of it or nothing.
type updateSystem struct {
	changeSystem
	sources sources

	upgrade    bool // part of a switch, which is made in any case
	onlySwitch bool // nothing is newer
	sameSystem bool // what is newer gives the system that the machine has
	data       *operation.Updated
}

// sources are what a system is made of beside its configuration: root's channels, or the
// inputs of a flake.
type sources interface {
	// find finds out what is newer.
	find(context.Context, operation.Observer) error
	// updates says what would be updated, a step each, and summary in a few words; both
	// are empty if nothing is newer.
	updates() []operation.Step
	summary() string
	// channel is the channel of nixpkgs that the system would come from; "" is none that
	// is known.
	channel() string
	// permit is nil if we may change them.
	permit() error
	// download brings what is newer into the store. Then unchanged says whether that has
	// turned out to be what is here.
	download(context.Context, operation.Observer) error
	unchanged() bool
	// build calls use with the source that has a system evaluated with what is newer.
	build(ctx context.Context, from operation.Source, use func(operation.Source) error) error
	// notes are what to know before they are changed.
	notes() []string
	// keep makes them the machine's, in these steps; takeBack undoes that. data is what
	// there is to tell of them then.
	keepSteps() []operation.Step
	keep(context.Context) error
	takeBack(context.Context) error
	data() *operation.Updated
	verify(context.Context) error
	words() sourceWords
}

// sourceWords is how sources are spoken of.
type sourceWords struct {
	name      string // "channels"
	newest    string // nothing is newer
	unchanged string // what was downloaded is nothing new
	stay      string // they were changed, and the system may need them
	undo      string // the command that takes them back
}

func newUpdateSystem(m *Machine, args operation.Arguments) Change {
	own := args.Scope == operation.ScopeUser || args.Profile == operation.UserProfile
	if own || len(args.Packages) > 0 || onlyProfile(m, args) {
		return newUpdatePackages(m, args)
	}
	system := changeSystem{
		systemBuild: systemBuild{machine: m, args: operation.Arguments{Profile: args.Profile, Source: args.Source, Build: args.Build}},
		name:        operation.SwitchSystem, action: nixos.Switch,
	}
	return &updateSystem{changeSystem: system, sources: sourcesOf(m, args, false)}
}

// newUpgradeSystem makes a switch or boot that updates before.
func newUpgradeSystem(m *Machine, name operation.Name, args operation.Arguments) Change {
	args.Upgrade = false
	system := newChangeSystem(name)(m, args).(*changeSystem)
	return &updateSystem{changeSystem: *system, sources: sourcesOf(m, args, true), upgrade: true}
}

// sourcesOf are the inputs of the flake where the configuration is one, and else the
// channels. upgrade says that the system is switched to in any case.
func sourcesOf(m *Machine, args operation.Arguments, upgrade bool) sources {
	from := args.Source
	machines := !from.NoFlake && from.File == "" && from.Attribute == ""
	if from.Flake != "" || machines && m.Host.Configuration().Kind == "flake" {
		return &inputUpdate{machine: m, args: args, upgrade: upgrade}
	}
	return &channelUpdate{machine: m, args: args}
}

// Plan asks what is newer, and estimates what that would change.
func (u *updateSystem) Plan(ctx context.Context, o operation.Observer) (operation.Plan, error) {
	if err := u.sources.find(ctx, o); err != nil {
		return operation.Plan{}, err
	}
	plan := operation.Plan{Risk: operation.Reversible, Steps: u.sources.updates()}
	if u.onlySwitch = u.upgrade && len(plan.Steps) == 0; u.onlySwitch {
		return u.changeSystem.Plan(ctx, o)
	}
	words := u.sources.words()
	if len(plan.Steps) == 0 {
		plan.Nothing, plan.Summary = true, words.newest
		return plan, nil
	}
	plan.Summary = "Update " + u.sources.summary() + ", build the system with that and " + u.aim()
	plan.Steps = append(plan.Steps, operation.Step{Action: "Build the system of this machine's configuration with the new " + words.name})
	plan.Steps = append(plan.Steps, u.sources.keepSteps()...)
	plan.Steps = append(plan.Steps, u.steps()...)
	if name := u.sources.channel(); name != "" {
		var note string
		plan.Changes, note = estimate(ctx, u.changeSystem.machine, name)
		plan.Warnings = append(plan.Warnings, note)
	}
	return plan, nil
}

// Permit checks that we may change what is updated, and activate.
func (u *updateSystem) Permit() error {
	if err := u.sources.permit(); err != nil {
		return err
	}
	return u.changeSystem.Permit()
}

// Prepare downloads what is newer, builds the system with it, and plans exactly.
func (u *updateSystem) Prepare(ctx context.Context, o operation.Observer) (operation.Plan, error) {
	if u.onlySwitch {
		return u.changeSystem.Prepare(ctx, o)
	}
	if err := u.sources.download(ctx, o); err != nil {
		return operation.Plan{}, err
	}
	if u.onlySwitch = u.upgrade && u.sources.unchanged(); u.onlySwitch {
		if plan, err := u.changeSystem.Plan(ctx, o); err != nil {
			return plan, err
		}
		return u.changeSystem.Prepare(ctx, o)
	}
	words := u.sources.words()
	if u.sources.unchanged() {
		return operation.Plan{Nothing: true, Summary: words.unchanged}, nil
	}
	plan, err := u.prepareSystem(ctx, o)
	if err != nil {
		return operation.Plan{}, err
	}
	u.sameSystem = plan.Nothing
	summary := "Update " + u.sources.summary()
	if u.sameSystem {
		same := fmt.Sprintf("the system stays as it is: the new %s give the one that this machine has", words.name)
		plan = operation.Plan{Risk: operation.Reversible, Warnings: []string{same}}
	} else {
		summary += " and take this machine to " + u.system.name
	}
	plan.Summary = summary
	steps := append(u.sources.updates(), u.sources.keepSteps()...)
	plan.Steps = append(steps, plan.Steps...)
	if words.undo != "" {
		plan.Warnings = append(plan.Warnings, fmt.Sprintf("`%s` takes the %s back, for systems that are built afterwards", words.undo, words.name))
	}
	plan.Warnings = append(plan.Warnings, u.sources.notes()...)
	return plan, nil
}

// prepareSystem builds the system with what is newer.
func (u *updateSystem) prepareSystem(ctx context.Context, o operation.Observer) (operation.Plan, error) {
	var before operation.Plan
	from := u.changeSystem.args.Source
	err := u.sources.build(ctx, from, func(source operation.Source) (err error) {
		u.changeSystem.args.Source = source
		before, err = u.changeSystem.Plan(ctx, o)
		return err
	})
	u.changeSystem.args.Source = from
	if err != nil {
		return before, err
	}
	plan, err := u.changeSystem.Prepare(ctx, o)
	plan.Warnings = append(before.Warnings, plan.Warnings...)
	return plan, err
}

// Apply keeps what is newer, then switches. If the switch fails that goes back as well, as
// long as this process lives: a switch that is taken back without it, at its deadline or by
// recover, leaves the channels or inputs newer than the system.
func (u *updateSystem) Apply(ctx context.Context, o operation.Observer) (Answer, error) {
	if u.onlySwitch {
		return u.changeSystem.Apply(ctx, o)
	}
	// Not only when they are changed already.
	if err := ready(u.changeSystem.machine, ActivationTask{}); err != nil {
		return Answer{}, err
	}
	if err := u.sources.keep(ctx); err != nil {
		return Answer{}, err
	}
	u.data = u.sources.data()
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

// failed takes back what is newer unless the system is the new one, where nobody could
// undo it, or may still become that: the activation goes on by itself, or was interrupted.
func (u *updateSystem) failed(ctx context.Context, answer Answer, failure error) (Answer, error) {
	told := operation.AsError(Explain(failure))
	words := u.sources.words()
	stays, err := u.systemStays(ctx)
	if err == nil && stays {
		told.Details = append(told.Details, words.stay)
		return answer, told
	}
	if err == nil {
		err = u.sources.takeBack(ctx)
	}
	if err != nil {
		told.Details = append(told.Details, fmt.Sprintf("the %s could not be taken back: %v", words.name, err))
		if words.undo != "" {
			told.Details = append(told.Details, "`"+words.undo+"` does it")
		}
		return answer, told
	}
	system := u.data.System
	u.data = u.sources.data()
	u.data.System = system
	answer.Data = u.data
	if system != nil && system.Activation != nil && system.Activation.Outcome == operation.OutcomeStuck {
		told.Details = append(told.Details, fmt.Sprintf("the %s are what they were before", words.name))
		return answer, told
	}
	told.Hint = fmt.Sprintf("The machine and its %s are what they were before; `ask-nix update` tries again when the cause is mended.", words.name)
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
	return "Updated " + u.sources.summary() + "."
}

// Verify reads back both.
func (u *updateSystem) Verify(ctx context.Context) error {
	if !u.onlySwitch {
		if err := u.sources.verify(ctx); err != nil || u.sameSystem {
			return err
		}
	}
	return u.changeSystem.Verify(ctx)
}
