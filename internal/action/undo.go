package action

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"luminousnix/internal/host"
	"luminousnix/internal/operation"
	"luminousnix/nix/profile"
)

// undo takes a change back by making another one, which Plan finds: a switch to the
// generation before, the files of the configuration or the pin as they were. It only does
// that where nothing has changed since.
type undo struct {
	Change // found by Plan

	machine *Machine
	args    operation.Arguments
	undone  logged
}

func newUndo(m *Machine, args operation.Arguments) Change { return &undo{machine: m, args: args} }

// Plan finds the change, and plans to take it back.
func (u *undo) Plan(ctx context.Context, o operation.Observer) (operation.Plan, error) {
	all, _, err := u.machine.history(0)
	if err != nil {
		return operation.Plan{}, err
	}
	var notes []string
	if u.args.Entry != "" {
		u.undone, err = u.named(all)
	} else {
		u.undone, notes, err = u.last(all)
	}
	if err != nil {
		return operation.Plan{}, err
	}
	if u.Change, err = u.inverse(ctx, all); err != nil {
		return operation.Plan{}, err
	}
	plan, err := u.Change.Plan(ctx, o)
	if err != nil {
		return operation.Plan{}, err
	}
	plan.Summary = fmt.Sprintf("Undo %s (%s): %s", u.undone.Entry, lowered(u.undone.Summary), lowered(plan.Summary))
	plan.Risk = operation.Reversible
	plan.Warnings = slices.Concat(notes, u.leaves(), plan.Warnings)
	return plan, nil
}

// Undoes implements Reverting.
func (u *undo) Undoes() string { return u.undone.id }

// Permit implements Restricted.
func (u *undo) Permit() error {
	if restricted, ok := u.Change.(Restricted); ok {
		return restricted.Permit()
	}
	return nil
}

// Close ends what the change had open.
func (u *undo) Close() error {
	if closer, ok := u.Change.(io.Closer); ok {
		return closer.Close()
	}
	return nil
}

// named is the change with the number that was given.
func (u *undo) named(all []logged) (logged, error) {
	number := u.args.Entry
	if c := number[0]; '0' <= c && c <= '9' {
		number = operation.EntryNumber(u.machine.changeLogs()[0].letter()) + number
	}
	at := slices.IndexFunc(all, func(c logged) bool { return c.Entry == number })
	if at < 0 {
		return logged{}, operation.Errorf(operation.CodeNotFound, "the history has no change %s", number).
			WithHint("`ask-nix history` shows the numbers.")
	}
	change := all[at]
	switch {
	case change.Outcome != "":
		return change, operation.Errorf(operation.CodeRefused, "%s (%s) was not made, so that nothing is to be taken back: %s", number, lowered(change.Summary), change.Message).
			WithHint("`ask-nix generations` and `ask-nix installed` show how things are.")
	case change.UndoneBy != "":
		return change, operation.Errorf(operation.CodeRefused, "%s (%s) was taken back already, by %s", number, lowered(change.Summary), change.UndoneBy).
			WithHint(fmt.Sprintf("`ask-nix undo %s` takes that back.", change.UndoneBy))
	case change.Back == nil:
		return change, irreversible(change)
	}
	return change, nil
}

// last is the last change of this person that can be taken back and was not: said again,
// it is the one before that. notes tell of what came after it and stays.
func (u *undo) last(all []logged) (change logged, notes []string, err error) {
	user := u.machine.Host.UserName()
	var newest *logged
	migratedBack := 0 // migrations that were taken back, of those to come
	for i, change := range slices.Backward(all) {
		if change.User != user || change.Outcome != "" || change.undoes != "" || change.UndoneBy != "" {
			continue
		}
		if change.Back != nil {
			return change, notes, nil
		}
		if newest == nil {
			newest = &all[i]
		}
		if spec, _ := operation.Lookup(change.Operation); spec.Risk == operation.Destructive {
			notes = append(notes, fmt.Sprintf("%s (%s) came after it and stays: what it deleted is gone", change.Entry, lowered(change.Summary)))
		}
		switch {
		case change.Operation != operation.Migrate:
		case change.Arguments.Restore:
			migratedBack++
		case migratedBack > 0:
			migratedBack--
		default:
			notes = append(notes, fmt.Sprintf("%s (%s) came after it and stays: `ask-nix migrate --rollback` takes it back", change.Entry, lowered(change.Summary)))
		}
	}
	if newest != nil {
		return logged{}, nil, irreversible(*newest)
	}
	return logged{}, nil, operation.Errorf(operation.CodeNotFound, "there is nothing to undo: the history has no change of %s that can be taken back", user).
		WithHint("`ask-nix history` shows what was changed; `ask-nix undo NUMBER` takes one of those back.")
}

// Undoable are the numbers of the changes that can be taken back, newest first, for
// completing them.
func Undoable(m *Machine) (entries []operation.EntryNumber) {
	all, _, err := m.history(0)
	if err != nil {
		return nil
	}
	for _, change := range slices.Backward(all) {
		if change.Back != nil && change.UndoneBy == "" && change.Outcome == "" {
			entries = append(entries, change.Entry)
		}
	}
	return entries
}

// leaves says what stays as it is.
func (u *undo) leaves() []string {
	upgrades := u.undone.Operation == operation.UpdateSystem || u.undone.Arguments.Upgrade
	if upgrades && u.undone.Back.Profile != string(u.machine.Host.UserProfile()) {
		return []string{"the channels, or inputs of the flake, stay as new as they are; the system goes back"}
	}
	return nil
}

// inverse is the change that takes it back.
func (u *undo) inverse(ctx context.Context, all []logged) (Change, error) {
	back := u.undone.Back
	switch {
	case back.Pin != nil:
		chosen, err := u.chosen(back.Pin.Profile)
		return &restorePin{pinGeneration{machine: u.machine, chosen: chosen}, *back.Pin, u.changedSince}, err
	case len(back.Files) > 0:
		return &restoreFiles{configChange{machine: u.machine, from: back.Source}, back.Files}, nil
	}
	return u.goBack(ctx, all)
}

// chosen is the profile of that path, if it is one of ours.
func (u *undo) chosen(path string) (host.Chosen, error) {
	chosen, _, err := u.profile(path)
	return chosen, err
}

func (u *undo) profile(path string) (chosen host.Chosen, name operation.ProfileName, err error) {
	name = operation.UserProfile
	if path != string(u.machine.Host.UserProfile()) {
		if name, err = u.machine.Host.SystemProfileName(profile.Profile(path)); err != nil {
			return chosen, name, err
		}
	}
	chosen = u.machine.Host.Profile(name)
	if string(chosen.Profile) != path {
		return chosen, name, operation.Errorf(operation.CodeRefused, "%s is the profile of somebody else", path).
			WithHint("They undo it themselves.")
	}
	return chosen, name, nil
}

// goBack is the switch to the generation before. Where there was none it is the removal of
// what was installed.
func (u *undo) goBack(ctx context.Context, all []logged) (Change, error) {
	back := u.undone.Back
	chosen, name, err := u.profile(back.Profile)
	if err != nil {
		return nil, err
	}
	state, err := u.machine.Backend.Profile(ctx, chosen.Profile)
	if err != nil {
		return nil, err
	}
	if state.Current != int(back.To) {
		return nil, u.movedOn(all, name, state.Current)
	}
	if back.From == 0 {
		args := operation.Arguments{Scope: operation.ScopeUser, Profile: name}
		for _, element := range back.Packages {
			p, err := operation.ParsePackageName(element)
			if err != nil {
				return nil, err
			}
			args.Packages = append(args.Packages, p)
		}
		return newRemovePackages(u.machine, args), nil
	}
	to, err := state.Generation(chosen.Profile, int(back.From))
	var none *profile.NoGenerationError
	switch {
	case errors.As(err, &none):
		return nil, operation.Errorf(operation.CodeNotFound, "%s (%s) cannot be taken back: generation %d, which was before it, was deleted", u.undone.Entry, lowered(u.undone.Summary), back.From).
			WithHint(fmt.Sprintf("`ask-nix generations -p %s` shows those there are.", name))
	case err != nil:
		return nil, err
	case to.Created.After(u.undone.Time):
		return nil, operation.Errorf(operation.CodeRefused, "generation %d is another one than before %s (%s): it was made %s", back.From, u.undone.Entry, lowered(u.undone.Summary), localTime(to.Created)).
			WithHint(fmt.Sprintf("`ask-nix generations -p %s` shows those there are.", name))
	}
	return newSwitchGeneration(u.machine, operation.Arguments{Generation: back.From, Profile: name}), nil
}

// movedOn says what has changed a profile since, and offers what can be done.
func (u *undo) movedOn(all []logged, name operation.ProfileName, current int) error {
	back := u.undone.Back
	err := operation.Errorf(operation.CodeRefused, "generation %d of the profile is current, not %d, which %s (%s) has made: it was changed since",
		current, back.To, u.undone.Entry, lowered(u.undone.Summary))
	var later *logged
	for i := range all {
		change := &all[i]
		if change.Back != nil && change.Back.Profile == back.Profile && change.Time.After(u.undone.Time) {
			err.Details = append(err.Details, fmt.Sprintf("%s, %s: %s", change.Entry, localTime(change.Time), change.Summary))
			if int(change.Back.To) == current && change.UndoneBy == "" && change.Outcome == "" {
				later = change
			}
		}
	}
	if len(err.Details) == 0 {
		err.Details = []string{"by another program than ask-nix"}
	}
	if later != nil {
		err.Alternatives = append(err.Alternatives, operation.Alternative{
			Operation: operation.New(operation.Undo, operation.Arguments{Entry: later.Entry}),
			Say:       fmt.Sprintf("ask-nix undo %s", later.Entry),
		})
	}
	if back.From > 0 {
		err.Alternatives = append(err.Alternatives, operation.Alternative{
			Operation: operation.New(operation.SwitchGeneration, operation.Arguments{Generation: back.From, Profile: name}),
			Say:       fmt.Sprintf("ask-nix switch-generation %d -p %s", back.From, name),
		})
	}
	return err.WithHint("Nothing was changed. Undo what came after it first, or go back past it.")
}

// changedSince is the error of something that is not any more as the change has left it.
func (u *undo) changedSince(what, hint string) error {
	return operation.Errorf(operation.CodeRefused, "%s (%s) is not taken back: %s", u.undone.Entry, lowered(u.undone.Summary), what).WithHint(hint)
}

// irreversible says why a change cannot be taken back, and what can be done in its place.
func irreversible(c logged) error {
	why, hint := "it changed no generation, no pin and no configuration", "There is nothing to be taken back."
	switch c.Operation {
	case operation.DeleteGenerations, operation.CleanUp, operation.CollectGarbage:
		why = "what it deleted is gone"
		hint = "`ask-nix generations` shows what is left. What is wanted again is built or downloaded: `ask-nix switch` for the present configuration, an older one from its version control."
	case operation.ClearCache:
		why, hint = "the answers that it deleted are gone", "They are made again when they are asked for; nothing else was lost."
	case operation.TestSystem:
		why, hint = "it lasts until the next boot only", "`ask-nix generations` shows which generation is current; `ask-nix switch-generation NUMBER` activates it now."
	case operation.RebuildRemotely:
		why, hint = "another machine was changed", "Undo it there."
	case operation.UpdateCatalog, operation.BuildCatalog:
		why, hint = "the catalogue before was replaced", "Nothing else was changed; `ask-nix catalog list` shows those there are."
	case operation.ConfirmSwitch, operation.RecoverSwitch:
		why, hint = "it brought a switch to an end", "`ask-nix history` has that switch, with a number for `ask-nix undo`."
	case operation.Migrate:
		why, hint = "settings of ask-nix have a way back of their own", "`ask-nix migrate --rollback` takes it back."
		if c.Arguments.Restore {
			why, hint = "it took a migration back", "`ask-nix migrate` takes the settings over again."
		}
	case operation.RepairStore:
		why, hint = "what it repaired was damaged before", "There is nothing to take back; `ask-nix verify` checks the store again."
	case operation.OptimiseStore:
		why, hint = "equal files share their space, and hold what they held before", "There is nothing to take back."
	case operation.CancelJob:
		why, hint = "a job that was told to end does not go on", "There is nothing to take back; `ask-nix jobs` shows what it was to do, which can be asked for again."
	case operation.TryPackages:
		why, hint = "it installed nothing, and lasts until its shell ends", "There is nothing to take back."
	}
	return operation.Errorf(operation.CodeRefused, "%s (%s) cannot be undone: %s", c.Entry, lowered(c.Summary), why).WithHint(hint)
}

// lowered is text to stand within a sentence.
func lowered(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}
