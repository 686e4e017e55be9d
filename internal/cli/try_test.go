package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"luminousnix/internal/testbed"
)

// TestTryAtTerminal starts the shell that SHELL names, in which Ctrl-C ends neither it
// nor ask-nix, and leaves no root behind when it ends.
func TestTryAtTerminal(t *testing.T) {
	t.Parallel()
	nix := testbed.New(t)
	cmd := nix.Command(t.Context(), binary, "try", "cowsay")
	runtime := t.TempDir()
	cmd.Env = append(cmd.Env, "SHELL=/bin/sh", "PS1=ready> ", "NO_COLOR=1", "XDG_RUNTIME_DIR="+runtime)
	screen, status := runAtTerminal(t, cmd, "ready> ", "\x03\ncommand -v cowsay\nexit 5\n")
	if status != 5 || !strings.Contains(screen, "/bin/cowsay") || !strings.Contains(screen, "in this shell, until `exit`") {
		t.Errorf("status %d\n%s", status, screen)
	}
	if left, err := os.ReadDir(filepath.Join(runtime, "luminous-nix", "try")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
