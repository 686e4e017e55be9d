package shelf

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/catalog"
	"luminousnix/nix/eval"
	"luminousnix/nix/store"
	"luminousnix/testdata/nixos"
)

// packagesText is a small nixpkgs.
const packagesText = `
{ config ? { }, system ? builtins.currentSystem }:
let
  pkg = name: meta: derivation { inherit name system; builder = "/bin/sh"; } // { inherit meta; };
  refused = name: meta: pkg name meta // { drvPath = throw "it is refused"; outPath = throw "it is refused"; };
in
{
  hello = pkg "hello-2.12.1" {
    description = "Greets"; homepage = [ "https://hello.example" "https://other.example" ];
    license = [ { spdxId = "GPL-3.0-or-later"; } { shortName = "mit"; } ];
    platforms = [ "x86_64-linux" "aarch64-linux" ]; position = toString ./pkgs/hello/default.nix + ":12"; mainProgram = "hello";
  };
  tools = { recurseForDerivations = true; tree = pkg "tree-2.1" { platforms = [ "aarch64-linux" ]; }; };
  broken = pkg "broken-1" { broken = true; };
  forbidden = refused "forbidden-1" { knownVulnerabilities = [ "CVE" ]; license = { free = false; shortName = "unfree"; }; };
  thrown = throw "thrown has been removed";
  wrong = pkg "wrong-1" { description = "Has no builder"; } // { drvPath = builtins.length 1; };
  greeter = throw "greeter was renamed to 'hello'";
  hi = hello // { };
  allowed = if config.allowBroken or false then pkg "allowed-1" { } else throw "not allowed";
}
`

// newTree makes a tree with aliases, programs and an option.
func newTree(tb testing.TB) Tree {
	dir := treeWithOptions(tb, `{ ... }: { pkgs = { }; options.services.hello.enable = {
		_type = "option"; loc = [ "services" "hello" "enable" ]; type.description = "boolean"; declarations = [ ];
	}; }`).Path
	write(tb, filepath.Join(dir, "default.nix"), strings.Replace(packagesText, "hi = hello", "hi = (pkg \"hello-2.12.1\" { })", 1))
	write(tb, filepath.Join(dir, aliasesFile), `self: super: { hi = hello; greeter = throw "greeter was renamed to 'hello'"; }`)
	write(tb, filepath.Join(dir, ".version"), "25.11\n")
	write(tb, filepath.Join(dir, ".version-suffix"), "pre1234.abcdef")
	programsFile(tb, filepath.Join(dir, "programs.sqlite"))
	return Tree{Path: dir, System: "x86_64-linux", Workers: 2, Evaluator: native()}
}

// setTimes gives all files of a tree one time.
func setTimes(tb testing.TB, dir string, at time.Time) {
	tb.Helper()
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		return errors.Join(err, os.Chtimes(path, at, at))
	})
	if err != nil {
		tb.Fatal(err)
	}
}

func buildTree(tb testing.TB, s Shelf, tree Tree) Built {
	tb.Helper()
	built, err := s.Build(tb.Context(), tree, nil)
	if err != nil {
		tb.Fatal(err)
	}
	onlyIndexes(tb, s)
	return built
}

func TestBuild(t *testing.T) {
	t.Parallel()
	s, tree := Shelf{filepath.Join(t.TempDir(), "new")}, newTree(t)
	setTimes(t, tree.Path, modified)
	if err := os.RemoveAll(filepath.Join(tree.Path, "nixos")); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(tree.Path, link); err != nil {
		t.Fatal(err)
	}
	tree.Path = link
	count := 0
	built, err := s.Build(t.Context(), tree, func(n int) { count = n })
	if err != nil {
		t.Fatal(err)
	}
	if built.Name != "nixpkgs-25.11pre1234.abcdef" || built.Date != "2025-11-03" || built.Unchanged || count != 6 {
		t.Errorf("built %+v of %d packages", built.Listed, count)
	}
	if len(built.Warnings) != 1 || !strings.Contains(built.Warnings[0], "options") {
		t.Errorf("warnings %q", built.Warnings)
	}
	var failures []PackageError
	for _, err := range built.Failures {
		var failed *PackageError
		if errors.As(err, &failed) {
			failures = append(failures, *failed)
		}
	}
	want := []PackageError{{"thrown", "thrown has been removed"}, {"wrong", failures[1].Reason}}
	if diff := cmp.Diff(want, failures); diff != "" {
		t.Error(diff)
	}
	names := []string{"hello", "tools.tree", "broken", "forbidden", "wrong", "allowed", "services.nginx.enable", "programs.git.enable"}
	if diff := cmp.Diff(names, found(t, s, Installed, append(names, "thrown", "greeter")...)); diff != "" {
		t.Error(diff)
	}
}

// TestBuildEntries looks at what is known of packages.
func TestBuildEntries(t *testing.T) {
	t.Parallel()
	s, tree := Shelf{t.TempDir()}, newTree(t)
	if built := buildTree(t, s, tree); len(built.Warnings) > 0 {
		t.Errorf("warnings %q", built.Warnings)
	}
	if diff := cmp.Diff([]string{"services.hello.enable"}, found(t, s, Installed, "services.hello.enable", "services.nginx.enable")); diff != "" {
		t.Error(diff)
	}
	hello := entry(t, s, Installed, "hello")
	if !strings.HasPrefix(hello.OutputPath, "/nix/store/") {
		t.Errorf("output path %q", hello.OutputPath)
	}
	hello.OutputPath = ""
	want := catalog.Entry{
		Attribute: "hello", Name: "hello", Version: "2.12.1", Description: "Greets", Homepage: "https://hello.example",
		License: "GPL-3.0-or-later, mit", Platforms: []string{"x86_64-linux", "aarch64-linux"}, MainProgram: "hello",
		Position: "pkgs/hello/default.nix:12", Programs: []string{"greet", "hello"}, Available: true,
	}
	if diff := cmp.Diff(want, hello); diff != "" {
		t.Error(diff)
	}
	for name, available := range map[string]bool{"hello": true, "allowed": true, "tools.tree": false, "broken": false, "forbidden": false, "wrong": false} {
		if e := entry(t, s, Installed, name); e.Available != available {
			t.Errorf("%s is available: %v", name, e.Available)
		}
	}
	if e := entry(t, s, Installed, "forbidden"); !e.Unfree || !e.Insecure || e.Broken {
		t.Errorf("entry %+v", e)
	}
	for old, want := range map[string]string{"hi": "hello", "greeter": "hello"} {
		r, ok := open(t, s, Installed).Renamed(old)
		if diff := cmp.Diff([]string{want}, r.New); !ok || diff != "" {
			t.Errorf("%s: %s", old, diff)
		}
	}
}

// TestBuildWithoutPaths has all else.
func TestBuildWithoutPaths(t *testing.T) {
	t.Parallel()
	s, tree := Shelf{t.TempDir()}, newTree(t)
	tree.WithoutPaths = true
	built := buildTree(t, s, tree)
	if len(built.Failures) != 1 {
		t.Errorf("failures %q", built.Failures)
	}
	if e := entry(t, s, Installed, "hello"); e.OutputPath != "" || e.Description != "Greets" || !e.Available {
		t.Errorf("entry %+v", e)
	}
}

// TestBuildUnchanged evaluates a tree again unless it is known to be the same.
func TestBuildUnchanged(t *testing.T) {
	t.Parallel()
	s, tree := Shelf{t.TempDir()}, newTree(t)
	buildTree(t, s, tree)
	if built := buildTree(t, s, tree); built.Unchanged {
		t.Error("somebody may have changed it")
	}
	write(t, filepath.Join(tree.Path, ".git-revision"), "0123456789abcdef")
	if built := buildTree(t, s, tree); built.Unchanged {
		t.Error("of another revision")
	}
	if built := buildTree(t, s, tree); !built.Unchanged {
		t.Error("it is the same revision")
	}
	tree.System = "aarch64-linux"
	if built := buildTree(t, s, tree); built.Unchanged {
		t.Error("for another system")
	}
	if !entry(t, s, Installed, "tools.tree").Available {
		t.Error("tree is for this system")
	}
}

// TestBuildFails leaves the catalogue that is there as it is.
func TestBuildFails(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"syntax": "{", "throw": `throw "no"`, "none": "{ }", "number": "1", "all thrown": `{ a = throw "a"; }`, "function": "{ x }: { }",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, tree := Shelf{t.TempDir()}, newTree(t)
			buildTree(t, s, tree)
			before := stat(t, s.path(Installed))
			write(t, filepath.Join(tree.Path, "default.nix"), text)
			_, err := s.Build(t.Context(), tree, nil)
			var failed *TreeError
			if !errors.As(err, &failed) || failed.Path != tree.Path {
				t.Errorf("error %v", err)
			}
			var evaluation *eval.Error
			if name == "throw" && !errors.As(err, &evaluation) {
				t.Errorf("error %v", err)
			}
			onlyIndexes(t, s)
			if !os.SameFile(before, stat(t, s.path(Installed))) {
				t.Error("there is another file now")
			}
		})
	}
	var failed *TreeError
	if _, err := (Shelf{t.TempDir()}).Build(t.Context(), Tree{Path: "/nowhere"}, nil); !errors.As(err, &failed) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}

// TestBuildCancelled ends in the middle.
func TestBuildCancelled(t *testing.T) {
	t.Parallel()
	s, tree := Shelf{t.TempDir()}, newTree(t)
	buildTree(t, s, tree)
	write(t, filepath.Join(tree.Path, "default.nix"), `builtins.listToAttrs (builtins.genList (n: {
		name = "p${toString n}";
		value = derivation { name = "p"; system = "x86_64-linux"; builder = toString n; };
	}) 100000)`)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, err := s.Build(ctx, tree, func(n int) {
		if n == 2000 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	onlyIndexes(t, s)
	if diff := cmp.Diff([]string{"hello"}, found(t, s, Installed, "hello", "p1")); diff != "" {
		t.Error(diff)
	}
}

// TestBuildConfig uses the configuration with which channels list packages.
func TestBuildConfig(t *testing.T) {
	t.Parallel()
	s, tree := Shelf{t.TempDir()}, newTree(t)
	tree.Path = filepath.Join(t.TempDir(), `a "b" ${c}`)
	write(t, filepath.Join(tree.Path, "default.nix"), `{ config ? { } }: {
		aliases = if config.allowAliases or true then derivation { name = "a"; system = "x"; builder = "b"; } else throw "none";
		own = if config.own or false && config.allowBroken then derivation { name = "a-1"; system = "x"; builder = "b"; } else throw "none";
	}`)
	write(t, filepath.Join(tree.Path, "pkgs/top-level/packages-config.nix"), `{ own = true; allowAliases = true; }`)
	buildTree(t, s, tree)
	if diff := cmp.Diff([]string{"own"}, found(t, s, Installed, "own", "aliases")); diff != "" {
		t.Error(diff)
	}
}

// TestBuildOddFiles goes on without what cannot be read.
func TestBuildOddFiles(t *testing.T) {
	t.Parallel()
	s, tree := Shelf{t.TempDir()}, newTree(t)
	write(t, filepath.Join(tree.Path, "programs.sqlite"), "no database")
	write(t, filepath.Join(tree.Path, aliasesFile), "{")
	write(t, filepath.Join(tree.Path, "nixos/lib/eval-config.nix"), `{ ... }: throw "no modules"`)
	built := buildTree(t, s, tree)
	if len(built.Warnings) != 3 {
		t.Errorf("warnings %q", built.Warnings)
	}
	if diff := cmp.Diff([]string{"hello", "services.nginx.enable"}, found(t, s, Installed, "hello", "services.nginx.enable")); diff != "" {
		t.Error(diff)
	}
}

// TestBuildFixture takes all of a tree with NixOS.
func TestBuildFixture(t *testing.T) {
	t.Parallel()
	s, dir := Shelf{t.TempDir()}, t.TempDir()
	if err := os.CopyFS(dir, nixos.Files); err != nil {
		t.Fatal(err)
	}
	built := buildTree(t, s, Tree{Path: dir, System: "x86_64-linux", Evaluator: native()})
	if len(built.Warnings) > 0 || len(built.Failures) > 0 {
		t.Errorf("warnings %q, failures %q", built.Warnings, built.Failures)
	}
	names := []string{"firefox", "services.openssh.enable"}
	if diff := cmp.Diff(names, found(t, s, Installed, names...)); diff != "" {
		t.Error(diff)
	}
	if e := entry(t, s, Installed, "services.openssh.enable"); e.Type != "boolean" || e.Default != "false" || e.Position != "modules/services/openssh.nix" {
		t.Errorf("option %+v", e)
	}
}

func TestRevision(t *testing.T) {
	t.Parallel()
	old := time.Date(1970, 1, 1, 0, 0, 1, 0, time.UTC)
	today := time.Now().Truncate(24 * time.Hour)
	for _, test := range []struct {
		files        map[string]string
		time         time.Time
		name, id     string
		on, notUntil time.Time
	}{
		{nil, modified, "nixpkgs", "", modified, time.Time{}},
		{map[string]string{".version": "19.09"}, modified, "nixpkgs-19.09", "", modified, time.Time{}},
		{map[string]string{"lib/.version": "20.03\n", "svn-revision": "2522.75f4ba05c63"}, modified, "nixpkgs-20.03.2522.75f4ba05c63", "", modified, time.Time{}},
		{
			map[string]string{".version": "25.11", ".version-suffix": ".20250927.abcdef", ".git-revision": "abcdef"},
			old,
			"nixpkgs-25.11.20250927.abcdef", "abcdef", time.Date(2025, 9, 27, 0, 0, 0, 0, time.UTC),
			time.Time{},
		},
		{map[string]string{".version": "25.11", ".version-suffix": "pre-git"}, old, "nixpkgs-25.11pre-git", "", time.Time{}, today},
	} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "default.nix"), "{ }")
		for name, text := range test.files {
			write(t, filepath.Join(dir, name), text)
		}
		setTimes(t, dir, test.time)
		got := revisionOf(dir, store.DefaultDir)
		if got.name != test.name || got.id != test.id {
			t.Errorf("revision %+v, want %+v", got, test)
		}
		if !test.on.IsZero() && !got.date.Equal(test.on) || got.date.Before(test.notUntil) {
			t.Errorf("%s is of %v", test.name, got.date)
		}
	}
	path := "/nix/store/00000000000000000000000000000000-nixos-25.11/nixos"
	if got := revisionOf(path, store.DefaultDir); got.id != filepath.Dir(path) {
		t.Errorf("revision %+v", got)
	}
}

// TestSafeID: an ID may be the name of a file.
func TestSafeID(t *testing.T) {
	t.Parallel()
	s, tree := Shelf{t.TempDir()}, newTree(t)
	tree.Name = "../my ‘own’ nixpkgs"
	built := buildTree(t, s, tree)
	if built.Name != tree.Name || strings.ContainsAny(built.ID, "/ ‘") || strings.HasPrefix(built.ID, ".") {
		t.Errorf("name %q, ID %q", built.Name, built.ID)
	}
}
