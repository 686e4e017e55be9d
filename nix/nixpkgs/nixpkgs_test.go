package nixpkgs_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/nix/eval"
	"luminousnix/nix/nixpkgs"
)

// tree makes a folder with a default.nix.
func tree(tb testing.TB, text string) string {
	tb.Helper()
	dir := tb.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "default.nix"), []byte(text), 0o644); err != nil {
		tb.Fatal(err)
	}
	return dir
}

// prelude makes packages as nixpkgs does, with meta apart from the derivation.
const prelude = `
{ config ? { }, lib ? { } }:
let
  pkg = name: meta: derivation { inherit name; system = "x86_64-linux"; builder = "b"; } // { inherit meta; };
  refused = name: meta: pkg name meta // {
    drvPath = if config.allowAll or false then (pkg name { }).drvPath else throw "${name} is refused";
  };
in
`

// all collects the packages and the kinds of those that failed, by attribute.
func all(tb testing.TB, o nixpkgs.Options) ([]nixpkgs.Package, map[string]eval.ErrorKind) {
	tb.Helper()
	var packages []nixpkgs.Package
	failures := make(map[string]eval.ErrorKind)
	for p, err := range nixpkgs.Packages(tb.Context(), o) {
		var failed *nixpkgs.FailedError
		var e *eval.Error
		switch {
		case err == nil:
			packages = append(packages, p)
		case errors.As(err, &failed) && errors.As(err, &e) && failed.Attribute == p.Attribute:
			failures[p.Attribute] = e.Kind
		default:
			tb.Fatal(err)
		}
	}
	return packages, failures
}

func attributes(packages []nixpkgs.Package) []string {
	var names []string
	for _, p := range packages {
		names = append(names, p.Attribute)
	}
	return names
}

// TestAttributes finds what nix-env finds, in its order, with one worker and many.
func TestAttributes(t *testing.T) {
	t.Parallel()
	dir := tree(t, prelude+`
	{
	  b = pkg "b-1" { };
	  a = rec { recurseForDerivations = true; z = pkg "z-1" { }; y = z; "a b" = pkg "q" { }; deeper = { recurseForDerivations = true; n = pkg "n" { }; }; };
	  not = { recurseForDerivations = false; x = pkg "x" { }; };
	  nor = { x = pkg "x" { }; };
	  list = [ (pkg "l" { }) ];
	  "1x" = pkg "x" { };
	  f = x: x;
	  called = { recurseForDerivations = true; __functor = self: { lib ? 1 }: { c = pkg "c-2" { }; }; };
	  gone = throw "gone";
	  wrong = assert false; 1;
	  typed = builtins.length 1;
	  missing = { }.x;
	  cycle = let x = x; in x;
	  deep = let f = n: 1 + f n; in f 1;
	  badSet = { recurseForDerivations = throw "who knows"; };
	  half = pkg "half-1" { description = throw "d"; mainProgram = "half"; };
	}`)
	for _, workers := range []int{1, 2, 8} {
		packages, failures := all(t, nixpkgs.Options{Tree: dir, Workers: workers})
		want := []string{"a.deeper.n", "a.y", "b", "called.c"}
		if diff := cmp.Diff(want, attributes(packages)); diff != "" {
			t.Errorf("%d workers: %s", workers, diff)
		}
		wantFailures := map[string]eval.ErrorKind{
			"gone": eval.KindThrow, "wrong": eval.KindAssertion, "typed": eval.KindType, "missing": eval.KindMissingAttribute,
			"cycle": eval.KindInfiniteRecursion, "deep": eval.KindStackOverflow, "badSet": eval.KindThrow, "half": eval.KindThrow,
		}
		if diff := cmp.Diff(wantFailures, failures); diff != "" {
			t.Errorf("%d workers: %s", workers, diff)
		}
	}
}

// TestFailedPackage has what could be read of a package beside the error.
func TestFailedPackage(t *testing.T) {
	t.Parallel()
	dir := tree(t, prelude+`{ half = pkg "half-1" { description = throw "d"; mainProgram = "half"; }; }`)
	for p, err := range nixpkgs.Packages(t.Context(), nixpkgs.Options{Tree: dir}) {
		var failed *nixpkgs.FailedError
		if !errors.As(err, &failed) || failed.Error() != "half: d" {
			t.Errorf("error %v", err)
		}
		if p.Name != "half-1" || p.MainProgram != "half" || p.DrvPath == "" {
			t.Errorf("got %+v", p)
		}
	}
}

// TestMeta reads the forms that meta has had over the years.
func TestMeta(t *testing.T) {
	t.Parallel()
	dir := tree(t, prelude+`
	{
	  empty = pkg "empty" { };
	  new = pkg "new-1.2" {
	    description = "d"; longDescription = "l"; homepage = [ "h1" "h2" ]; mainProgram = "m"; position = "f.nix:3";
	    license = [ { spdxId = "MIT"; free = true; } { shortName = "x"; fullName = "X"; free = false; } ];
	    maintainers = [ { name = "a"; } { name = "b"; } ]; platforms = [ "x86_64-linux" ];
	    knownVulnerabilities = [ "CVE-1" ]; broken = true;
	  } // { pname = "new"; version = "1.2"; outputs = [ "out" "man" ]; };
	  old = pkg "old-3" { homepage = "h"; license = "unfree"; maintainers = [ "a" ]; broken = "true"; platforms = null; description = null; };
	  nameless = pkg "nameless" { license = { fullName = "Full"; }; unfree = true; homepage = 1; maintainers = { }; };
	}`)
	packages, failures := all(t, nixpkgs.Options{Tree: dir, WithoutPaths: true})
	want := []nixpkgs.Package{
		{Attribute: "empty", Name: "empty", PName: "empty", System: "x86_64-linux", Outputs: []string{"out"}},
		{
			Attribute: "nameless", Name: "nameless", PName: "nameless", System: "x86_64-linux", Outputs: []string{"out"},
			Licenses: []string{"Full"}, Unfree: true,
		},
		{
			Attribute: "new", Name: "new-1.2", PName: "new", Version: "1.2", System: "x86_64-linux", Outputs: []string{"out", "man"},
			Description: "d", LongDescription: "l", Homepage: []string{"h1", "h2"}, MainProgram: "m", Position: "f.nix:3",
			Licenses: []string{"MIT", "x"}, Maintainers: 2, Platforms: []string{"x86_64-linux"},
			Vulnerabilities: []string{"CVE-1"}, Broken: true, Unfree: true,
		},
		{
			Attribute: "old", Name: "old-3", PName: "old", Version: "3", System: "x86_64-linux", Outputs: []string{"out"},
			Homepage: []string{"h"}, Licenses: []string{"unfree"}, Maintainers: 1, Broken: true, Unfree: true,
		},
	}
	if diff := cmp.Diff(want, packages); diff != "" || len(failures) > 0 {
		t.Errorf("%v %s", failures, diff)
	}
	if !packages[2].Insecure() || packages[0].Insecure() {
		t.Error("insecure is who has vulnerabilities")
	}
}

// TestRefused reads what the tree says of a package that it refuses to build.
func TestRefused(t *testing.T) {
	t.Parallel()
	dir := tree(t, prelude+`{ p = refused "p-1" { broken = true; }; }`)
	packages, _ := all(t, nixpkgs.Options{Tree: dir})
	if len(packages) != 1 || packages[0].Refused != "p-1 is refused" || packages[0].DrvPath != "" || !packages[0].Broken {
		t.Errorf("got %+v", packages)
	}
	packages, _ = all(t, nixpkgs.Options{Tree: dir, Config: "{ allowAll = true; }"})
	if len(packages) != 1 || packages[0].DrvPath == "" || packages[0].OutputPath == "" || packages[0].Refused != "" {
		t.Errorf("got %+v", packages)
	}
}

// TestPlatformPatterns asks the tree's lib which systems a pattern means.
func TestPlatformPatterns(t *testing.T) {
	t.Parallel()
	const older = `{
	  systems.doubles.all = [ "x86_64-linux" "aarch64-linux" "x86_64-darwin" ];
	  systems.elaborate = { system }: { inherit system; parsed.kernel = builtins.elemAt (builtins.split "-" system) 2; };
	  matchAttrs = pattern: parsed: pattern.kernel == parsed.kernel;
	}`
	const newer = `{
	  systems.doubles.all = [ "x86_64-linux" "aarch64-linux" "x86_64-darwin" ];
	  systems.elaborate = { system }: { inherit system; parsed.kernel = builtins.elemAt (builtins.split "-" system) 2; };
	  meta.platformMatch = platform: pattern: pattern.kernel == platform.parsed.kernel;
	}`
	for name, test := range map[string]struct {
		lib, platforms string
		want           []string
		kind           eval.ErrorKind
	}{
		"older":    {older, `[ { kernel = "linux"; } "riscv64-linux" ]`, []string{"x86_64-linux", "aarch64-linux", "riscv64-linux"}, 0},
		"newer":    {newer, `[ { kernel = "darwin"; } { kernel = "darwin"; } ]`, []string{"x86_64-darwin"}, 0},
		"no match": {newer, `[ { kernel = "hurd"; } ]`, nil, 0},
		"failing":  {newer, `[ { } ]`, nil, eval.KindMissingAttribute},
		"no lib":   {`throw "no lib"`, `[ { kernel = "linux"; } ]`, nil, eval.KindThrow},
		"names":    {`throw "no lib"`, `[ "a" "b" ]`, []string{"a", "b"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := tree(t, prelude+`{ p = pkg "p" { platforms = `+test.platforms+`; }; lib = `+test.lib+`; }`)
			for p, err := range nixpkgs.Packages(t.Context(), nixpkgs.Options{Tree: dir}) {
				if p.Attribute == "lib" {
					continue // some have none
				}
				var e *eval.Error
				if errors.As(err, &e) && e.Kind != test.kind || (err != nil) != (test.kind != 0) {
					t.Errorf("error %v", err)
				}
				if diff := cmp.Diff(test.want, p.Platforms); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

// slow is a package that takes minutes to evaluate.
const slow = `let n = builtins.genList (x: x) 60000; sum = f: builtins.foldl' (a: x: a + f x) 0 n; in pkg "slow-${toString (sum (x: sum (y: y)))}" { }`

// TestEarlyStop does not wait for what nobody wants any more.
func TestEarlyStop(t *testing.T) {
	t.Parallel()
	dir := tree(t, prelude+`{ a = pkg "a" { }; b = `+slow+`; c = `+slow+`; }`)
	began := time.Now()
	for p, err := range nixpkgs.Packages(t.Context(), nixpkgs.Options{Tree: dir, Workers: 4}) {
		if err != nil || p.Attribute != "a" {
			t.Errorf("got %v, %v", p, err)
		}
		break
	}
	if spent := time.Since(began); spent > 30*time.Second {
		t.Errorf("it took %v", spent)
	}
}

// TestContextEnds ends with the error of the context, also while workers wait for
// what another evaluates.
func TestContextEnds(t *testing.T) {
	t.Parallel()
	dir := tree(t, prelude+`let shared = `+slow+`; in { a = shared; b = shared; c = shared // { }; }`)
	for _, workers := range []int{1, 4} {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		count := 0
		var last error
		for _, err := range nixpkgs.Packages(ctx, nixpkgs.Options{Tree: dir, Workers: workers}) {
			count++
			last = err
		}
		cancel()
		if count != 1 || !errors.Is(last, context.DeadlineExceeded) {
			t.Errorf("%d elements, error %v", count, last)
		}
	}
}

// TestMemoryEnds ends when there is no memory left, which is not the fault of a
// package.
func TestMemoryEnds(t *testing.T) {
	t.Parallel()
	dir := tree(t, prelude+`{ a = pkg "a" { }; b = pkg "b-${toString (builtins.length (builtins.genList (x: x) 1000000))}" { }; c = pkg "c" { }; }`)
	count := 0
	for _, err := range nixpkgs.Packages(t.Context(), nixpkgs.Options{Tree: dir, Eval: eval.Options{MaxMemory: 1}}) {
		var e *eval.Error
		var failed *nixpkgs.FailedError
		if count++; count == 2 && (!errors.As(err, &e) || e.Kind != eval.KindOutOfMemory || errors.As(err, &failed)) {
			t.Errorf("error %v", err)
		}
	}
	if count != 2 {
		t.Errorf("%d elements", count)
	}
}

// TestBadTrees are one error that is not about a package.
func TestBadTrees(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]nixpkgs.Options{
		"not there":  {Tree: filepath.Join(t.TempDir(), "x")},
		"no Nix":     {Tree: tree(t, "{")},
		"throws":     {Tree: tree(t, `throw "x"`)},
		"no set":     {Tree: tree(t, "[ ]")},
		"arguments":  {Tree: tree(t, "{ x }: x")},
		"bad config": {Tree: tree(t, "{ }"), Config: "{"},
	} {
		var got []error
		for _, err := range nixpkgs.Packages(t.Context(), o) {
			got = append(got, err)
		}
		var failed *nixpkgs.FailedError
		if len(got) != 1 || got[0] == nil || errors.As(got[0], &failed) {
			t.Errorf("%s: %v", name, got)
		}
	}
}
