package profile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// abandoned is the age at which a temporary link belongs to a process that was
// killed. They live for microseconds, but nix-env --set makes them without the
// lock, so a young one may be on its way.
const abandoned = time.Hour

// replaceLink points the link at target with one atomic rename. Something that
// is not a link is not replaced; the error is a [*NotLinkError] then.
func replaceLink(ctx context.Context, link, target string) error {
	info, err := os.Lstat(link)
	if err == nil && info.Mode()&fs.ModeSymlink == 0 {
		return &NotLinkError{link}
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	temporary, err := symlinkBeside(link, target)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return errors.Join(err, os.Remove(temporary))
	}
	if err := os.Rename(temporary, link); err != nil {
		return errors.Join(err, os.Remove(temporary))
	}
	return nil
}

// symlinkBeside makes a link to target beside link, under a temporary name of
// the form Nix uses. One left behind by a killed process is passed over.
func symlinkBeside(link, target string) (string, error) {
	dir, base := filepath.Split(link)
	for n := 0; ; n++ {
		name := fmt.Sprintf("%s.%d_%s", dir, n, base)
		if err := os.Symlink(target, name); !errors.Is(err, fs.ErrExist) {
			return name, err
		}
	}
}

// sweep removes temporary links of killed processes. It is called under the
// lock. That one cannot be removed is no reason to fail: they do no harm.
func (p Profile) sweep(temporary []string, now time.Time) {
	for _, name := range temporary {
		path := filepath.Join(filepath.Dir(string(p)), name)
		info, err := os.Lstat(path)
		if err == nil && info.Mode()&fs.ModeSymlink != 0 && now.Sub(info.ModTime()) > abandoned {
			_ = os.Remove(path)
		}
	}
}

// syncDir waits until the disk has what was changed in the folder.
func syncDir(dir string) error {
	folder, err := os.Open(dir)
	if err != nil {
		return err
	}
	if err := folder.Sync(); err != nil {
		return errors.Join(fmt.Errorf("syncing %s: %w", dir, err), folder.Close())
	}
	return folder.Close()
}

// syncFileSystem waits until the disk has everything in the file system of dir.
func syncFileSystem(dir string) error {
	folder, err := os.Open(dir)
	if err != nil {
		return err
	}
	if err := unix.Syncfs(int(folder.Fd())); err != nil {
		return errors.Join(fmt.Errorf("syncing the file system of %s: %w", dir, err), folder.Close())
	}
	return folder.Close()
}
