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

// lockPoll is how long to wait between tries. flock cannot be waited for with a
// context, and nothing tells when a lock is free.
const lockPoll = 20 * time.Millisecond

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
		info, err := file.Stat()
		if err != nil {
			file.Close()
			return nil, fmt.Errorf("locking profile: %w", err)
		}
		if info.Size() == 0 {
			return &Lock{file}, nil
		}
		// Whoever held it unlinked the file and marked it stale: once more.
		file.Close()
	}
}

func waitForLock(ctx context.Context, file *os.File) error {
	for {
		err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil || !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR) {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", ErrLocked, ctx.Err())
		case <-time.After(lockPoll):
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
