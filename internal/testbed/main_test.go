package testbed

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func TestUpDown(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "demo")
	run := func(args ...string) string {
		t.Helper()
		var stdout, stderr bytes.Buffer
		if status := Main(args, &stdout, &stderr); status != 0 {
			t.Fatalf("testbed %v: status %d\n%s", args, status, stderr.String())
		}
		return stdout.String()
	}
	t.Cleanup(func() { _ = RemoveAll(dir) })
	t.Cleanup(func() { _ = down(dir) })

	// The number in a stale file may be that of somebody else by now: ours.
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	n := layout(dir)
	if err := os.WriteFile(n.pidFile(), []byte(strconv.Itoa(os.Getpid())), 0o644); err != nil {
		t.Fatal(err)
	}
	exports := run("up", dir)

	shell := exec.Command("/bin/sh", "-euc", exports+`
nix-env -p "$NIX_STATE_DIR/profiles/system" --list-generations | wc -l
cat "$LUMINOUS_NIX_ROOT/run/current-system/nixos-version"; echo
cat "$LUMINOUS_NIX_ROOT/run/booted-system/nixos-version"; echo
nix-build '<nixpkgs/nixos>' -A config.system.build.toplevel --no-out-link
readlink "$LUMINOUS_NIX_ROOT/run/current-system"`)
	installed, err := Installed()
	if err != nil {
		t.Fatal(err)
	}
	shell.Env = []string{"PATH=" + searchPath(installed.BinDir)}
	out, err := shell.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) != 5 || lines[0] != "3" || !strings.HasPrefix(lines[1], "25.11.") || !strings.HasPrefix(lines[2], "25.05.") {
		t.Errorf("the shell says\n%s", out)
	} else if lines[3] != lines[4] {
		t.Errorf("the configuration is not that of the running system:\n%s\n%s", lines[3], lines[4])
	}

	pid := read(t, n.pidFile())
	if again := run("up", dir); again != exports || read(t, n.pidFile()) != pid {
		t.Errorf("a second up is not the same:\n%s", again)
	}
	run("down", dir)
	if left := n.Processes(); len(left) > 0 {
		t.Errorf("processes %v are left", left)
	}
	run("down", dir)
	if _, err := os.Stat(n.SystemProfile); err != nil {
		t.Errorf("down removed files: %v", err)
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{nil, {"up"}, {"sideways", "/tmp"}, {"up", "a", "b"}} {
		var stdout, stderr bytes.Buffer
		if status := Main(args, &stdout, &stderr); status != 2 || stdout.Len() > 0 || !strings.HasPrefix(stderr.String(), "usage: ") {
			t.Errorf("testbed %v: status %d, %q", args, status, stderr.String())
		}
	}
}

func TestQuoteShell(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "plain", "it's", `a "b" $c \d`, "two\nlines", "`x`"} {
		out, err := exec.Command("/bin/sh", "-c", "printf %s "+quoteShell(text)).Output()
		if err != nil || string(out) != text {
			t.Errorf("%q comes back as %q, %v", text, out, err)
		}
	}
}
