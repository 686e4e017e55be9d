package action

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"luminousnix/internal/operation"
	"luminousnix/internal/record"
	"luminousnix/internal/storecheck"
	"luminousnix/nix/profile"
	"luminousnix/nix/store"
	"luminousnix/nix/storedb"
)

// storeCheck looks at the content of all store paths: what verifying and repairing
// have in common.
type storeCheck struct {
	machine *Machine
	infos   []*store.PathInfo // that are left to look at
	resumed []*store.PathInfo // that an earlier run has found sound
}

func (s *storeCheck) journal() storecheck.Journal {
	return storecheck.Journal{File: record.File{Path: filepath.Join(s.machine.Host.StateHome(), "store-check.jsonl")}}
}

// read finds all paths, and leaves out those that an earlier run found sound: one that
// was interrupted, or, if damaged is asked for, one that found damage.
func (s *storeCheck) read(ctx context.Context, damaged bool) (err error) {
	known := storecheck.Known{}
	if !s.machine.NoCache {
		if known, err = s.journal().Known(s.machine.Now(), damaged); err != nil {
			return err
		}
	}
	db, err := database(ctx, s.machine.Host)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	paths, err := db.AllPaths(ctx)
	if err != nil {
		return err
	}
	for _, path := range paths {
		info, err := db.PathInfo(ctx, path)
		var gone *store.NotValidError
		if errors.As(err, &gone) {
			continue // collected at this moment
		}
		if err != nil {
			return err
		}
		if known.Has(info) {
			s.resumed = append(s.resumed, info)
		} else {
			s.infos = append(s.infos, info)
		}
	}
	return nil
}

func size(infos []*store.PathInfo) (sum int64) {
	for _, info := range infos {
		sum += info.NarSize
	}
	return sum
}

// scan looks at the paths that are left. Each that it has looked at is written down,
// so that it can be interrupted.
func (s *storeCheck) scan(ctx context.Context, o operation.Observer) (*operation.StoreCheck, error) {
	phase(o, "check", fmt.Sprintf("Checking %s, %s", paths(int64(len(s.infos))), operation.Size(size(s.infos))))
	if len(s.resumed) == 0 {
		if err := s.journal().Forget(); err != nil {
			return nil, err
		}
	}
	progress := &counter{observer: o, now: s.machine.Now, unit: operation.Bytes, expected: size(s.infos)}
	var damaged []storecheck.Finding
	err := storecheck.Scan(ctx, s.infos, func(f storecheck.Finding) error {
		if f.Problem != storecheck.Sound {
			damaged = append(damaged, f)
			o.Observe(operation.Event{Kind: operation.EventWarning, Text: fmt.Sprintf("%s: %s", f.Info.Path, f.Problem)})
		}
		progress.add(f.Info.NarSize)
		return s.journal().Add(f, s.machine.Now())
	})
	if err != nil {
		return nil, err
	}
	data := &operation.StoreCheck{
		Paths: int64(len(s.infos) + len(s.resumed)), Bytes: size(s.infos) + size(s.resumed), Resumed: int64(len(s.resumed)),
		Damaged: []operation.Damage{},
	}
	if err := s.blame(ctx, damaged, data); err != nil {
		return nil, err
	}
	// Only now: one that is interrupted before has told nobody what it found.
	return data, s.journal().Complete(s.machine.Now())
}

// blame lists what is damaged, those first that others refer to, with the generations
// that need each. What was collected meanwhile is no damage.
func (s *storeCheck) blame(ctx context.Context, damaged []storecheck.Finding, data *operation.StoreCheck) error {
	if len(damaged) == 0 {
		return nil
	}
	view, err := viewStore(ctx, s.machine.Host)
	if err != nil {
		return err
	}
	depth := map[store.Path]int{}
	damaged = slices.DeleteFunc(damaged, func(f storecheck.Finding) bool {
		closure, err := view.graph.Closure(f.Info.Path)
		depth[f.Info.Path] = len(closure)
		return err != nil
	})
	slices.SortFunc(damaged, func(a, b storecheck.Finding) int {
		if byDepth := depth[a.Info.Path] - depth[b.Info.Path]; byDepth != 0 {
			return byDepth
		}
		return strings.Compare(string(a.Info.Path), string(b.Info.Path))
	})
	for _, f := range damaged {
		generations, err := s.hurt(view.graph, f.Info.Path)
		if err != nil {
			return err
		}
		data.Damaged = append(data.Damaged, operation.Damage{Path: string(f.Info.Path), Problem: f.Problem, Generations: generations})
	}
	return nil
}

// hurt are the generations of this machine's profiles that need a path.
func (s *storeCheck) hurt(graph *storedb.Graph, path store.Path) ([]operation.GenerationOf, error) {
	needing, err := graph.ReferrersClosure(path)
	if err != nil {
		return nil, err
	}
	needs := map[string]bool{}
	for _, o := range needing {
		needs[string(o.Path)] = true
	}
	profiles, err := profile.Find(filepath.Join(s.machine.Host.StateDir, "profiles"), filepath.Dir(string(s.machine.Host.UserProfile())))
	if err != nil {
		return nil, err
	}
	generations := []operation.GenerationOf{}
	for _, p := range profiles {
		state, err := p.Read()
		if err != nil {
			continue // gone meanwhile, or not for us to read
		}
		for _, g := range state.Generations {
			if needs[g.Target] {
				generations = append(generations, operation.GenerationOf{Profile: string(p), Generation: operation.GenerationNumber(g.Number)})
			}
		}
	}
	return generations, nil
}

// damageLine tells of a damaged path, and whom it hurts, for people.
func damageLine(d *operation.Damage) string {
	text := fmt.Sprintf("%s: %s", d.Path, d.Problem)
	if d.Failure != "" {
		text += ", and not repaired: " + d.Failure
	}
	return text + "; " + needed(d.Generations)
}

// needed says which generations need something, profile by profile.
func needed(generations []operation.GenerationOf) string {
	if len(generations) == 0 {
		return "no generation needs it"
	}
	var parts []string
	for i := 0; i < len(generations); {
		name, numbers := filepath.Base(generations[i].Profile), []string{}
		for first := i; i < len(generations) && generations[i].Profile == generations[first].Profile; i++ {
			numbers = append(numbers, fmt.Sprint(generations[i].Generation))
		}
		parts = append(parts, fmt.Sprintf("generation %s of %s", strings.Join(numbers, ", "), name))
	}
	return "needed by " + strings.Join(parts, " and ")
}

// verifyStore only looks.
type verifyStore struct{ storeCheck }

func newVerifyStore(m *Machine, _ operation.Arguments) Change {
	return &verifyStore{storeCheck{machine: m}}
}

// Plan finds which paths there are to look at.
func (v *verifyStore) Plan(ctx context.Context, _ operation.Observer) (operation.Plan, error) {
	if err := v.read(ctx, false); err != nil {
		return operation.Plan{}, err
	}
	plan := operation.Plan{
		Summary: fmt.Sprintf("Check the content of %s, %s", paths(int64(len(v.infos))), operation.Size(size(v.infos))),
		Risk:    operation.Safe,
		Steps:   []operation.Step{{Action: "Compare every path with its hash in Nix's database", Path: string(v.machine.Host.StoreDir)}},
	}
	if n := len(v.resumed); n > 0 {
		plan.Warnings = append(plan.Warnings, fmt.Sprintf("%s were found sound by a run that was interrupted; --no-cache looks again", paths(int64(n))))
	}
	return plan, nil
}

// Apply looks. That something is damaged is an error, with a line for each.
func (v *verifyStore) Apply(ctx context.Context, o operation.Observer) (Answer, error) {
	data, err := v.scan(ctx, o)
	if err != nil {
		return Answer{}, err
	}
	if len(data.Damaged) > 0 {
		return Answer{Data: data}, damagedError(data, fmt.Sprintf("of %s %d are damaged", paths(data.Paths), len(data.Damaged)),
			"`sudo ask-nix repair` builds or downloads them again.")
	}
	return Answer{Message: soundMessage(data), Data: data}, nil
}

func soundMessage(data *operation.StoreCheck) string {
	message := fmt.Sprintf("All %s are sound, %s", paths(data.Paths), operation.Size(data.Bytes))
	if data.Resumed > 0 {
		message += fmt.Sprintf("; an earlier run had looked at %d of them", data.Resumed)
	}
	return message + "."
}

// damagedError has a line for each damaged path that is not repaired.
func damagedError(data *operation.StoreCheck, message, hint string) error {
	failed := operation.Errorf(operation.CodeFailed, "%s", message).WithHint(hint)
	for i := range data.Damaged {
		if !data.Damaged[i].Repaired {
			failed.Details = append(failed.Details, damageLine(&data.Damaged[i]))
		}
	}
	return failed
}

// Verify has nothing to do: nothing was changed.
func (v *verifyStore) Verify(context.Context) error { return nil }
