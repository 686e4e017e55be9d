package shelf

import (
	"os"
	"testing"
	"time"

	"luminousnix/internal/evaluation"
)

// TestNixpkgs makes the catalogue of the tree that NIXPKGS names, and prints what
// came of it. SHELF is where it stays, and WITHOUT_PATHS leaves the paths out.
func TestNixpkgs(t *testing.T) {
	tree := os.Getenv("NIXPKGS")
	if tree == "" {
		t.Skip("NIXPKGS does not name a tree of nixpkgs")
	}
	dir := os.Getenv("SHELF")
	if dir == "" {
		dir = t.TempDir()
	}
	evaluation.CollectLate()
	began := time.Now()
	s := Shelf{dir}
	count := 0
	built, err := s.Build(t.Context(), Tree{Path: tree, Evaluator: native(), WithoutPaths: os.Getenv("WITHOUT_PATHS") != ""}, func(n int) { count = n })
	if err != nil {
		t.Fatal(err)
	}
	for _, failure := range built.Failures {
		t.Log(failure)
	}
	t.Logf("%s of %s (%s): %d packages of %d entries, %d bytes; %d failures, warnings %q; %v",
		built.Name, built.Date, built.ID, count, built.Entries, built.Bytes, len(built.Failures), built.Warnings, time.Since(began))
}
