package testbed

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// start is Start in dir, and Stop at the end of the test if it forgets to.
func start(t *testing.T, dir string) *Nix {
	t.Helper()
	t.Cleanup(func() { _ = RemoveAll(dir) })
	n, err := Start(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = n.Stop()
		if t.Failed() {
			t.Logf("the daemon's log:\n%s", n.daemonLog())
		}
	})
	return n
}

func TestStopLeavesNoProcess(t *testing.T) {
	t.Parallel()
	n := start(t, t.TempDir())

	// A build that would outlive its daemon, and whose child would outlive it.
	const expression = `derivation { name = "slow"; system = builtins.currentSystem; builder = "/bin/sh";
		PATH = "/usr/bin:/bin"; args = [ "-c" "sleep 300 & sleep 300" ]; }`
	client := n.Command(t.Context(), "nix-build", "--no-out-link", "--expr", expression)
	if err := client.Start(); err != nil {
		t.Fatal(err)
	}
	stopDuringBuild(t, n)
	if err := client.Wait(); err == nil {
		t.Error("the build succeeded without a daemon")
	}
	for _, path := range []string{n.Socket, n.pidFile()} {
		if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is left: %v", path, err)
		}
	}
	if err := n.Stop(); err != nil {
		t.Errorf("second Stop: %v", err)
	}
}

// stopDuringBuild waits for a build of two processes, stops the daemon, and sees
// whether all of them are gone.
func stopDuringBuild(t *testing.T, n *Nix) {
	t.Helper()
	// The daemon, its child for the client, the builder, and two sleeps.
	if !waitUntil(10*time.Second, func() bool { return len(n.Processes()) >= 5 }) {
		t.Fatalf("the build did not start; processes: %v", n.Processes())
	}
	before := n.Processes()

	if err := n.Stop(); err != nil {
		t.Fatal(err)
	}
	if left := n.Processes(); len(left) > 0 {
		t.Errorf("processes %v are left", left)
	}
	for _, pid := range before {
		// One that has just been killed takes a moment to become a zombie.
		if !waitUntil(2*time.Second, func() bool { _, alive := parentOf(pid); return !alive }) {
			t.Errorf("process %d is alive", pid)
		}
	}
}

func TestStopFrozenDaemon(t *testing.T) {
	t.Parallel()
	n := start(t, t.TempDir())
	if err := syscall.Kill(n.pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	if err := n.Stop(); err != nil {
		t.Fatal(err)
	}
	if left := n.Processes(); len(left) > 0 {
		t.Errorf("processes %v are left", left)
	}
}

func TestStartAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := start(t, dir)
	path, err := first.output(t.Context(), "nix-store", "--add", first.configurationFile())
	if err != nil {
		t.Fatal(err)
	}
	if err := first.WriteConfiguration(System{HostName: "kept"}); err != nil {
		t.Fatal(err)
	}
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}

	second := start(t, dir)
	if _, err := second.output(t.Context(), "nix-store", "--check-validity", path); err != nil {
		t.Error(err)
	}
	if text := read(t, second.configurationFile()); !strings.Contains(text, "kept") {
		t.Errorf("the configuration was replaced:\n%s", text)
	}
}

func TestStartCancelled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Start(ctx, dir); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v, want %v", err, context.Canceled)
	}
	if left := layout(dir).Processes(); len(left) > 0 {
		t.Errorf("processes %v are left", left)
	}
}

// The socket of a directory with a long name is elsewhere, and goes away too.
func TestLongDirectory(t *testing.T) {
	t.Parallel()
	n := start(t, filepath.Join(t.TempDir(), strings.Repeat("long", 25)))
	if len(n.Socket) > maxSocketPath {
		t.Errorf("the socket's path has %d bytes: %s", len(n.Socket), n.Socket)
	}
	if _, err := n.output(t.Context(), "nix-store", "--add", n.configurationFile()); err != nil {
		t.Error(err)
	}
	if err := n.Stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(filepath.Dir(n.Socket)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is left: %v", filepath.Dir(n.Socket), err)
	}
}

func TestStartRefusesDirectory(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "my demo")
	if _, err := Start(t.Context(), dir); err == nil || !strings.Contains(err.Error(), "my demo") {
		t.Errorf("a directory with a space: %v", err)
	}
}

// Commands see nothing of the environment that the tests run in.
func TestCommandEnvironment(t *testing.T) {
	t.Setenv("NIX_PATH", "nixpkgs=/nowhere")
	t.Setenv("LUMINOUS_STRAY", "1")
	n := New(t)
	got, err := n.output(t.Context(), "nix-instantiate", "--eval", "--strict", "--expr",
		`[ (toString <nixpkgs>) builtins.storeDir (builtins.getEnv "LUMINOUS_STRAY") ]`)
	if err != nil {
		t.Fatal(err)
	}
	want := `[ "` + n.Nixpkgs + `" "` + n.StoreDir + `" "" ]`
	if got != want {
		t.Errorf("evaluated %s, want %s", got, want)
	}
}

func read(t *testing.T, path ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
