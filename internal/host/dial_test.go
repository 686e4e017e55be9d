package host_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"luminousnix/nix/daemon"
)

// TestDialStartsNothingInVain: a program takes the place of a daemon that is not there, but
// not once nobody waits for it any more.
func TestDialStartsNothingInVain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	program := "#!/bin/sh\n: >" + dir + "/started\necho it cannot >&2\nexit 3\n"
	if err := os.WriteFile(filepath.Join(dir, "nix-daemon"), []byte(program), 0o755); err != nil {
		t.Fatal(err)
	}
	h := find(map[string]string{"PATH": dir, "NIX_STATE_DIR": dir + "/state", "HOME": dir + "/home"}, dir+"/root").WithPrograms()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := h.Dial(ended, daemon.Options{})
	if _, started := os.Stat(dir + "/started"); err == nil || !errors.Is(started, os.ErrNotExist) {
		t.Errorf("%v, and looking for the trace of a program: %v", err, started)
	}
	_, err = h.Dial(t.Context(), daemon.Options{})
	if _, started := os.Stat(dir + "/started"); err == nil || started != nil {
		t.Errorf("%v, and looking for the trace of a program: %v", err, started)
	}
}
