package shelf

import (
	"context"
	_ "embed"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"luminousnix/internal/catalog"
	"luminousnix/internal/catalog/listing"
	"luminousnix/internal/evaluation"
)

//go:embed options.nix
var optionsExpression string

// errNoOptions is why a tree has no options of its own.
var errNoOptions = errors.New("the tree has no NixOS")

// options evaluates the options of the NixOS in a tree. Its modules are of one piece:
// if they cannot be evaluated there are none, but one option that cannot is only left
// out.
func (t *Tree) options(ctx context.Context) (catalog.Part, error) {
	if _, err := os.Stat(filepath.Join(t.Path, "nixos/lib/eval-config.nix")); err != nil || t.Evaluator == nil {
		return catalog.Part{}, errNoOptions
	}
	result, err := t.Evaluator.Evaluate(ctx, evaluation.Request{
		Sources: []evaluation.Source{{Kind: evaluation.Expression, Text: optionsExpression}},
		Arguments: []evaluation.Argument{
			{Name: "tree", Text: t.Path, IsString: true}, {Name: "system", Text: t.System, IsString: true},
		},
		Want:       evaluation.Values,
		Print:      evaluation.Printing{Format: evaluation.JSON, Strict: true},
		SearchPath: t.SearchPath,
		BaseDir:    t.Path,
		System:     t.System,
		Workers:    t.Workers,
		MaxMemory:  t.MaxMemory,
		NoCache:    true, // the catalogue is what is kept
	})
	if err != nil {
		return catalog.Part{}, err
	}
	text := strings.Join(result.Values, "")
	return catalog.File(catalog.OptionList, int64(len(text)), func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(text)), nil
	}), nil
}

// readOptions is the part of a catalogue with the options of the tree or, where it
// has none that can be evaluated, those of the snapshot.
func (b *build) readOptions(ctx context.Context, onRead func(int64), yield func(listing.Entry) error) error {
	part, err := b.tree.options(ctx)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		b.warn("the options are those that came with this program: %s", firstLine(err))
		part = catalog.SnapshotPart(catalog.OptionList)
	}
	return part.Read(ctx, onRead, yield)
}
