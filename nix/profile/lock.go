package profile

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// Lock is Nix's lock of a profile, held.
type Lock struct {
	file *os.File
}

// ErrLocked means that another process held the lock until ctx ended.
var ErrLocked = errors.New("another program is changing the profile")

// LockedError is ErrLocked with the file of the lock.
type LockedError struct {
	Path string
	Err  error // why it was not waited for any longer
}

func (e *LockedError) Error() string { return fmt.Sprintf("%v: %v", ErrLocked, e.Err) }

// Is matches [ErrLocked].
func (e *LockedError) Is(target error) bool { return target == ErrLocked }

func (e *LockedError) Unwrap() error { return e.Err }

// The pause between tries doubles from the first to the second. flock cannot be
// waited for with a context, and nothing tells when a lock is free.
const (
	firstPause = 500 * time.Microsecond
	lastPause  = 20 * time.Millisecond
)

// Lock takes <profile>.lock the way Nix does, waiting while somebody else holds
// it. When ctx ends first the error matches both [ErrLocked] and ctx's own.
func (p Profile) Lock(ctx context.Context) (*Lock, error) {
	name := string(p) + ".lock"
	for {
		file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return nil, fmt.Errorf("locking profile: %w", err)
		}
		if err := waitForLock(ctx, file); err != nil {
			file.Close()
			return nil, fmt.Errorf("locking %s: %w", name, err)
		}
		stale, err := isStale(file)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("locking profile: %w", err), file.Close())
		}
		if !stale {
			return &Lock{file}, nil
		}
		file.Close()
	}
}

// isStale reports whether the one who held the lock has unlinked the file: then
// others lock another one. Nix goes by the mark in the file alone, which a
// process that is killed after the unlinking does not write.
func isStale(file *os.File) (bool, error) {
	var stat unix.Stat_t
	if err := unix.Fstat(int(file.Fd()), &stat); err != nil {
		return false, err
	}
	return stat.Size != 0 || stat.Nlink == 0, nil
}

func waitForLock(ctx context.Context, file *os.File) error {
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil || !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR) {
			return err
		}
		select {
		case <-ctx.Done():
			return &LockedError{file.Name(), ctx.Err()}
		case <-time.After(pause):
		}
	}
}

// Unlock gives the lock back: the file is unlinked first and then marked, so
// that a process which waits on the old file knows that it is stale.
func (l *Lock) Unlock() error {
	err := os.Remove(l.file.Name())
	_, writeErr := l.file.WriteString("d")
	return errors.Join(err, writeErr, l.file.Close())
}
