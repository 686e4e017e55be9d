package profile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Switch points the profile at an existing generation. The change is one atomic
// rename under Nix's lock, followed by an fsync of the folder: at any moment,
// and after a power cut, the profile is either the old one or the new one. No
// generation is lost; higher ones stay. A missing one is a
// [*NoGenerationError].
func (p Profile) Switch(ctx context.Context, number int) error {
	lock, err := p.Lock(ctx)
	if err != nil {
		return err
	}
	err = p.point(ctx, number)
	return errors.Join(err, lock.Unlock())
}

func (p Profile) point(ctx context.Context, number int) error {
	dir, base := filepath.Split(string(p))
	link := fmt.Sprintf("%s-%d-link", base, number)
	if _, err := os.Lstat(dir + link); errors.Is(err, fs.ErrNotExist) {
		return &NoGenerationError{p, number}
	} else if err != nil {
		return fmt.Errorf("switching profile: %w", err)
	}
	temporary, err := symlinkBeside(dir, base, link)
	if err != nil {
		return fmt.Errorf("switching profile: %w", err)
	}
	if err := ctx.Err(); err != nil {
		return errors.Join(err, os.Remove(temporary))
	}
	if err := os.Rename(temporary, string(p)); err != nil {
		return errors.Join(fmt.Errorf("switching profile: %w", err), os.Remove(temporary))
	}
	return syncDir(dir)
}

// symlinkBeside makes a link under a temporary name of the form Nix uses. One
// left behind by a killed process is passed over.
func symlinkBeside(dir, base, target string) (string, error) {
	for n := 0; ; n++ {
		name := fmt.Sprintf("%s.%d_%s", dir, n, base)
		if err := os.Symlink(target, name); !errors.Is(err, fs.ErrExist) {
			return name, err
		}
	}
}

func syncDir(dir string) error {
	folder, err := os.Open(dir)
	if err != nil {
		return err
	}
	if err := folder.Sync(); err != nil {
		folder.Close()
		return fmt.Errorf("syncing %s: %w", dir, err)
	}
	return folder.Close()
}
