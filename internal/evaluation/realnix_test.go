package evaluation_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/evaluation"
	"luminousnix/internal/host"
	"luminousnix/internal/testbed"
	"luminousnix/nix/eval"
)

// bed is a real Nix, and both evaluators on it.
type bed struct {
	*testbed.Nix
	native  *evaluation.Native
	command *evaluation.Command
}

func newBed(t *testing.T, release testbed.Release) *bed {
	t.Helper()
	nix := testbed.NewWith(t, testbed.Options{Release: release})
	h := host.Find(func(name string) (value string) {
		for _, variable := range nix.Env() {
			if text, ok := strings.CutPrefix(variable, name+"="); ok {
				value = text
			}
		}
		return value
	}, nix.Root)
	return &bed{nix, evaluation.NewNative(h), &evaluation.Command{Host: h, Env: nix.Env()}}
}

// request asks for what an expression gives in which nixpkgs is the bed's.
func (b *bed) request(expression string) evaluation.Request {
	return evaluation.Request{
		Sources:    []evaluation.Source{{Kind: evaluation.Expression, Text: expression}},
		SearchPath: eval.ParseSearchPath("nixpkgs=" + b.Nixpkgs),
		BaseDir:    b.Dir,
	}
}

// TestRealNixSame: both evaluators give the same results, whatever is asked for.
func TestRealNixSame(t *testing.T) {
	t.Parallel()
	for _, release := range testbed.AllReleases(t) {
		t.Run(release.Name, func(t *testing.T) {
			t.Parallel()
			b := newBed(t, release)
			for name, change := range map[string]func(*evaluation.Request){
				"derivations":  func(r *evaluation.Request) { r.Write = true },
				"dry":          func(*evaluation.Request) {},
				"attributes":   func(r *evaluation.Request) { r.Attributes = []string{"hello", "git"} },
				"output":       func(r *evaluation.Request) { r.Attributes = []string{"[0].second"} },
				"link":         func(r *evaluation.Request) { r.Write, r.Link = true, "link" },
				"input":        func(r *evaluation.Request) { r.Sources[0].Kind = evaluation.Input },
				"other system": func(r *evaluation.Request) { r.System = "aarch64-linux" },
				"JSON": func(r *evaluation.Request) {
					r.Want, r.Print = evaluation.Values, evaluation.Printing{Format: evaluation.JSON, Strict: true}
					r.Attributes = []string{"value"}
				},
				"XML": func(r *evaluation.Request) {
					r.Want, r.Print = evaluation.Values, evaluation.Printing{Format: evaluation.XML, Strict: true, NoLocation: true}
					r.Attributes = []string{"value"}
				},
				"argument": func(r *evaluation.Request) {
					r.Want, r.Attributes = evaluation.Values, []string{"function"}
					r.Arguments = []evaluation.Argument{{Name: "x", Text: "a b", IsString: true}, {Name: "y", Text: "1 + 1"}}
				},
				"file": func(r *evaluation.Request) {
					r.Sources, r.Attributes = []evaluation.Source{{Text: "<nixpkgs>"}}, []string{"hello"}
				},
			} {
				r := b.request(`with import <nixpkgs> { }; {
					inherit hello git;
					value = { a = [ 1 2.5 "x" <nixpkgs/default.nix> ]; };
					function = { x, y }: x + toString y;
				}`)
				change(&r)
				if name == "output" {
					r = b.request(`derivation { name = "two"; system = "x"; builder = "b"; outputs = [ "first" "second" ]; }`)
					r.Attributes = []string{"second"}
				}
				if diff := cmp.Diff(same(t, b.command, r), same(t, b.native, r)); diff != "" {
					t.Errorf("%s: %s", name, diff)
				}
			}
		})
	}
}

// given is what two evaluators are to agree on.
type given struct {
	Derivations []evaluation.Derivation
	Values      string
}

func same(t *testing.T, e evaluation.Evaluator, r evaluation.Request) given {
	t.Helper()
	r.NoCache = true
	result, err := e.Evaluate(t.Context(), r)
	if err != nil {
		t.Fatalf("%+v: %v\n%s", r, err, result.Messages)
	}
	// Not every release ends JSON with a line end.
	got := given{result.Derivations, strings.TrimSuffix(strings.Join(result.Values, ""), "\n")}
	for i, d := range got.Derivations {
		if d.Link == "" {
			continue
		}
		// nix-instantiate prints a link as it was given.
		got.Derivations[i].Link = filepath.Base(d.Link)
		if target, err := os.Readlink(filepath.Join(r.BaseDir, got.Derivations[i].Link)); err != nil || target != string(d.Path) {
			t.Errorf("the link leads to %s, %v", target, err)
		}
	}
	return got
}

// TestRealNixWritten: what was written is not written again while it is there.
func TestRealNixWritten(t *testing.T) {
	t.Parallel()
	b := newBed(t, testbed.Release{})
	r := b.request("(import <nixpkgs> { }).hello")
	r.Write = true
	evaluate := func(want bool) evaluation.Derivation {
		t.Helper()
		result, err := b.native.Evaluate(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		if result.Cached != want {
			t.Errorf("cached: %v, want %v (%s)", result.Cached, want, result.Missed)
		}
		if _, err := os.Stat(string(result.Derivations[0].Path)); err != nil {
			t.Error(err)
		}
		return result.Derivations[0]
	}
	collect := func() {
		t.Helper()
		if said, err := b.Command(t.Context(), "nix-store", "--gc").CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, said)
		}
	}
	first := evaluate(false)
	evaluate(true)
	collect()
	if diff := cmp.Diff(first, evaluate(false)); diff != "" {
		t.Error(diff)
	}
	r.Link = filepath.Join(b.Dir, "kept")
	if got := evaluate(true); got.Link != r.Link {
		t.Errorf("the link is %q", got.Link)
	}
	collect()
	r.Link = ""
	evaluate(true)

	// Without a daemon nobody can say whether it is valid, so it is an error as
	// it is without the cache.
	if err := b.Stop(); err != nil {
		t.Fatal(err)
	}
	if result, err := b.native.Evaluate(t.Context(), r); err == nil {
		t.Errorf("without a daemon: %+v", result)
	}
	r.Write = false
	evaluate(false)
	evaluate(true)
}

// TestRealNixImportFromDerivation: what was built for an evaluation is one of its
// inputs. When it is gone, it is built again.
func TestRealNixImportFromDerivation(t *testing.T) {
	t.Parallel()
	b := newBed(t, testbed.Release{})
	r := b.request(`let
		made = derivation { name = "made"; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" "echo '\"result\"' > $out" ]; };
	in derivation { name = import made; system = "x"; builder = "b"; }`)
	r.Write, r.Link = true, filepath.Join(b.Dir, "kept")
	evaluate := func(want bool) {
		t.Helper()
		result, err := b.native.Evaluate(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		if result.Cached != want || !strings.HasSuffix(string(result.Derivations[0].Path), "-result.drv") {
			t.Errorf("cached: %v, want %v (%s), %v", result.Cached, want, result.Missed, result.Derivations)
		}
	}
	evaluate(false)
	evaluate(true)
	if said, err := b.Command(t.Context(), "nix-store", "--gc").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	evaluate(false) // the root keeps the derivation, and nothing what was built
	evaluate(true)
}

// TestRealNixValuesThatName: values of an evaluation that wrote to the store are
// not kept, since nothing says when what they name is gone.
func TestRealNixValuesThatName(t *testing.T) {
	t.Parallel()
	b := newBed(t, testbed.Release{})
	r := b.request(`builtins.toFile "x" "content"`)
	r.Want, r.Write = evaluation.Values, true
	for range 2 {
		if got := evaluate(t, b.native, r); got.Cached {
			t.Error("it is cached")
		}
	}
}

// elsewhere evaluates for another machine, as an evaluator with a mistake would.
type elsewhere struct{ evaluation.Evaluator }

func (e elsewhere) Evaluate(ctx context.Context, r evaluation.Request) (*evaluation.Result, error) {
	r.Arguments = []evaluation.Argument{{Name: "flag", Text: "-O3", IsString: true}}
	return e.Evaluator.Evaluate(ctx, r)
}

// TestRealNixVerify finds the derivation where a difference begins.
func TestRealNixVerify(t *testing.T) {
	t.Parallel()
	for _, release := range testbed.AllReleases(t) {
		t.Run(release.Name, func(t *testing.T) {
			t.Parallel()
			b := newBed(t, release)
			r := b.request(`{ flag ? "-O2" }:
				let make = name: more: derivation ({ inherit name; system = "x"; builder = "/bin/sh"; } // more); in
				make "top" {
					library = make "library" {
						source = make "source" { };
						compiler = make "compiler" { FLAGS = "-g " + flag; args = [ "-c" "build" ]; self = placeholder "out"; };
					};
				}`)
			for _, write := range []bool{false, true} {
				r.Write = write
				good := &evaluation.Verify{Native: b.native, Command: b.command}
				if result, err := good.Evaluate(t.Context(), r); err != nil || len(result.Derivations) != 1 {
					t.Errorf("%+v, %v", result, err)
				}
				bad := &evaluation.Verify{Native: elsewhere{b.native}, Command: b.command}
				_, err := bad.Evaluate(t.Context(), r)
				var difference *evaluation.DifferenceError
				if !errors.As(err, &difference) {
					t.Fatalf("write %v: no difference but %v", write, err)
				}
				want := "top differs in an input\n  library differs in an input\n    differs first in compiler\n" +
					"attribute FLAGS:\n  native:  \"-g -O3\"\n  command: \"-g -O2\"\n"
				if diff := cmp.Diff(want, withoutPaths(difference.Details)); diff != "" {
					t.Errorf("write %v: %s\n%s", write, diff, difference.Details)
				}
			}
		})
	}
}

// withoutPaths leaves out the lines with store paths, and the note before.
func withoutPaths(text string) string {
	var kept strings.Builder
	for line := range strings.Lines(text) {
		if !strings.Contains(line, ".drv") && !strings.HasPrefix(line, "The nix command was run") {
			kept.WriteString(line)
		}
	}
	return kept.String()
}
