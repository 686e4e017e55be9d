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

	"luminousnix/internal/configedit"
	"luminousnix/internal/evaluation"
	"luminousnix/internal/flake"
	"luminousnix/internal/operation"
	"luminousnix/nix/syntax"
)

// flakeSource is a system of a flake whose module files are known.
type flakeSource struct {
	*flake.Local
	reference string       // FLAKE#NAME
	tree      *syntax.File // of flake.nix
}

// openFlake reads the module files of a system of a flake, FLAKE#NAME. lines are what
// would have to be added by hand.
func openFlake(ctx context.Context, m *Machine, reference, lines string) (*flakeSource, *configedit.Configuration, error) {
	local, err := findFlake(reference, byHand(lines))
	if err != nil {
		return nil, nil, err
	}
	content, err := os.ReadFile(local.File())
	if err != nil {
		return nil, nil, err
	}
	f := &flakeSource{Local: local, reference: reference}
	if f.tree, err = syntax.Parse(local.File(), content, syntax.ParseOptions{}); err != nil {
		return nil, nil, err
	}
	configuration, err := f.modules(m, local.System)
	if err != nil {
		return nil, nil, explainModules(local, lines, err)
	}
	return f, configuration, tracked(ctx, m, local, append(configuration.Files(), local.File())...)
}

// findFlake finds a flake that is a folder of this machine. hint says what to do about
// another one.
func findFlake(reference, hint string) (*flake.Local, error) {
	local, err := flake.Find(reference)
	place, _, _ := strings.Cut(reference, "#")
	switch {
	case errors.Is(err, flake.ErrElsewhere):
		return nil, operation.Errorf(operation.CodeNotAvailable, "the flake %s is changed where it is kept: %w", place, err).WithHint(hint)
	case errors.Is(err, fs.ErrNotExist):
		return nil, operation.Errorf(operation.CodeNotFound, "there is no flake %s: %w", place, err).
			WithHint("Say with --flake FLAKE#NAME where it is.")
	}
	return local, err
}

// modules reads the module files of a system.
func (f *flakeSource) modules(m *Machine, system string) (*configedit.Configuration, error) {
	paths, err := flake.Modules(f.tree, system)
	if err != nil {
		return nil, err
	}
	for i, path := range paths {
		if !filepath.IsAbs(path) {
			paths[i] = filepath.Join(f.Dir, path)
		}
	}
	return configedit.ReadModules(f.Root, paths, string(m.Host.StoreDir))
}

// explainModules says why the modules of a flake's system are not known.
func explainModules(f *flake.Local, lines string, err error) error {
	var unreadable *flake.UnreadableError
	var missing *flake.MissingError
	switch {
	case errors.As(err, &unreadable):
		return operation.Errorf(operation.CodeRefused, "the flake cannot be edited safely: %w", err).WithHint(byHand(lines))
	case errors.As(err, &missing) && len(missing.Others) > 0 && !slices.Contains(missing.Others, missing.System):
		return operation.Errorf(operation.CodeNotFound, "there is no system %q in %s, as far as it is written out", missing.System, f.File()).
			WithHint("Name one of its systems: --flake " + f.Dir + "#" + strings.Join(missing.Others, " or #"))
	case errors.As(err, &missing):
		return operation.Errorf(operation.CodeRefused, "the flake cannot be edited safely: %s does not write out of which modules %s is made", f.File(), missing.System).
			WithHint(byHand(lines))
	case errors.Is(err, fs.ErrNotExist):
		return operation.Errorf(operation.CodeConfiguration, "a module that %s lists is not there: %w", f.File(), err).
			WithHint("`ask-nix check` evaluates the flake.")
	}
	return err
}

// tracked refuses files that git does not track: Nix does not see them.
func tracked(ctx context.Context, m *Machine, f *flake.Local, files ...string) error {
	unknown, err := f.Untracked(ctx, m.FlakeEvaluator.Env, files)
	if err != nil || len(unknown) == 0 {
		return explainGit(err)
	}
	return operation.Errorf(operation.CodeRefused, "git does not track %s, so Nix does not see it in the flake", strings.Join(unknown, ", ")).
		WithHint(fmt.Sprintf("`git -C %s add %s` has it tracked.", f.Root, strings.Join(unknown, " ")))
}

// explainGit says what to do where git does not tell what it tracks.
func explainGit(err error) error {
	if err == nil {
		return nil
	}
	return operation.Errorf(operation.CodeFailed, "%w", err).
		WithHint("The flake is a git repository: Nix needs git for it as well, run by whoever owns it.")
}

// evaluate applies a function to the system, with the edits in a copy of the flake, or as
// it is.
func (f *flakeSource) evaluate(ctx context.Context, m *Machine, function string, edits map[string][]byte) (result *evaluation.Result, err error) {
	request := evaluation.Request{BaseDir: "/", Features: m.Host.ExperimentalFeatures()}
	if edits == nil {
		return m.FlakeEvaluator.SystemValue(ctx, f.reference, function, request)
	}
	err = f.WithCopy(ctx, m.FlakeEvaluator.Env, edits, func(c flake.Copy) error {
		var err error
		result, err = m.FlakeEvaluator.SystemValue(ctx, c.Reference+"#"+f.System, function, request)
		return original(&c, err)
	})
	return result, err
}

// original has an error speak of the flake, not of its copy.
func original(c *flake.Copy, err error) error {
	var failed *evaluation.CommandError
	if errors.As(err, &failed) {
		failed.Stderr = c.Original(failed.Stderr)
	}
	return err
}

// shared tells which edited files other systems of the flake are made of as well.
func (f *flakeSource) shared(m *Machine, edits []configedit.Edit) (notes []string) {
	for i := range edits {
		var others []string
		for _, system := range flake.Systems(f.tree) {
			if system == f.System {
				continue
			}
			if other, err := f.modules(m, system); err == nil && slices.Contains(other.Files(), edits[i].Path) {
				others = append(others, system)
			}
		}
		if len(others) > 0 {
			notes = append(notes, fmt.Sprintf("%s is part of %s in the flake as well", edits[i].Path, strings.Join(others, ", ")))
		}
	}
	return notes
}
