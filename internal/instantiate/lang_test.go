package instantiate

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// langCase is one case of Nix's own language tests: NAME.nix and what is expected
// of it beside.
type langCase struct{ name string }

func (c langCase) file(extension string) string { return "lang/" + c.name + extension }

// read returns an expectation, "" when there is none.
func (c langCase) read(extension string) (text string, ok bool) {
	content, err := os.ReadFile(c.file(extension))
	return string(content), err == nil
}

// outcome is what a run gave.
type outcome struct {
	status      int
	out, stderr string
}

// tally counts cases of a kind.
type tally struct{ cases, status, exact int }

// TestLanguage runs the language tests of Nix, from a checkout of NixOS/nix that
// NIX_SRC names: they cannot be part of this repository. It prints how many cases
// end with the right status and how many print exactly what is expected.
func TestLanguage(t *testing.T) {
	source := os.Getenv("NIX_SRC")
	if source == "" {
		t.Skip("NIX_SRC does not name a checkout of NixOS/nix; see make test-lang")
	}
	functional, err := filepath.EvalSymlinks(filepath.Join(source, "tests", "functional"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(functional)
	// These are settings of the tests' own nix.conf, as Nix has them run.
	settings := "experimental-features = nix-command flakes\nshow-trace = true\n"
	for name, value := range map[string]string{
		"NIX_CONFIG": settings, "NIX_CONF_DIR": "/nowhere", "NIX_USER_CONF_FILES": "/nowhere", "TEST_VAR": "foo", "NIX_REMOTE": "dummy://", "NIX_STORE_DIR": "/nix/store",
	} {
		t.Setenv(name, value)
	}
	// What holds for the tests of 2026-08-22, before 2.36: fewer is a step back.
	for kind, least := range map[string]tally{
		"parse-okay": {13, 13, 13}, "parse-fail": {41, 41, 41}, "eval-okay": {148, 146, 146}, "eval-fail": {283, 283, 279},
	} {
		counts := runKind(t, kind)
		t.Logf("%s: %d cases, %d with the right status, %d exact", kind, counts.cases, counts.status, counts.exact)
		if counts.cases-counts.status > least.cases-least.status || counts.cases-counts.exact > least.cases-least.exact {
			t.Errorf("%s: %+v is worse than %+v", kind, counts, least)
		}
	}
}

func runKind(t *testing.T, kind string) (counts tally) {
	t.Helper()
	files, err := filepath.Glob("lang/" + kind + "-*.nix")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases of %s: %v", kind, err)
	}
	for _, file := range files {
		c := langCase{strings.TrimSuffix(filepath.Base(file), ".nix")}
		if _, disabled := c.read(".exp-disabled"); disabled {
			continue
		}
		status, exact := c.run(t, kind)
		counts.cases++
		if status {
			counts.status++
		}
		if exact {
			counts.exact++
		}
		if testing.Verbose() && !(status && exact) {
			t.Logf("%s: status %v, exact %v", c.name, status, exact)
		}
	}
	return counts
}

// run runs one case and says whether its status and its output are as expected.
func (c langCase) run(t *testing.T, kind string) (status, exact bool) {
	t.Helper()
	switch kind {
	case "parse-okay":
		got := c.parse(t)
		return got.status == 0, c.matches(".exp", got.out) && c.matches(".err.exp", got.stderr)
	case "parse-fail":
		got := c.parse(t)
		return got.status == 1, c.matches(".err.exp", got.stderr)
	case "eval-fail":
		args := []string{"--eval", "--strict", "--show-trace"}
		if flags, ok := c.read(".flags"); ok {
			args = words(flags)
		}
		got := c.instantiate("", append(args, c.file(".nix"))...)
		return got.status == 1, c.matches(".err.exp", got.stderr)
	}
	if _, ok := c.read(".exp.xml"); ok {
		got := c.instantiate("", "--eval", "--xml", "--no-location", "--strict", c.file(".nix"))
		return got.status == 0, c.matches(".exp.xml", got.out)
	}
	t.Setenv("NIX_PATH", "lang/dir3:lang/dir4")
	t.Setenv("HOME", "/fake-home")
	flags, _ := c.read(".flags")
	got := c.instantiate("", append(append(words(flags), "--eval", "--strict"), c.file(".nix"))...)
	return got.status == 0, c.matches(".exp", got.out) && c.matches(".err.exp", got.stderr)
}

// words splits flags, of which the first line counts, without its comment.
func words(flags string) []string {
	line, _, _ := strings.Cut(flags, "\n")
	line, _, _ = strings.Cut(line, "#")
	return strings.Fields(line)
}

func (c langCase) parse(t *testing.T) outcome {
	t.Helper()
	source, ok := c.read(".nix")
	if !ok {
		t.Fatalf("%s cannot be read", c.name)
	}
	return c.instantiate(source, "--parse", "-")
}

func (c langCase) instantiate(in string, args ...string) outcome {
	var out, stderr bytes.Buffer
	args = append([]string{"--backend", "native", "--no-eval-cache"}, args...)
	status := run(context.Background(), args, strings.NewReader(in), &out, &stderr, os.Environ())
	return outcome{status, c.anonymous(out.String()), c.anonymous(stderr.String())}
}

// anonymous names the folder of the tests as their expectations do.
func (c langCase) anonymous(text string) string {
	here, err := os.Getwd()
	if err != nil {
		return text
	}
	return strings.ReplaceAll(text, here, "/pwd")
}

// matches compares with an expectation; one that is not there is empty.
func (c langCase) matches(extension, got string) bool {
	want, _ := c.read(extension)
	return got == want
}
