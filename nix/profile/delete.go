package profile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// ErrCurrentUnknown means that the profile leads to none of its generations, so
// that no deletion could spare the current one. nix-env deletes all then.
var ErrCurrentUnknown = errors.New("the profile leads to none of its generations, so none is deleted")

// DeleteCurrentError means that the current generation was selected by its
// number.
type DeleteCurrentError struct{ Number int }

func (e *DeleteCurrentError) Error() string {
	return fmt.Sprintf("generation %d is the current one and cannot be deleted", e.Number)
}

// Select returns the generations that a deletion at the time now would delete,
// lowest first, by nix-env's rules. Its errors are [ErrCurrentUnknown],
// [*DeleteCurrentError] and [*SelectionError].
//
// Links are looked at by whole seconds, as Nix does. Where their times do not
// rise with their numbers, on which Nix 2.8 to 2.34 abort, those stay that are
// not old enough themselves.
func (s State) Select(selection Selection, now time.Time) ([]Generation, error) {
	if err := selection.check(); err != nil {
		return nil, err
	}
	if len(selection.Args()) == 0 {
		return nil, nil
	}
	current := slices.IndexFunc(s.Generations, s.isCurrent)
	if current < 0 {
		return nil, ErrCurrentUnknown
	}
	switch {
	case selection.Old:
		return s.filter(func(Generation) bool { return true }), nil
	case selection.Days > 0:
		return s.olderThan(now.Unix() - int64(selection.Days)*24*60*60), nil
	case selection.Keep > 0:
		return append([]Generation(nil), s.Generations[:max(0, current+1-selection.Keep)]...), nil
	}
	if slices.Contains(selection.Numbers, s.Current) {
		return nil, &DeleteCurrentError{s.Current}
	}
	return s.filter(func(g Generation) bool { return slices.Contains(selection.Numbers, g.Number) }), nil
}

// isCurrent reports whether the profile leads to this very link, and not to one
// of the same name elsewhere.
func (s State) isCurrent(g Generation) bool {
	return g.Number == s.Current && (s.Target == g.Link || s.Target == filepath.Base(g.Link))
}

// filter returns the generations that match, but for the current one.
func (s State) filter(match func(Generation) bool) (list []Generation) {
	for _, g := range s.Generations {
		if g.Number != s.Current && match(g) {
			list = append(list, g)
		}
	}
	return list
}

// olderThan selects all below the newest generation that is older than the
// limit in seconds since 1970: that one was active at the limit.
func (s State) olderThan(limit int64) []Generation {
	isOlder := func(g Generation) bool { return g.Created.Unix() < limit }
	active := 0
	for _, g := range s.Generations {
		if isOlder(g) {
			active = g.Number
		}
	}
	return s.filter(func(g Generation) bool { return g.Number < active && isOlder(g) })
}

// Delete deletes generations, which it selects under the lock from what the
// profile is then, and returns those that it deleted, lowest first; after an
// error these are perhaps not all. The errors are those of [State.Select] and
// [Profile.Read]. To delete just what a preview has shown, select by numbers.
//
// Only links go. What they led to stays in the store until the garbage is
// collected, which also removes the indirect roots that dangle now.
func (p Profile) Delete(ctx context.Context, selection Selection, now time.Time) (deleted []Generation, err error) {
	err = p.locked(ctx, func() error {
		state, temporary, err := p.read()
		if err != nil {
			return err
		}
		selected, err := state.Select(selection, now)
		if err != nil {
			return fmt.Errorf("profile %s: %w", p, err)
		}
		p.sweep(temporary, now)
		deleted, err = unlink(ctx, selected)
		if len(deleted) > 0 {
			// Once the store paths are collected a link that came back after
			// a power cut would dangle.
			err = errors.Join(err, p.sync())
		}
		return err
	})
	return deleted, err
}

func unlink(ctx context.Context, generations []Generation) (deleted []Generation, err error) {
	for _, g := range generations {
		if err := ctx.Err(); err != nil {
			return deleted, err
		}
		if err := os.Remove(g.Link); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return deleted, fmt.Errorf("deleting generation %d: %w", g.Number, err)
		}
		deleted = append(deleted, g)
	}
	return deleted, nil
}
