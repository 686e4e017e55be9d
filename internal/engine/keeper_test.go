package engine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"luminousnix/internal/operation"
	"luminousnix/internal/settings"
)

// newEngine is an engine of a machine that has two generations, the first of which is
// current, and nothing else.
func newEngine(t *testing.T, program string) (e *Engine, profile string) {
	t.Helper()
	dir := t.TempDir()
	profile = filepath.Join(dir, "state/profiles/system")
	for _, sub := range []string{"state/profiles", "run", "home"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for n := 1; n <= 2; n++ {
		if err := os.Symlink(fmt.Sprintf("%s/store/%s-nixos-%d", dir, strings.Repeat("0", 32), n), fmt.Sprintf("%s-%d-link", profile, n)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("system-1-link", profile); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{
		"NIX_STORE_DIR": dir + "/store", "NIX_STATE_DIR": dir + "/state", "HOME": dir + "/home",
		"XDG_RUNTIME_DIR": dir + "/run", "LUMINOUS_NIX_ROOT": dir + "/root", "PATH": "/nowhere",
	}
	getenv := func(name string) string { return env[name] }
	loaded, err := settings.Load(settings.Places{Getenv: getenv})
	if err != nil {
		t.Fatal(err)
	}
	return New(Options{Settings: loaded, Getenv: getenv, Program: program}), profile
}

// switching is an operation during which somebody else switches the profile; its answer is
// of what comes after that.
type switching struct {
	t       *testing.T
	profile string
	to      []int // at the first time, at the second…
	asked   int
}

func (s *switching) Execute(_ context.Context, call Call) operation.Result {
	target := s.to[s.asked]
	s.asked++
	if err := os.Remove(s.profile); err != nil {
		s.t.Fatal(err)
	}
	if err := os.Symlink(fmt.Sprintf("system-%d-link", target), s.profile); err != nil {
		s.t.Fatal(err)
	}
	return operation.Result{Operation: call.Operation, Data: &operation.InstalledPackages{Total: target}}
}

// TestChangedWhileItWasRead: an answer is not kept under a state that it is not of.
func TestChangedWhileItWasRead(t *testing.T) {
	t.Parallel()
	e, profile := newEngine(t, "")
	reads := &switching{t: t, profile: profile, to: []int{2, 1, 1}}
	k := &keeper{reads, e}
	ask := func() int {
		op := operation.New(operation.ListPackages, operation.Arguments{Profile: operation.SystemProfile})
		return k.Execute(t.Context(), Call{Operation: op, machine: e.machine()}).Data.(*operation.InstalledPackages).Total
	}
	for step, want := range []struct{ total, asked int }{
		{2, 1}, // from 1 to 2 meanwhile
		{1, 2}, // back to 1 meanwhile
		{1, 3}, // it stays 1
		{1, 3}, // and is kept
	} {
		if total := ask(); total != want.total || reads.asked != want.asked {
			t.Errorf("step %d: %d, read %d times; want %+v", step, total, reads.asked, want)
		}
	}
}
