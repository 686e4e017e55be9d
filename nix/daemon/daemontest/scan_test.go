package daemontest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/nix/store"
)

// TestScanner finds hash parts wherever writes are cut.
func TestScanner(t *testing.T) {
	t.Parallel()
	a := store.Path("/nix/store/" + strings.Repeat("a", 32) + "-a")
	b := store.Path("/nix/store/0123456789abcdfghijklmnpqrsvwxyz-b")
	c := store.Path("/nix/store/" + strings.Repeat("c", 32) + "-c")
	text := "x" + string(b) + "/bin\x00" + strings.Repeat("c", 31) + "e" + strings.Repeat("a", 40)
	for n := 1; n <= len(text); n++ {
		scan := newScanner([]store.Path{a, b, c})
		for rest := text; rest != ""; {
			piece := rest[:min(n, len(rest))]
			rest = rest[len(piece):]
			scan.Write([]byte(piece))
		}
		if diff := cmp.Diff([]store.Path{b, a}, scan.found()); diff != "" {
			t.Errorf("in pieces of %d: %s", n, diff)
		}
		if sum, size := scan.sum(); sum != store.Sum(store.SHA256, []byte(text)) || size != int64(len(text)) {
			t.Errorf("in pieces of %d: %s, %d bytes", n, sum, size)
		}
	}
}
