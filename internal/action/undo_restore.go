package action

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"luminousnix/internal/configedit"
	"luminousnix/internal/operation"
	"luminousnix/internal/retention"
	"luminousnix/nix/profile"
)

// restoreFiles puts files of the configuration back as they were before an edit, byte for
// byte, and has the configuration evaluated with them first, as an edit has.
type restoreFiles struct {
	configChange
	changed []operation.FileChange
}

func (r *restoreFiles) Plan(ctx context.Context, o operation.Observer) (operation.Plan, error) {
	var edits []configedit.Edit
	var paths []string
	for _, f := range r.changed {
		edit, err := asBefore(f)
		if err != nil {
			return operation.Plan{}, err
		}
		edits, paths = append(edits, edit), append(paths, f.Path)
	}
	if err := r.open(ctx, ""); err != nil {
		return operation.Plan{}, err
	}
	if _, err := r.settleEdits(ctx, o, edits, "true"); err != nil {
		return operation.Plan{}, err
	}
	return r.plan("Put " + strings.Join(paths, ", ") + " back as before"), nil
}

// asBefore is the edit that brings back what a file had, if it has what the change has left.
func asBefore(f operation.FileChange) (edit configedit.Edit, err error) {
	edit.Path = f.Path
	if edit.Before, err = os.ReadFile(f.Path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return edit, err
	}
	if err != nil || hashOf(edit.Before) != f.After {
		return edit, operation.Errorf(operation.CodeRefused, "%s has changed since, so that it is left as it is", f.Path).
			WithHint("What it had before is in " + f.Backup + ": compare the two and take over what you want.")
	}
	if edit.After, err = os.ReadFile(f.Backup); err != nil || hashOf(edit.After) != f.Before {
		return edit, operation.Errorf(operation.CodeNotFound, "%s cannot be put back: what it had is not in %s any more", f.Path, f.Backup).
			WithHint("Edit it by hand; `ask-nix check` evaluates it.")
	}
	return edit, nil
}

func (r *restoreFiles) Apply(_ context.Context, o operation.Observer) (Answer, error) {
	if err := r.write(o); err != nil {
		return Answer{}, err
	}
	var paths []string
	for _, f := range r.changed {
		paths = append(paths, f.Path)
	}
	return r.answer(strings.Join(paths, ", ")+is(paths)+" as before now; a switch makes the system so.", operation.Edited{}), nil
}

// restorePin has a generation pinned as it was before, or not pinned.
type restorePin struct {
	pinGeneration
	change  operation.PinChange
	changed func(what, hint string) error
}

// Plan checks that the pin is as the change has left it.
func (r *restorePin) Plan(ctx context.Context, _ operation.Observer) (operation.Plan, error) {
	r.args.Generation, r.unpin = r.change.Generation, r.change.Before == nil
	n := int(r.change.Generation)
	kept, err := keptFile(r.machine, r.chosen).Read()
	if err != nil {
		return operation.Plan{}, err
	}
	r.old = r.pinned(kept)
	if !samePin(pinOf(r.old), r.change.After) {
		return operation.Plan{}, r.changed(fmt.Sprintf("the pin of generation %d has changed since", n), "`ask-nix pins` shows it as it is; `ask-nix pin` and `ask-nix unpin` change it.")
	}
	r.entry = retention.Entry{Profile: r.chosen.Profile, Generation: n, Target: r.change.Target, Kind: retention.Pinned}
	if r.unpin {
		return r.plan(fmt.Sprintf("Unpin generation %d", n), operation.Reversible, "Take the pin out of the list of what is kept"), nil
	}
	r.entry.Name, r.entry.Note, r.entry.Since = r.change.Before.Name, r.change.Before.Note, r.change.Before.Since
	state, err := r.machine.Backend.Profile(ctx, r.chosen.Profile)
	if err != nil {
		return operation.Plan{}, err
	}
	g, err := state.Generation(r.chosen.Profile, n)
	if errors.As(err, new(*profile.NoGenerationError)) || err == nil && g.Target != r.change.Target {
		return operation.Plan{}, r.changed(fmt.Sprintf("the generation %d that was pinned is gone", n), "`ask-nix generations` lists those there are.")
	}
	if err != nil {
		return operation.Plan{}, err
	}
	if err := r.nameIsFree(kept); err != nil {
		return operation.Plan{}, err
	}
	plan := r.plan(fmt.Sprintf("Pin generation %d", n), operation.Reversible, "Write the pin into the list of what is kept")
	if r.old != nil {
		plan.Undo = "" // to unpin it would not bring the present name and note back
	}
	return plan, nil
}

func samePin(a, b *operation.Pin) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Name == b.Name && a.Note == b.Note
}
