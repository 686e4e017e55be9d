package profile_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"luminousnix/nix/profile"
)

// onOwnThread runs f on a thread that ends with it, so that f may change what
// the kernel keeps for each thread.
func onOwnThread(f func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked
		done <- f()
	}()
	return <-done
}

// TestReadOnlyFolder changes a profile in a folder that we may not write to.
func TestReadOnlyFolder(t *testing.T) {
	t.Parallel()
	p := newProfile(t, "p", 1, 2)
	dir := filepath.Dir(string(p))
	if err := errors.Join(os.Chmod(filepath.Dir(dir), 0o755), os.Chmod(dir, 0o555)); err != nil {
		t.Fatal(err)
	}
	before := files(t, p)
	for name, change := range map[string]func() error{
		"create": func() error {
			_, err := p.Create(t.Context(), nil, "/nix/store/x", profile.CreateOptions{})
			return err
		},
		"switch":   func() error { return p.Switch(t.Context(), 1) },
		"rollback": func() error { _, err := p.Rollback(t.Context()); return err },
		"delete":   func() error { _, err := p.Delete(t.Context(), profile.Selection{Old: true}, time.Now()); return err },
	} {
		err := onOwnThread(func() error {
			// Root may write everywhere; this thread's file accesses are
			// nobody's from here on.
			if os.Geteuid() == 0 {
				if err := unix.Setfsuid(65534); err != nil {
					return err
				}
			}
			if _, err := p.Read(); err != nil {
				return fmt.Errorf("reading needs no right to write: %w", err)
			}
			return change()
		})
		if !errors.Is(err, fs.ErrPermission) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if diff := cmp.Diff(before, files(t, p)); diff != "" {
		t.Error(diff)
	}
}

// TestDiskFull has a file system with room for fewer and fewer files: a change
// fails and leaves nothing behind, or is done.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	full := 0
	// Its folder, the profile and two generations are 4; a new generation takes
	// the lock, its link and a temporary one.
	for inodes := 4; inodes <= 7; inodes++ {
		dir := t.TempDir()
		var unshared error
		err := onOwnThread(func() error {
			if unshared = unix.Unshare(unix.CLONE_NEWNS); unshared != nil {
				return nil
			}
			if err := unix.Mount("", "/", "", unix.MS_PRIVATE|unix.MS_REC, ""); err != nil {
				return err
			}
			if err := unix.Mount("none", dir, "tmpfs", 0, fmt.Sprintf("nr_inodes=%d", inodes)); err != nil {
				return err
			}
			p := profile.Profile(filepath.Join(dir, "p"))
			makeGenerations(t, p, 1, 2)
			before := files(t, p)
			_, err := p.Create(t.Context(), nil, "/nix/store/x", profile.CreateOptions{})
			if err == nil {
				if state, err := p.Read(); err != nil || state.Current != 3 {
					return fmt.Errorf("created: %+v, %w", state, err)
				}
				return nil
			}
			full++
			if !errors.Is(err, unix.ENOSPC) {
				return err
			}
			if diff := cmp.Diff(before, files(t, p)); diff != "" {
				return errors.New(diff)
			}
			return nil
		})
		if unshared != nil {
			t.Skipf("only root can mount a small file system: %v", unshared)
		}
		if err != nil {
			t.Errorf("%d inodes: %v", inodes, err)
		}
	}
	if full != 3 {
		t.Errorf("%d of the file systems were too small, want 3", full)
	}
}
