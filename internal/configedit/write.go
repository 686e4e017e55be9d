package configedit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"

	"luminousnix/internal/durable"
	"luminousnix/internal/lock"
)

// ErrChanged means that a file is not as it was when it was read.
var ErrChanged = errors.New("the file has changed meanwhile")

// Permit is nil if the file can be written by whoever asks: the file itself, and the
// folder that the new one is made in.
func (e *Edit) Permit() error {
	for _, path := range []string{e.Path, filepath.Dir(e.Path)} {
		if err := unix.Access(path, unix.W_OK); err != nil {
			return &os.PathError{Op: "write", Path: path, Err: err}
		}
	}
	return nil
}

// Backup writes the file as it was to a path, whose folder is made if need be.
func (e *Edit) Backup(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return writeSynced(path, e.Before, os.O_CREATE|os.O_EXCL, 0o600, nil)
}

// Write puts the new content in place of the old, in one step: whoever reads the file
// sees the one or the other, also after a power cut. Mode and owner stay. A file that is
// not as it was when it was read stays as it is: the error matches [ErrChanged].
func (e *Edit) Write() error {
	// Who else writes by this function waits for the lock, and then sees the change.
	old, err := os.Open(e.Path)
	if err != nil {
		return err
	}
	defer old.Close()
	if err := lock.Take(context.Background(), old, lock.Patience); err != nil {
		return fmt.Errorf("editing %s: %w", e.Path, err)
	}
	now, err := os.ReadFile(e.Path)
	if err != nil {
		return err
	}
	if !bytes.Equal(now, e.Before) {
		return fmt.Errorf("%s: %w", e.Path, ErrChanged)
	}
	info, err := old.Stat()
	if err != nil {
		return err
	}
	temporary := filepath.Join(filepath.Dir(e.Path), fmt.Sprintf(".%s.%d", filepath.Base(e.Path), os.Getpid()))
	err = writeSynced(temporary, e.After, os.O_CREATE|os.O_EXCL, info.Mode().Perm(), info)
	if err == nil {
		err = os.Rename(temporary, e.Path)
	}
	if err != nil {
		return errors.Join(err, os.RemoveAll(temporary))
	}
	return durable.SyncFolder(filepath.Dir(e.Path))
}

// alike gives an open file the mode and owner of another. It is not asked for by its
// name: in a folder of somebody else that may lead elsewhere by now.
func alike(f *os.File, info os.FileInfo) error {
	var have unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &have); err != nil {
		return err
	}
	want, ok := info.Sys().(*syscall.Stat_t)
	if ok && (want.Uid != have.Uid || want.Gid != have.Gid) {
		if err := f.Chown(int(want.Uid), int(want.Gid)); err != nil {
			return err
		}
	}
	return f.Chmod(info.Mode().Perm())
}

// writeSynced writes a file, which becomes like another one if that is given.
func writeSynced(path string, content []byte, flags int, mode os.FileMode, like os.FileInfo) error {
	f, err := os.OpenFile(path, os.O_WRONLY|flags, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil && like != nil {
		err = alike(f, like)
	}
	return errors.Join(err, f.Sync(), f.Close())
}
