package profile_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"luminousnix/internal/testbed"
	"luminousnix/nix/profile"
)

func TestLockIsWaitedFor(t *testing.T) {
	t.Parallel()
	p := newProfile(t, "p", 1, 2)
	lock, err := p.Lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	err = p.Switch(ctx, 1)
	if !errors.Is(err, profile.ErrLocked) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("while locked: %v", err)
	}
	done := make(chan error, 1)
	go func() { done <- p.Switch(context.Background(), 1) }()
	if err := lock.Unlock(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Errorf("after the lock was given back: %v", err)
	}
	if _, err := os.Lstat(string(p) + ".lock"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the lock was left behind: %v", err)
	}
}

// TestLeftLock has the lock of a process that was killed while it held it.
func TestLeftLock(t *testing.T) {
	t.Parallel()
	p := newProfile(t, "p", 1, 2)
	if err := os.WriteFile(string(p)+".lock", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := p.Switch(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	want := []string{"p -> p-1-link", "p-1-link -> /nix/store/target-1", "p-2-link -> /nix/store/target-2"}
	if diff := cmp.Diff(want, files(t, p)); diff != "" {
		t.Error(diff)
	}
}

// TestUnlinkedLock waits for the lock of a process that is killed after it has
// unlinked the file and before it has marked it, when a third one has the lock
// already.
func TestUnlinkedLock(t *testing.T) {
	t.Parallel()
	p := newProfile(t, "p", 1, 2)
	first := flock(t, p)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- p.Switch(ctx, 1) }()
	time.Sleep(20 * time.Millisecond) // it waits
	if err := os.Remove(first.Name()); err != nil {
		t.Fatal(err)
	}
	third := flock(t, p)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; !errors.Is(err, profile.ErrLocked) {
		t.Errorf("while the third held it: %v", err)
	}
	if err := third.Close(); err != nil {
		t.Fatal(err)
	}
	if err := p.Switch(t.Context(), 1); err != nil {
		t.Error(err)
	}
}

// flock locks as another process would.
func flock(t *testing.T, p profile.Profile) *os.File {
	t.Helper()
	file, err := os.OpenFile(string(p)+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestNixEnvWaitsForOurLock holds the lock while nix-env wants it.
func TestNixEnvWaitsForOurLock(t *testing.T) {
	t.Parallel()
	nix := testbed.New(t)
	p := newProfile(t, "p", 1, 2)
	lock, err := p.Lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		done <- nix.Command(t.Context(), "nix-env", "--profile", string(p), "--rollback").Run()
	}()
	select {
	case err := <-done:
		t.Errorf("nix-env did not wait: %v", err)
	case <-time.After(300 * time.Millisecond):
	}
	if err := lock.Unlock(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	if state, err := p.Read(); err != nil || state.Current != 1 {
		t.Errorf("%+v, %v", state, err)
	}
}
