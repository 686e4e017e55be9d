package syntax_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"luminousnix/nix/syntax"
)

// TestNixSuite runs the parser's part of the language tests of Nix, whose source is
// in the directory NIX_SRC.
func TestNixSuite(t *testing.T) {
	t.Parallel()
	source := os.Getenv("NIX_SRC")
	if source == "" {
		t.Skip("NIX_SRC is not set to a directory with the source of Nix")
	}
	lang := filepath.Join(source, "tests", "functional", "lang")
	okay, exact := 0, 0
	names, _ := filepath.Glob(filepath.Join(lang, "parse-okay-*.nix"))
	for _, name := range names {
		f, err := syntax.Parse("«stdin»", read(t, name), syntax.ParseOptions{})
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(name), err)
			continue
		}
		okay++
		got := syntax.Desugar(f, syntax.Dirs{Base: "/pwd/lang", Home: "/fake-home"})
		if want := read(t, strings.TrimSuffix(name, "nix")+"exp"); strings.TrimSpace(string(want)) == got {
			exact++
		} else {
			t.Errorf("%s:\nwant %s\ngot  %s", filepath.Base(name), want, got)
		}
	}
	t.Logf("parse-okay: %d of %d, %d of them exact", okay, len(names), exact)

	fail, exact := 0, 0
	names, _ = filepath.Glob(filepath.Join(lang, "parse-fail-*.nix"))
	for _, name := range names {
		err := parseAndCheck(read(t, name))
		var e *syntax.Error
		if !errors.As(err, &e) {
			t.Errorf("%s: the error is %v", filepath.Base(name), err)
			continue
		}
		fail++
		got := e.Render()
		if want := read(t, strings.TrimSuffix(name, "nix")+"err.exp"); strings.TrimSpace(string(want)) == got {
			exact++
		} else {
			t.Errorf("%s:\nwant %s\ngot  %s", filepath.Base(name), want, got)
		}
	}
	t.Logf("parse-fail: %d of %d, %d of them exact", fail, len(names), exact)
}

// parseAndCheck parses a file that can use the variables true, false and null.
func parseAndCheck(source []byte) error {
	f, err := syntax.Parse("«stdin»", source, syntax.ParseOptions{})
	if err != nil {
		return err
	}
	return syntax.Check(f, global)
}

func global(name string) bool {
	switch name {
	case "true", "false", "null", "builtins", "import", "map":
		return true
	}
	return false
}
