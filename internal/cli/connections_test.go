package cli_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"luminousnix/internal/testbed"
)

// TestConnections counts the connections to the daemon that an installation makes, and a
// removal: one for all of it, and one of the evaluation.
func TestConnections(t *testing.T) {
	t.Parallel()
	nix := testbed.New(t)
	connections := func() int {
		log, err := os.ReadFile(filepath.Join(nix.Dir, "nix-daemon.log"))
		if err != nil {
			t.Fatal(err)
		}
		return bytes.Count(log, []byte("accepted connection"))
	}
	for _, test := range []struct {
		word, name string
		most       int
	}{
		{"install", "git", 2},
		{"install", "git", 2},
		{"install", "htop", 2},
		{"remove", "git", 1},
	} {
		before := connections()
		if out, err := nix.Command(t.Context(), binary, test.word, test.name, "--user", "--yes").CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if got := connections() - before; got < 1 || got > test.most {
			t.Errorf("%s %s: %d connections, want at most %d", test.word, test.name, got, test.most)
		}
	}
}
