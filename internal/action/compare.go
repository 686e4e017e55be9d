package action

import (
	"context"
	"fmt"
	"slices"

	"luminousnix/internal/nixos"
	"luminousnix/internal/operation"
	"luminousnix/nix/profile"
	"luminousnix/nix/store"
)

func compareGenerations(ctx context.Context, m *Machine, args operation.Arguments, _ operation.Observer) (Answer, error) {
	chosen := m.Host.Profile(args.Profile)
	from, to, err := sides(ctx, m, args)
	if err != nil {
		return Answer{}, err
	}
	comparison, err := compare(ctx, m, from, to)
	if err != nil {
		return Answer{}, err
	}
	return Answer{
		Message: fmt.Sprintf("From generation %d to %d: %d added, %d removed, %d changed.", from.Number, to.Number,
			len(comparison.Added), len(comparison.Removed), len(comparison.Changed)),
		Data:     comparison,
		Warnings: note(chosen),
	}, nil
}

// compareState is the two store paths: they never change, so neither does what
// differs between them.
func compareState(ctx context.Context, m *Machine, args operation.Arguments) ([]string, error) {
	from, to, err := sides(ctx, m, args)
	if err != nil {
		return nil, err
	}
	return []string{from.Link, from.Target, to.Link, to.Target}, nil
}

// sides finds the two generations to compare: by default the current one and
// the one before it; the one that is given and the current one when only one
// is.
func sides(ctx context.Context, m *Machine, args operation.Arguments) (from, to profile.Generation, err error) {
	p := m.Host.Profile(args.Profile).Profile
	if to, err = m.Backend.Generation(ctx, p, int(args.To)); err != nil {
		return from, to, err
	}
	number := int(args.From)
	if number == 0 {
		if number, err = before(ctx, m, p, to.Number); err != nil {
			return from, to, err
		}
	}
	from, err = m.Backend.Generation(ctx, p, number)
	return from, to, err
}

// before is the greatest number of a generation below another one.
func before(ctx context.Context, m *Machine, p profile.Profile, number int) (int, error) {
	numbers, _, err := m.Backend.Numbers(ctx, p)
	if err != nil {
		return 0, err
	}
	at, _ := slices.BinarySearch(numbers, number)
	if at == 0 {
		return 0, profile.ErrNoPrevious
	}
	return numbers[at-1], nil
}

func compare(ctx context.Context, m *Machine, from, to profile.Generation) (*operation.Comparison, error) {
	fromPath, err := storePath(m, from)
	if err != nil {
		return nil, err
	}
	toPath, err := storePath(m, to)
	if err != nil {
		return nil, err
	}
	comparison, err := compareClosures(ctx, m, fromPath, toPath)
	if err != nil {
		return nil, err
	}
	comparison.From, comparison.To = operation.GenerationNumber(from.Number), operation.GenerationNumber(to.Number)
	return comparison, nil
}

func compareClosures(ctx context.Context, m *Machine, from, to store.Path) (*operation.Comparison, error) {
	closures, err := m.Backend.Closures(ctx, from, to)
	if err != nil {
		return nil, err
	}
	comparison := nixos.Compare(closures[0], closures[1])
	comparison.FromPath, comparison.ToPath = string(from), string(to)
	return &comparison, nil
}

// storePath is what a generation leads to.
func storePath(m *Machine, g profile.Generation) (store.Path, error) {
	path, err := m.Host.StoreDir.Parse(g.Target)
	if err != nil {
		return "", operation.Errorf(operation.CodeNotFound, "generation %d does not lead to a store path", g.Number).
			WithHint(fmt.Sprintf("%s points at %q.", g.Link, g.Target)).WithCause(err)
	}
	return path, nil
}
