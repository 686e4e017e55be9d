package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"luminousnix/internal/testbed"
)

// slowSystem is a configuration with a package that takes so many seconds.
func slowSystem(name, seconds string) string {
	return `{ config, pkgs, ... }:
{
  imports = [ ./hardware-configuration.nix ];
  luminous.release = "25.11";
  environment.systemPackages = [ (derivation {
    name = "` + name + `"; system = builtins.currentSystem; builder = "/bin/sh"; PATH = "/usr/bin:/bin"; args = [ "-c" "sleep ` + seconds + `; mkdir $out" ];
  }) ];
}`
}

// TestProgressAtTerminal builds at a terminal: what is built is drawn in one place and gone
// in the end, and the cursor is there again, also after Ctrl-C, with which the build ends.
func TestProgressAtTerminal(t *testing.T) {
	t.Parallel()
	nix := testbed.New(t)
	if err := nix.AddHistory(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, seconds string
		key           string // is typed when the picture is there
		shown         string
		status        int
	}{
		{"slow-1.0", "1.2", "", "  Built ", 0},
		{"slow-1.1", "30", "\x03", "ask-nix: interrupted", 130},
	} {
		err := os.WriteFile(filepath.Join(nix.Root, "etc/nixos/configuration.nix"), []byte(slowSystem(test.name, test.seconds)), 0o644)
		if err != nil {
			t.Fatal(err)
		}
		s := atTerminal(t, nix, "build")
		s.expect("\x1b[?25l")
		s.expect("└─ ")
		s.expect(test.name)
		s.expect("builds: 1 running")
		s.typed(test.key)
		s.expect("\x1b[J\x1b[?25h")
		s.expect(test.shown)
		if status := s.leaves(); status != test.status {
			t.Errorf("exit status %d, want %d:\n%s", status, test.status, s.screen)
		}
		if strings.LastIndex(s.screen, "\x1b[?25l") > strings.LastIndex(s.screen, "\x1b[?25h") {
			t.Errorf("the cursor is left hidden:\n%q", s.screen)
		}
		if strings.Count(s.screen, "Building nixos-system-") != 1 {
			t.Errorf("it is not drawn in one place:\n%s", s.screen)
		}
	}
}

// atTerminal starts ask-nix at a terminal that can draw.
func atTerminal(t *testing.T, nix *testbed.Nix, args ...string) *session {
	t.Helper()
	person, program := openTerminal(t)
	if err := unix.IoctlSetWinsize(int(person.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 100}); err != nil {
		t.Fatal(err)
	}
	cmd := nix.Command(t.Context(), binary, args...)
	cmd.Dir = t.TempDir()
	cmd.Env = append(cmd.Env, "TERM=xterm", "NO_COLOR=1", "LUMINOUS_NIX_ALLOW_UNPRIVILEGED=1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = program, program, program
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	program.Close()
	s := &session{t: t, cmd: cmd, person: person, ended: make(chan struct{})}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		select {
		case <-s.ended:
		case <-time.After(10 * time.Second):
		}
	})
	go s.watch()
	return s
}
