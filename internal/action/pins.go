package action

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"luminousnix/internal/host"
	"luminousnix/internal/operation"
	"luminousnix/internal/retention"
	"luminousnix/nix/profile"
)

func listPins(ctx context.Context, m *Machine, args operation.Arguments, _ operation.Observer) (Answer, error) {
	chosen := m.Host.Profile(args.Profile)
	state, err := m.Backend.Profile(ctx, chosen.Profile)
	if err != nil {
		return Answer{}, err
	}
	kept, err := keptFile(m, chosen).Read()
	if err != nil {
		return Answer{}, err
	}
	data := operation.Pins{Profile: string(chosen.Profile), Pins: []operation.Pin{}}
	for _, e := range kept {
		if e.Profile != chosen.Profile {
			continue
		}
		data.Pins = append(data.Pins, operation.Pin{
			Generation: operation.GenerationNumber(e.Generation), Name: e.Name, Note: e.Note, Since: e.Since,
			Backup: e.Kind == retention.Backup,
			Gone:   !slices.ContainsFunc(state.Generations, func(g profile.Generation) bool { return e.Means(chosen.Profile, g) }),
		})
	}
	answer := Answer{Data: &data, Warnings: note(chosen)}
	switch pins := count(data.Pins, func(p operation.Pin) bool { return !p.Backup }); pins {
	case 0:
		answer.Message = "No generation is pinned."
		answer.Suggestions = []string{fmt.Sprintf("ask-nix pin %d", max(state.Current, 1))}
	case 1:
		answer.Message = "One generation is pinned."
	default:
		answer.Message = fmt.Sprintf("%d generations are pinned.", pins)
	}
	return answer, nil
}

func count[T any](list []T, match func(T) bool) (n int) {
	for _, one := range list {
		if match(one) {
			n++
		}
	}
	return n
}

// pinGeneration pins a generation, or takes its pin away.
type pinGeneration struct {
	machine *Machine
	args    operation.Arguments
	unpin   bool

	// Found by Plan.
	chosen host.Chosen
	entry  retention.Entry
	old    *retention.Entry // the pin that it has now; nil for none
}

func newPinGeneration(m *Machine, args operation.Arguments) Change {
	return &pinGeneration{machine: m, args: args}
}

func newUnpinGeneration(m *Machine, args operation.Arguments) Change {
	return &pinGeneration{machine: m, args: args, unpin: true}
}

// Plan finds the generation, and the pin that it may have.
func (p *pinGeneration) Plan(ctx context.Context, _ operation.Observer) (operation.Plan, error) {
	p.chosen = p.machine.Host.Profile(p.args.Profile)
	if p.args.Generation == 0 {
		state, err := p.machine.Backend.Profile(ctx, p.chosen.Profile)
		if err != nil {
			return operation.Plan{}, err
		}
		p.args.Generation = operation.GenerationNumber(state.Current)
	}
	kept, err := keptFile(p.machine, p.chosen).Read()
	if err != nil {
		return operation.Plan{}, err
	}
	old := p.pinned(kept)
	if p.unpin && old != nil {
		p.entry, p.old = *old, old // also of a generation that is gone
		return p.plan(fmt.Sprintf("Unpin generation %d", p.args.Generation), operation.Reversible,
			"Take the pin out of the list of what is kept"), nil
	}
	state, err := p.machine.Backend.Profile(ctx, p.chosen.Profile)
	if err != nil {
		return operation.Plan{}, err
	}
	g, err := state.Generation(p.chosen.Profile, int(p.args.Generation))
	if err != nil {
		return operation.Plan{}, err
	}
	if p.unpin {
		return operation.Plan{Summary: fmt.Sprintf("Generation %d is not pinned", g.Number), Nothing: true}, nil
	}
	p.entry = retention.Entry{
		Profile: p.chosen.Profile, Generation: g.Number, Target: g.Target, Kind: retention.Pinned,
		Name: p.args.PinName, Note: p.args.Note, Since: p.machine.Now(),
	}
	repinned := old != nil && old.Target == g.Target
	if repinned {
		p.old = old
		p.entry.Name, p.entry.Note = cmp.Or(p.entry.Name, old.Name), cmp.Or(p.entry.Note, old.Note)
		if p.entry.Name == old.Name && p.entry.Note == old.Note {
			return operation.Plan{Summary: fmt.Sprintf("Generation %d is pinned already", g.Number), Nothing: true}, nil
		}
	}
	if err := p.nameIsFree(kept); err != nil {
		return operation.Plan{}, err
	}
	plan := p.plan(fmt.Sprintf("Pin generation %d", g.Number), operation.Safe, "Write the pin into the list of what is kept")
	if repinned {
		plan.Undo = "" // to unpin it would not bring the old name and note back
	}
	return plan, nil
}

// pinned is the pin that the generation has; nil for none.
func (p *pinGeneration) pinned(kept []retention.Entry) *retention.Entry {
	for i, e := range kept {
		if e.Profile == p.chosen.Profile && e.Kind == retention.Pinned && e.Generation == int(p.args.Generation) {
			return &kept[i]
		}
	}
	return nil
}

// nameIsFree refuses a name that another generation of the profile has.
func (p *pinGeneration) nameIsFree(kept []retention.Entry) error {
	for _, e := range kept {
		if p.entry.Name != "" && e.Name == p.entry.Name && e.Profile == p.chosen.Profile && e.Generation != p.entry.Generation {
			return operation.Errorf(operation.CodeRefused, "generation %d has the name %q already", e.Generation, e.Name).
				WithHint("Choose another name; `ask-nix pins` lists them.")
		}
	}
	return nil
}

func (p *pinGeneration) plan(summary string, risk operation.Risk, step string) operation.Plan {
	plan := operation.Plan{
		Summary: summary, Risk: risk, Warnings: note(p.chosen),
		Steps: []operation.Step{{Action: step, Path: keptFile(p.machine, p.chosen).Path}},
		Undo:  fmt.Sprintf("ask-nix unpin %d", p.entry.Generation),
	}
	if p.entry.Name != "" {
		plan.Summary += fmt.Sprintf(" (%s)", p.entry.Name)
	}
	if p.unpin {
		plan.Undo = fmt.Sprintf("ask-nix pin %d", p.entry.Generation)
	}
	return plan
}

// Permit checks that we may change the profile: whoever may delete its generations
// also says which ones are kept.
func (p *pinGeneration) Permit() error { return mayChange(p.chosen) }

func mayChange(chosen host.Chosen) error {
	if host.Writable(chosen.Profile) {
		return nil
	}
	return operation.Errorf(operation.CodePermission, "you may not change %s", chosen.Profile).
		WithHint(AsRoot)
}

// Apply writes the list.
func (p *pinGeneration) Apply(context.Context, operation.Observer) (Answer, error) {
	file := keptFile(p.machine, p.chosen)
	back := &operation.WayBack{Pin: &operation.PinChange{
		Profile: string(p.entry.Profile), Generation: operation.GenerationNumber(p.entry.Generation), Target: p.entry.Target, Before: pinOf(p.old),
	}}
	if p.unpin {
		return Answer{Message: fmt.Sprintf("Generation %d is not pinned any more.", p.entry.Generation), Back: back},
			file.Unpin(p.entry.Profile, p.entry.Generation)
	}
	back.Pin.After = pinOf(&p.entry)
	return Answer{
		Message:     fmt.Sprintf("Generation %d is pinned: ask-nix does not delete it.", p.entry.Generation),
		Suggestions: []string{"ask-nix pins"}, Back: back,
	}, file.Pin(p.entry)
}

// pinOf is a pin as it is told; nil for none.
func pinOf(e *retention.Entry) *operation.Pin {
	if e == nil {
		return nil
	}
	return &operation.Pin{Generation: operation.GenerationNumber(e.Generation), Name: e.Name, Note: e.Note, Since: e.Since}
}

// Verify reads the list back, and whether the generation is still there: somebody
// could have deleted it just before.
func (p *pinGeneration) Verify(ctx context.Context) error {
	kept, err := keptFile(p.machine, p.chosen).Read()
	if err != nil {
		return err
	}
	if pinned := p.pinned(kept) != nil; pinned == p.unpin {
		return operation.Errorf(operation.CodeFailed, "the list of pins is not as it was written").
			WithHint("Another program changed it meanwhile; `ask-nix pins` shows it.")
	}
	if p.unpin {
		return nil
	}
	state, err := p.machine.Backend.Profile(ctx, p.chosen.Profile)
	if err == nil {
		_, err = state.Generation(p.chosen.Profile, p.entry.Generation)
	}
	return err
}
