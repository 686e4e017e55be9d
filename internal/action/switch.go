package action

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"luminousnix/internal/host"
	"luminousnix/internal/nixos"
	"luminousnix/internal/operation"
	"luminousnix/nix/profile"
)

// switchGeneration points a profile at another of its generations and, for a
// system, activates it. Rollback is the same with another way to find the
// target.
type switchGeneration struct {
	machine *Machine
	args    operation.Arguments
	target  func(profile.Profile, profile.State, operation.Arguments) (profile.Generation, error)

	// Found by Plan.
	chosen   host.Chosen
	from, to profile.Generation
	activate bool
}

func newSwitchGeneration(m *Machine, args operation.Arguments) Change {
	return &switchGeneration{machine: m, args: args, target: byNumber}
}

func newRollback(m *Machine, args operation.Arguments) Change {
	return &switchGeneration{machine: m, args: args, target: earlier}
}

func byNumber(p profile.Profile, state profile.State, args operation.Arguments) (profile.Generation, error) {
	return state.Generation(p, int(args.Generation))
}

// earlier finds the generation that a rollback goes to: the one that is named,
// the one that was there at the end of a day, or some steps back.
func earlier(p profile.Profile, state profile.State, args operation.Arguments) (profile.Generation, error) {
	switch {
	case args.Generation != 0:
		return byNumber(p, state, args)
	case args.Date != "":
		return atEndOf(args.Date, state)
	}
	target, err := state.Previous()
	for range args.Steps - 1 {
		if err != nil {
			break
		}
		state.Current = target.Number
		target, err = state.Previous()
	}
	return target, err
}

// atEndOf finds the newest generation that had been made when the day ended.
func atEndOf(date operation.Date, state profile.State) (profile.Generation, error) {
	day, err := time.ParseInLocation(time.DateOnly, string(date), time.Local)
	if err != nil {
		return profile.Generation{}, operation.Errorf(operation.CodeUsage, "%q is not a day", string(date))
	}
	end := day.AddDate(0, 0, 1)
	for _, g := range slices.Backward(state.Generations) {
		if g.Created.Before(end) {
			return g, nil
		}
	}
	return profile.Generation{}, operation.Errorf(operation.CodeNotFound, "there is no generation from %s or before", date).
		WithHint("`ask-nix generations` lists those there are, with their dates.")
}

// Plan reads the profile and finds out what the change would be.
func (s *switchGeneration) Plan(ctx context.Context, _ operation.Observer) (operation.Plan, error) {
	s.chosen = s.machine.Host.Profile(s.args.Profile)
	state, err := s.machine.Backend.Profile(ctx, s.chosen.Profile)
	if err != nil {
		return operation.Plan{}, err
	}
	if s.to, err = s.target(s.chosen.Profile, state, s.args); err != nil {
		return operation.Plan{}, err
	}
	s.from, err = state.Generation(s.chosen.Profile, state.Current)
	if err != nil {
		s.from = profile.Generation{Target: state.Target} // the link leads nowhere: this mends it
	}
	s.activate = s.chosen.System && s.machine.Activate
	plan := operation.Plan{Risk: operation.Reversible, Warnings: append(note(s.chosen), oddities(state)...)}
	if s.done(state) {
		plan.Nothing = true
		plan.Summary = fmt.Sprintf("Generation %d is current already", s.to.Number)
		return plan, nil
	}
	s.describe(&plan)
	s.preview(ctx, &plan)
	return plan, nil
}

// done reports whether nothing is left to do: the profile points at the
// generation in the way Nix writes it, and the system that runs is that one.
func (s *switchGeneration) done(state profile.State) bool {
	if s.to.Number != state.Current || len(oddities(state)) > 0 {
		return false
	}
	return !s.activate || s.machine.Host.RunningSystem() == s.to.Target
}

func (s *switchGeneration) describe(plan *operation.Plan) {
	plan.Summary = fmt.Sprintf("Switch from generation %d to generation %d", s.from.Number, s.to.Number)
	if s.to.Number < s.from.Number {
		plan.Summary = fmt.Sprintf("Go back from generation %d to generation %d", s.from.Number, s.to.Number)
	}
	if s.chosen.System {
		plan.Summary += " (" + nixos.Read(s.to.Target).NixosVersion + ", made " + localTime(s.to.Created) + ")"
	} else {
		plan.Summary += " (made " + localTime(s.to.Created) + ")"
	}
	plan.Steps = []operation.Step{{Action: fmt.Sprintf("Point the profile at generation %d", s.to.Number), Path: string(s.chosen.Profile)}}
	if s.activate {
		plan.Steps = append(plan.Steps, operation.Step{Action: "Activate it now and make it the one to start with", Path: s.to.Target})
	} else if s.chosen.System {
		plan.Warnings = append(plan.Warnings, "the system is not activated: it becomes active when it is started the next time")
	}
	if s.from.Number > 0 {
		plan.Undo = fmt.Sprintf("ask-nix switch-generation %d", s.from.Number)
	}
	if s.args.Generation != 0 && s.from.Number > 0 && s.to.Number > s.from.Number {
		plan.Warnings = append(plan.Warnings, fmt.Sprintf("generation %d is newer than the current one", s.to.Number))
	}
}

// preview adds what differs in packages. That it cannot be told is no reason
// not to go back.
func (s *switchGeneration) preview(ctx context.Context, plan *operation.Plan) {
	if s.from.Number == 0 || s.from.Number == s.to.Number {
		return
	}
	changes, err := compare(ctx, s.machine, s.from, s.to)
	if err != nil {
		plan.Warnings = append(plan.Warnings, fmt.Sprintf("what differs in packages cannot be told: %v", err))
		return
	}
	plan.Changes = changes
}

// Permit checks that we may write the profile, and run the activation.
func (s *switchGeneration) Permit() error {
	if !host.Writable(s.chosen.Profile) {
		return operation.Errorf(operation.CodePermission, "you may not change %s", s.chosen.Profile).
			WithHint("Try again with sudo, or ask whoever looks after this machine.")
	}
	if s.activate && !host.IsRoot() && !s.machine.Unprivileged {
		return operation.Errorf(operation.CodePermission, "only root can activate a system").
			WithHint("Try again with sudo.")
	}
	return nil
}

// Apply switches the profile and activates the system. When the activation
// fails the profile is put back, so that a broken system does not become the
// one to start with.
func (s *switchGeneration) Apply(ctx context.Context, o operation.Observer) (Answer, error) {
	if err := s.unchanged(ctx); err != nil {
		return Answer{}, err
	}
	o.Observe(operation.Event{Kind: operation.EventPhase, Phase: "switch", Text: fmt.Sprintf("Switching to generation %d", s.to.Number)})
	if err := s.machine.Backend.Switch(ctx, s.chosen.Profile, s.to.Number); err != nil {
		return Answer{}, err
	}
	data := operation.Switched{
		Profile: string(s.chosen.Profile),
		From:    operation.GenerationNumber(s.from.Number), To: operation.GenerationNumber(s.to.Number),
		Activated: s.activate,
	}
	answer := Answer{Message: fmt.Sprintf("Generation %d is current now.", s.to.Number), Data: &data}
	if s.from.Number > 0 {
		answer.Suggestions = []string{fmt.Sprintf("ask-nix switch-generation %d", s.from.Number)}
	}
	if !s.activate {
		return answer, nil
	}
	o.Observe(operation.Event{Kind: operation.EventPhase, Phase: "activate", Text: "Activating " + s.to.Target})
	err := nixos.Activate(ctx, s.to.Target, nixos.Switch, s.machine.ActivationEnv, func(line string) {
		data.Output = append(data.Output, line)
		o.Observe(operation.Event{Kind: operation.EventLog, Text: line})
	})
	if err != nil {
		return Answer{}, s.activationFailed(ctx, err, o)
	}
	answer.Message = fmt.Sprintf("Generation %d is current and running now.", s.to.Number)
	return answer, nil
}

// unchanged checks that the profile still is what the plan was made for.
func (s *switchGeneration) unchanged(ctx context.Context) error {
	state, err := s.machine.Backend.Profile(ctx, s.chosen.Profile)
	if err != nil {
		return err
	}
	if state.Current != s.from.Number && s.from.Number != 0 {
		return operation.Errorf(operation.CodeFailed, "generation %d became current while you were asked", state.Current).
			WithHint("Nothing was changed. Try again to see the new plan.")
	}
	return nil
}

func (s *switchGeneration) activationFailed(ctx context.Context, err error, o operation.Observer) error {
	var failed *nixos.ActivationError
	if errors.As(err, &failed) && failed.Status == nixos.StatusUnits {
		return operation.Errorf(operation.CodeFailed, "generation %d is running, but: %w", s.to.Number, err).
			WithHint("`systemctl --failed` names the services." + s.wayBack())
	}
	failure := operation.Errorf(operation.CodeFailed, "generation %d could not be activated: %w", s.to.Number, err)
	if s.from.Number == 0 {
		return failure.WithHint("The profile points at it all the same, since it pointed nowhere before.")
	}
	o.Observe(operation.Event{Kind: operation.EventPhase, Phase: "revert", Text: fmt.Sprintf("Going back to generation %d", s.from.Number)})
	// Ctrl-C must not stop the way back.
	if err := s.machine.Backend.Switch(context.WithoutCancel(ctx), s.chosen.Profile, s.from.Number); err != nil {
		return failure.WithHint(fmt.Sprintf("The profile could not be put back either: %v.%s", err, s.wayBack()))
	}
	return failure.WithHint(fmt.Sprintf(
		"The profile is at generation %d again. What the activation had done by then is not undone: `sudo %s/bin/switch-to-configuration switch` activates the old system.",
		s.from.Number, s.from.Target))
}

func (s *switchGeneration) wayBack() string {
	if s.from.Number == 0 {
		return ""
	}
	return fmt.Sprintf(" `ask-nix switch-generation %d` goes back.", s.from.Number)
}

// Verify reads back what is current and what runs.
func (s *switchGeneration) Verify(ctx context.Context) error {
	state, err := s.machine.Backend.Profile(ctx, s.chosen.Profile)
	if err != nil {
		return err
	}
	if state.Current != s.to.Number {
		return operation.Errorf(operation.CodeFailed, "generation %d is current, not %d", state.Current, s.to.Number).
			WithHint("Another program changed the profile meanwhile; `ask-nix generations` shows it.")
	}
	if running := s.machine.Host.RunningSystem(); s.activate && running != s.to.Target {
		return operation.Errorf(operation.CodeFailed, "%s is running, not %s", running, s.to.Target).
			WithHint("The activation reported success all the same; a reboot starts the new generation.")
	}
	return nil
}
