package action

import (
	"context"
	"fmt"
	"slices"
	"time"

	"luminousnix/internal/activation"
	"luminousnix/internal/host"
	"luminousnix/internal/nixos"
	"luminousnix/internal/operation"
	"luminousnix/nix/profile"
	"luminousnix/nix/store"
)

// switchGeneration points a profile at another of its generations and, for a
// system, activates it. Rollback is the same with another way to find the
// target.
type switchGeneration struct {
	machine *Machine
	name    operation.Name
	args    operation.Arguments
	target  targetOf

	// Found by Plan.
	chosen   host.Chosen
	from, to profile.Generation
	current  int // the number in the profile's link, also where that leads nowhere
	activate bool
}

func newSwitchGeneration(m *Machine, args operation.Arguments) Change {
	return &switchGeneration{machine: m, name: operation.SwitchGeneration, args: args, target: byNumber}
}

func newRollback(m *Machine, args operation.Arguments) Change {
	return &switchGeneration{machine: m, name: operation.Rollback, args: args, target: earlier(m)}
}

func byNumber(p profile.Profile, state profile.State, args operation.Arguments) (profile.Generation, error) {
	return state.Generation(p, int(args.Generation))
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
	s.current = state.Current
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
	s.impact(&plan)
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
		plan.Undo = s.wayBack()
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

// impact adds what happens to the running machine, if anything.
func (s *switchGeneration) impact(plan *operation.Plan) {
	running := s.machine.Host.RunningSystem()
	if !s.activate || running == "" {
		return
	}
	impact := nixos.Impact(running, s.to.Target)
	plan.Impact = &impact
	if slices.Contains(impact.Reboot, "kernel") {
		plan.Warnings = append(plan.Warnings, fmt.Sprintf("the kernel is another one (%s, now %s): it runs after the next boot only",
			nixos.Read(s.to.Target).KernelVersion, nixos.Read(running).KernelVersion))
	}
}

// Permit checks that we may write the profile, and run the activation, which root does
// for us if need be.
func (s *switchGeneration) Permit() error {
	if s.activate && !s.machine.activates() {
		return permitActivation(s.machine)
	}
	if !host.Writable(s.chosen.Profile) {
		return operation.Errorf(operation.CodePermission, "you may not change %s", s.chosen.Profile).
			WithHint(AsRoot)
	}
	return nil
}

// Apply switches the profile and, where that is to be, activates the system.
func (s *switchGeneration) Apply(ctx context.Context, o operation.Observer) (Answer, error) {
	if s.activate {
		return s.transact(ctx, o)
	}
	if err := s.unchanged(ctx); err != nil {
		return Answer{}, err
	}
	o.Observe(operation.Event{Kind: operation.EventPhase, Phase: "switch", Text: fmt.Sprintf("Switching to generation %d", s.to.Number)})
	if err := s.machine.Backend.Switch(ctx, s.chosen.Profile, s.to.Number); err != nil {
		return Answer{}, err
	}
	return s.answer(fmt.Sprintf("Generation %d is current now.", s.to.Number), nil), nil
}

// transact has the profile switched and the system activated as one transaction.
func (s *switchGeneration) transact(ctx context.Context, o operation.Observer) (Answer, error) {
	report, err := transact(ctx, s.machine, operation.New(s.name, s.args), ActivationTask{Request: &activation.Request{
		Action: nixos.Switch, Toplevel: store.Path(s.to.Target), Profile: s.chosen.Profile,
		Generation: s.to.Number, Expected: s.current, ConfirmWithin: time.Duration(s.args.ConfirmWithin) * time.Second,
	}}, o)
	if err != nil {
		return Answer{}, err
	}
	answer := s.answer(fmt.Sprintf("Generation %d is current and running now.", s.to.Number), report)
	return answer, failedActivation(report)
}

func (s *switchGeneration) answer(message string, report *operation.Activation) Answer {
	data := &operation.Switched{
		Profile: string(s.chosen.Profile),
		From:    operation.GenerationNumber(s.from.Number), To: operation.GenerationNumber(s.to.Number),
		Activated: report != nil && report.Outcome == operation.OutcomeSwitched, Activation: report,
	}
	answer := Answer{Message: message, Data: data, Back: wayBack(data.Profile, data.From, data.To)}
	if s.from.Number > 0 {
		answer.Suggestions = []string{s.wayBack()}
	}
	if report != nil {
		answer.Warnings = unitWarnings(report)
	}
	return answer
}

// unchanged checks that the profile still is what the plan was made for.
func (s *switchGeneration) unchanged(ctx context.Context) error {
	state, err := s.machine.Backend.Profile(ctx, s.chosen.Profile)
	if err != nil {
		return err
	}
	if state.Current != s.current {
		return operation.Errorf(operation.CodeFailed, "generation %d became current while you were asked", state.Current).
			WithHint("Nothing was changed. Try again to see the new plan.")
	}
	return nil
}

func (s *switchGeneration) wayBack() string {
	back := fmt.Sprintf("ask-nix switch-generation %d", s.from.Number)
	if name := s.args.Profile; name != "" && name != operation.SystemProfile {
		back += " -p " + string(name)
	}
	return back
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
