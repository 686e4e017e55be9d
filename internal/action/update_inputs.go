package action

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"luminousnix/internal/configedit"
	"luminousnix/internal/diagnosis"
	"luminousnix/internal/evaluation"
	"luminousnix/internal/flake"
	"luminousnix/internal/operation"
)

// inputUpdate is a new lock file of a flake. The nix command makes it in a copy of the
// flake, so that it can be shown, and built with, before the flake is changed.
type inputUpdate struct {
	machine *Machine
	args    operation.Arguments
	upgrade bool // the system is switched to in any case

	// Found by find.
	flake     *flake.Local
	reference string // FLAKE#NAME
	lock      configedit.Edit
	backup    string
	changes   []flake.Change
	taken     bool // back
}

// find has the inputs updated in a copy of the flake.
func (i *inputUpdate) find(ctx context.Context, o operation.Observer) error {
	if err := i.machine.online("updating the inputs of a flake", insteadOfUpdate); err != nil {
		return err
	}
	source, err := sourceOf(i.machine, i.args.Source, evaluation.Request{})
	if err != nil {
		return err
	}
	i.reference = source.flake
	if i.flake, err = findFlake(source.flake, "`nix flake update` updates its inputs there; `ask-nix switch` builds the system then."); err != nil {
		return err
	}
	if i.lock.Before, err = os.ReadFile(i.flake.Lock()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	i.lock.Path = i.flake.Lock()
	i.backup = filepath.Join(i.machine.Host.StateHome(), "backups", time.Now().UTC().Format("20060102T150405.000000")+"-"+flake.LockName)
	var before []flake.Input
	if i.lock.Before != nil {
		if before, err = flake.ParseLock(i.lock.Before); err != nil {
			return operation.Errorf(operation.CodeConfiguration, "%s cannot be read: %w", i.lock.Path, err).WithHint("`nix flake lock` makes it anew.")
		}
		if err := tracked(ctx, i.machine, i.flake, i.flake.File(), i.lock.Path); err != nil {
			return err
		}
	}
	if err := i.hasInput(before); err != nil {
		return err
	}
	phase(o, "check", "Asking for the newest revisions of the inputs")
	err = i.flake.WithCopy(ctx, i.machine.FlakeEvaluator.Env, nil, func(c flake.Copy) (err error) {
		i.lock.After, err = c.Update(ctx, i.machine.FlakeEvaluator.Env, i.args.Channel)
		return err
	})
	if err != nil {
		return explainInputs(i.flake, err)
	}
	return i.compare(before)
}

// compare finds what the new lock file changes.
func (i *inputUpdate) compare(before []flake.Input) error {
	switch {
	case i.lock.After == nil, i.lock.Before == nil && i.upgrade:
		return nil // there are no inputs, or the switch locks the newest
	case i.lock.Before == nil:
		return operation.Errorf(operation.CodeNotFound, "the flake in %s has no lock file yet, so nothing of it is older", i.flake.Dir).
			WithHint("`ask-nix switch" + (&configChange{from: i.args.Source}).which() + "` makes it, with the newest of all inputs.")
	}
	after, err := flake.ParseLock(i.lock.After)
	if err != nil {
		return err
	}
	i.changes = flake.Changes(before, after)
	return nil
}

// hasInput refuses an input that is named and that the flake has not.
func (i *inputUpdate) hasInput(inputs []flake.Input) error {
	if i.args.Channel == "" {
		return nil
	}
	var names []string
	for _, input := range inputs {
		if input.Name == i.args.Channel {
			return nil
		}
		if !strings.Contains(input.Name, "/") {
			names = append(names, input.Name)
		}
	}
	failed := operation.Errorf(operation.CodeNotFound, "the flake in %s has no input that is called %q", i.flake.Dir, i.args.Channel)
	switch {
	case len(names) == 0:
		return failed.WithHint("It has no lock file with inputs; `ask-nix switch` makes one.")
	case strings.ContainsAny(i.args.Channel, "0123456789"):
		return failed.WithHint("Its inputs are " + strings.Join(names, ", ") + ". Their addresses in flake.nix say which release they are of.")
	}
	return failed.WithHint("Its inputs are " + strings.Join(names, ", ") + ".")
}

// explainInputs says why inputs could not be updated.
func explainInputs(f *flake.Local, err error) error {
	var failed *flake.UpdateError
	switch {
	case errors.Is(err, evaluation.ErrNoProgram):
		return operation.Errorf(operation.CodeNotAvailable, "the inputs of a flake are updated by the nix command: %w", err).
			WithHint("Install Nix 2.4 or newer, and git.")
	case !errors.As(err, &failed):
		return err
	}
	explained := operation.Errorf(operation.CodeFailed, "the inputs of the flake in %s could not be updated", f.Dir).WithCause(err).
		WithHint("Nothing was changed. What the nix command says of it is below.")
	if diagnosis.Explain(failed.Stderr).Subject == "network" {
		explained.Code = operation.CodeNetwork
		explained.Hint = "Nothing was changed. Try again when the network is back."
	}
	explained.Details = strings.Split(strings.TrimSpace(failed.Stderr), "\n")
	return explained
}

func (i *inputUpdate) updates() (steps []operation.Step) {
	for n := range i.changes {
		u := inputUpdated(&i.changes[n])
		steps = append(steps, operation.Step{Action: inputStep(u), Path: u.URL})
	}
	return steps
}

// inputUpdated is a change of an input for people.
func inputUpdated(c *flake.Change) operation.InputUpdate {
	u := operation.InputUpdate{Name: c.Name(), From: inputVersion(c.From), To: inputVersion(c.To)}
	if c.To != nil {
		u.URL = c.To.URL
	} else {
		u.URL = c.From.URL
	}
	return u
}

func inputVersion(i *flake.Input) *operation.InputVersion {
	if i == nil {
		return nil
	}
	v := &operation.InputVersion{Revision: i.Revision}
	if !i.Modified.IsZero() {
		v.Date = i.Modified.UTC().Format(time.DateOnly)
	}
	return v
}

// inputStep is a change of an input in one line.
func inputStep(u operation.InputUpdate) string {
	switch {
	case u.From == nil:
		return "Add input " + u.Name + ", " + shortVersion(u.To)
	case u.To == nil:
		return "Remove input " + u.Name
	}
	return "Update input " + inputDescribed(u)
}

func inputDescribed(u operation.InputUpdate) string {
	return u.Name + " from " + shortVersion(u.From) + " to " + shortVersion(u.To)
}

// shortVersion is a date with the beginning of a revision.
func shortVersion(v *operation.InputVersion) string {
	const short = 7
	revision := strings.TrimPrefix(v.Revision, "sha256-")
	revision = revision[:min(short, len(revision))]
	if v.Date == "" {
		return revision
	}
	return v.Date + " (" + revision + ")"
}

// summary names the inputs of the flake itself that are updated, or else those of its
// inputs.
func (i *inputUpdate) summary() string {
	var own, others []string
	for n := range i.changes {
		u := inputUpdated(&i.changes[n])
		text := strings.TrimPrefix(strings.TrimPrefix(inputStep(u), "Update input "), "Add input ")
		if u.To == nil {
			text = u.Name + " (removed)"
		}
		if strings.Contains(u.Name, "/") {
			others = append(others, text)
		} else {
			own = append(own, text)
		}
	}
	if len(own) == 0 {
		own = others
	}
	return strings.Join(own, ", ")
}

// channel is the branch of nixpkgs that a changed input is of.
func (i *inputUpdate) channel() string {
	for n := range i.changes {
		if to := i.changes[n].To; to != nil {
			if branch, ok := strings.CutPrefix(strings.ToLower(to.URL), "github:nixos/nixpkgs/"); ok {
				return branch
			}
		}
	}
	return ""
}

func (i *inputUpdate) permit() error {
	if err := i.lock.Permit(); err != nil {
		return operation.Errorf(operation.CodePermission, "you may not change %s", i.lock.Path).
			WithHint("Try again as whoever owns the flake, or with sudo.").WithCause(err)
	}
	return nil
}

// download has nothing left to do: the nix command has downloaded what it locked.
func (i *inputUpdate) download(context.Context, operation.Observer) error { return nil }

func (i *inputUpdate) unchanged() bool { return len(i.changes) == 0 }

// build has the system built of a copy with the new lock file.
func (i *inputUpdate) build(ctx context.Context, from operation.Source, use func(operation.Source) error) error {
	edits := map[string][]byte{i.lock.Path: i.lock.After}
	return i.flake.WithCopy(ctx, i.machine.FlakeEvaluator.Env, edits, func(c flake.Copy) error {
		from.Flake, from.NoFlake = c.Reference+"#"+i.flake.System, false
		err := use(from)
		if err == nil {
			return nil
		}
		told := operation.AsError(err)
		told.Message = strings.ReplaceAll(told.Message, from.Flake, i.reference)
		for n := range told.Details {
			told.Details[n] = c.Original(told.Details[n])
		}
		return told
	})
}

func (i *inputUpdate) notes() []string { return nil }

func (i *inputUpdate) keepSteps() []operation.Step {
	return []operation.Step{
		{Action: "Keep the lock file as it is", Path: i.backup},
		{Action: "Write the new lock file", Path: i.lock.Path},
	}
}

func (i *inputUpdate) keep(context.Context) error {
	if err := i.lock.Backup(i.backup); err != nil {
		return err
	}
	err := i.lock.Write()
	if errors.Is(err, configedit.ErrChanged) {
		return operation.Errorf(operation.CodeFailed, "%w", err).WithHint("Nothing was changed. Try again to see the new plan.")
	}
	return err
}

func (i *inputUpdate) takeBack(context.Context) error {
	back := configedit.Edit{Path: i.lock.Path, Before: i.lock.After, After: i.lock.Before}
	i.taken = true
	return back.Write()
}

func (i *inputUpdate) data() *operation.Updated {
	data := &operation.Updated{Channels: []operation.ChannelUpdate{}, Lock: i.lock.Path, Backup: i.backup}
	for n := range i.changes {
		data.Inputs = append(data.Inputs, inputUpdated(&i.changes[n]))
	}
	if i.taken {
		data.Inputs = nil
	}
	return data
}

// verify reads the lock file back.
func (i *inputUpdate) verify(context.Context) error {
	content, err := os.ReadFile(i.lock.Path)
	if err == nil && !slices.Equal(content, i.lock.After) {
		return operation.Errorf(operation.CodeFailed, "%s is not as it was written", i.lock.Path).
			WithHint("Another program has changed it meanwhile; it is kept as it was in " + i.backup + ".")
	}
	return err
}

func (i *inputUpdate) words() sourceWords {
	words := sourceWords{
		name: "inputs", newest: "Every input of the flake is at its newest revision",
		stay: fmt.Sprintf("the lock file stays the new one; it is kept as it was in %s", i.backup),
		undo: "cp " + i.backup + " " + i.lock.Path,
	}
	switch {
	case i.args.Channel != "":
		words.newest = "Input " + i.args.Channel + " of the flake is at its newest revision"
	case i.lock.After == nil:
		words.newest = "The flake has no inputs"
	}
	return words
}
