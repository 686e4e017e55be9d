package eval

import (
	"context"
	"io"

	"luminousnix/nix/derivation"
	"luminousnix/nix/store"
)

// Store is where an evaluation puts what it makes: texts, sources and
// derivations. DryStore computes paths only; another implementation writes to a
// daemon. Methods are called by several goroutines.
type Store interface {
	Dir() store.Dir
	// AddText adds a file with the references, as builtins.toFile makes it.
	AddText(ctx context.Context, name string, text []byte, references []store.Path) (store.Path, error)
	// AddSource adds a tree of which dump writes the archive, as a path in a
	// string does: content-addressed, without references.
	AddSource(ctx context.Context, name string, dump func(io.Writer) error) (store.Path, error)
	// AddFile adds a single file by the hash of its content, as builtins.path
	// does when it is not recursive.
	AddFile(ctx context.Context, name string, content []byte) (store.Path, error)
	// AddDerivation adds the file of a derivation, which the caller will not
	// change any more.
	AddDerivation(ctx context.Context, d *derivation.Derivation) (store.Path, error)
	// Derivation returns a derivation that is in the store. One that was added need
	// not be there.
	Derivation(ctx context.Context, p store.Path) (*derivation.Derivation, error)
	// Outputs returns the outputs of a derivation that was added, or is in the
	// store.
	Outputs(ctx context.Context, p store.Path) (map[string]derivation.Output, error)
	// References returns what a path refers to, as far as the store knows it:
	// nothing for a path that it does not have.
	References(ctx context.Context, p store.Path) ([]store.Path, error)
	// IsValid says whether the store has the path.
	IsValid(ctx context.Context, p store.Path) (bool, error)
	// Realise builds or substitutes what a string depends on, so that it can be
	// read. It fails with a [*NotRealisedError] if it does not build.
	Realise(ctx context.Context, c Context) error
}
