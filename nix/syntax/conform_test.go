package syntax_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/nix/syntax"
)

// dirs are the directories of the cases' paths.
var dirs = syntax.Dirs{Base: "/base", Home: "/home/me"}

// TestOkay compares files with what nix-instantiate --parse prints of them.
func TestOkay(t *testing.T) {
	t.Parallel()
	for _, name := range cases(t, filepath.Join("testdata", "okay")) {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			f, err := syntax.Parse(name, read(t, name+".nix"), syntax.ParseOptions{PipeOperators: true})
			if err != nil {
				t.Fatal(err)
			}
			compare(t, name+".exp", syntax.Desugar(f, dirs)+"\n")
		})
	}
}

// TestFail compares the errors of files with what Nix prints of them, after which
// the expectations have the hint.
func TestFail(t *testing.T) {
	t.Parallel()
	for _, name := range cases(t, filepath.Join("testdata", "fail")) {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			_, err := syntax.Parse("«stdin»", read(t, name+".nix"), syntax.ParseOptions{})
			var e *syntax.Error
			if !errors.As(err, &e) {
				t.Fatalf("the error is %v", err)
			}
			got := e.Render() + "\n"
			if e.Hint != "" {
				got += "hint: " + e.Hint + "\n"
			}
			compare(t, name+".exp", got)
		})
	}
}

// cases are the files of a directory that end in .nix, without that.
func cases(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.nix"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no cases in %s: %v", dir, err)
	}
	for i := range names {
		names[i] = strings.TrimSuffix(names[i], ".nix")
	}
	return names
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// compare compares with a file, or writes it if UPDATE is set.
func compare(t *testing.T, name, got string) {
	t.Helper()
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if d := cmp.Diff(string(read(t, name)), got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}
