package lock_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"luminousnix/internal/lock"
)

func open(t *testing.T, path string) *os.File {
	t.Helper()
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	return file
}

// TestHolder: who has a lock is named by process and command, also by somebody who waits in
// vain, and nobody is where nobody has it.
func TestHolder(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	first, second := open(t, path), open(t, path)
	if h, ok := lock.Find(path); ok {
		t.Errorf("nobody has it, and yet %v", h)
	}
	if err := lock.Take(t.Context(), first, 0); err != nil {
		t.Fatal(err)
	}
	want := lock.Holder{PID: os.Getpid(), Argv: os.Args}
	got, ok := lock.Find(path)
	if diff := cmp.Diff(want, got); diff != "" || !ok {
		t.Error(ok, diff)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for name, take := range map[string]func() error{
		"after a while":   func() error { return lock.Take(t.Context(), second, 5*time.Millisecond) },
		"when ctx ended":  func() error { return lock.Take(ended, second, time.Hour) },
		"without waiting": func() error { return lock.Take(t.Context(), second, 0) },
	} {
		var held *lock.HeldError
		if err := take(); !errors.As(err, &held) || held.Holder.PID != os.Getpid() || !strings.Contains(err.Error(), "lock.test") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := unix.Flock(int(first.Fd()), unix.LOCK_UN); err != nil {
		t.Fatal(err)
	}
	if err := lock.Take(t.Context(), second, 0); err != nil {
		t.Error(err)
	}
}

func TestHolderForPeople(t *testing.T) {
	t.Parallel()
	for want, h := range map[string]lock.Holder{
		"process 7":                  {PID: 7},
		"process 7 (ask-nix switch)": {PID: 7, Argv: []string{"/usr/bin/ask-nix", "switch", "--option", "secret"}},
		"process 7 (nix-env)":        {PID: 7, Argv: []string{"nix-env", "--option", "secret"}},
	} {
		if got := h.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
