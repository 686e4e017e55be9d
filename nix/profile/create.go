package profile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"luminousnix/nix/store"
)

// Roots keeps the garbage collector from store paths. A connection to the Nix
// daemon is one.
type Roots interface {
	// AddTempRoot keeps path as long as the connection stays open.
	AddTempRoot(ctx context.Context, path store.Path) error
	// AddIndirectRoot keeps what the link leads to as long as the link exists.
	AddIndirectRoot(ctx context.Context, link string) error
}

// CreateOptions say how a generation is made. The zero value is right for a
// machine with its state in /nix/var/nix.
type CreateOptions struct {
	// StateDir is Nix's state directory; "" means [DefaultStateDir]. The
	// collector looks into its profiles folder by itself, so that generations
	// there need no indirect root.
	StateDir StateDir
	// SyncStore waits, before anything is changed, until the disk has the whole
	// file system of the store. Without it a power cut may leave a generation
	// that leads to empty files, since Nix writes the store without waiting
	// (unless its sync-before-registering is set). It can take seconds after a
	// large build.
	SyncStore bool
	// NoSync leaves out the fsync of the profile's folder at the end.
	NoSync bool
}

// Create makes path a generation of the profile and switches to it, as nix-env
// --set does: if the newest generation leads to path already it is taken, or
// else the number is one more than the newest, whichever one is current. The
// profile need not exist; its folder is made if need be. It returns the
// generation that is current now.
//
// The path is kept by a temporary root of roots, whose connection the caller
// leaves open until Create returns. roots may be nil where nothing collects
// garbage meanwhile, as in the image of a machine that is not running; there
// are no roots made then, not even for a profile outside of the state directory.
//
// After an error before the switch the profile is as it was. When ctx ends the
// error matches its error.
func (p Profile) Create(ctx context.Context, roots Roots, path store.Path, options CreateOptions) (Generation, error) {
	return p.create(ctx, roots, path, options, func() error { return nil })
}

// CreateIf is Create for a path that was made from what the profile was, such
// as an environment with one package more. If the profile is no longer what
// [State.Token] says nothing is done, and the error is a [*ChangedError].
func (p Profile) CreateIf(ctx context.Context, roots Roots, path store.Path, read Token, options CreateOptions) (Generation, error) {
	return p.create(ctx, roots, path, options, func() error { return p.unchanged(read) })
}

func (p Profile) create(ctx context.Context, roots Roots, path store.Path, options CreateOptions, check func() error) (generation Generation, err error) {
	if !filepath.IsAbs(string(p)) || !filepath.IsAbs(string(path)) {
		return Generation{}, fmt.Errorf("creating a generation of %q for %q: not an absolute path", p, path)
	}
	// What may take long comes before the lock.
	if options.SyncStore {
		if err := syncFileSystem(filepath.Dir(string(path))); err != nil {
			return Generation{}, fmt.Errorf("creating generation: %w", err)
		}
	}
	if roots != nil {
		if err := roots.AddTempRoot(ctx, path); err != nil {
			return Generation{}, fmt.Errorf("keeping %s from the garbage collector: %w", path, err)
		}
	}
	if err := os.MkdirAll(filepath.Dir(string(p)), 0o755); err != nil {
		return Generation{}, fmt.Errorf("creating generation: %w", err)
	}
	err = p.locked(ctx, func() error {
		if err := check(); err != nil {
			return err
		}
		generation, err = p.add(ctx, roots, path, options)
		return err
	})
	if err != nil {
		return Generation{}, err
	}
	return generation, nil
}

// add makes the generation and switches to it; the caller holds the lock.
func (p Profile) add(ctx context.Context, roots Roots, path store.Path, options CreateOptions) (Generation, error) {
	generation, isNew, err := p.newest(ctx, path)
	if err != nil {
		return Generation{}, err
	}
	if err := p.makeCurrent(ctx, roots, generation, options); err != nil {
		if isNew {
			err = errors.Join(err, os.Remove(generation.Link))
		}
		return Generation{}, err
	}
	if options.NoSync {
		return generation, nil
	}
	return generation, p.sync()
}

func (p Profile) makeCurrent(ctx context.Context, roots Roots, generation Generation, options CreateOptions) error {
	// Also for one that was there: who made it may have been killed here.
	if roots != nil && !options.StateDir.coversProfile(p) {
		if err := roots.AddIndirectRoot(ctx, generation.Link); err != nil {
			return fmt.Errorf("keeping %s from the garbage collector: %w", generation.Link, err)
		}
	}
	return p.point(ctx, generation.Number)
}

// newest returns the newest generation if it leads to path, or else a new one.
// The link is made at its place, not under another name first: making it is
// atomic, and fails if nix-env --set, which takes no lock, was there before.
func (p Profile) newest(ctx context.Context, path store.Path) (generation Generation, isNew bool, err error) {
	for {
		if err := ctx.Err(); err != nil {
			return Generation{}, false, fmt.Errorf("creating generation: %w", err)
		}
		folder, err := p.list()
		if err != nil {
			return Generation{}, false, err
		}
		p.sweep(folder.temporary, time.Now())
		if n := len(folder.generations); n > 0 && folder.generations[n-1].Target == string(path) {
			return folder.generations[n-1], false, nil
		}
		if folder.highest == maxNumber {
			return Generation{}, false, fmt.Errorf("creating generation: profile %s has no number left", p)
		}
		number := folder.highest + 1
		generation, err = newGeneration(p.link(number), number, path)
		if !errors.Is(err, fs.ErrExist) {
			return generation, err == nil, err
		}
	}
}

func newGeneration(link string, number int, path store.Path) (Generation, error) {
	if err := os.Symlink(string(path), link); err != nil {
		return Generation{}, fmt.Errorf("creating generation: %w", err)
	}
	info, err := os.Lstat(link)
	if err != nil {
		return Generation{}, fmt.Errorf("creating generation: %w", err)
	}
	return Generation{Number: number, Link: link, Target: string(path), Created: info.ModTime()}, nil
}
