package profile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Switch points the profile at an existing generation. The change is one atomic
// rename under Nix's lock, followed by an fsync of the folder: at any moment,
// and after a power cut, the profile is either the old one or the new one. No
// generation is lost; higher ones stay. A missing one is a
// [*NoGenerationError].
func (p Profile) Switch(ctx context.Context, number int) error {
	return p.locked(ctx, func() error {
		if err := p.point(ctx, number); err != nil {
			return err
		}
		return p.sync()
	})
}

// Rollback switches to the generation with the greatest number below the
// current one, which it finds under the lock, and returns it. The error is
// [ErrNoPrevious] when there is none or the current one is unknown. When the
// current generation has been deleted the one below its number is taken, as
// nix-env does.
func (p Profile) Rollback(ctx context.Context) (previous Generation, err error) {
	err = p.locked(ctx, func() error {
		state, temporary, err := p.read()
		if err != nil {
			return err
		}
		if previous, err = state.Previous(); err != nil {
			return err
		}
		if err := p.point(ctx, previous.Number); err != nil {
			return err
		}
		p.sweep(temporary, time.Now())
		return p.sync()
	})
	if err != nil {
		return Generation{}, err
	}
	return previous, nil
}

// locked runs a change while it holds the profile's lock.
func (p Profile) locked(ctx context.Context, change func() error) error {
	lock, err := p.Lock(ctx)
	if err != nil {
		return err
	}
	err = change()
	if unlockErr := lock.Unlock(); unlockErr != nil {
		return errors.Join(err, fmt.Errorf("unlocking profile: %w", unlockErr))
	}
	return err
}

// point makes the generation the current one, if it is there.
func (p Profile) point(ctx context.Context, number int) error {
	link := p.link(number)
	if _, err := os.Lstat(link); errors.Is(err, fs.ErrNotExist) {
		return &NoGenerationError{p, number}
	} else if err != nil {
		return fmt.Errorf("switching profile: %w", err)
	}
	// Relative: Nix finds no current generation in an absolute link.
	if err := replaceLink(ctx, string(p), filepath.Base(link)); err != nil {
		return fmt.Errorf("switching profile: %w", err)
	}
	return nil
}

// link is the path of a generation's link.
func (p Profile) link(number int) string { return fmt.Sprintf("%s-%d-link", p, number) }

func (p Profile) sync() error { return syncDir(filepath.Dir(string(p))) }
