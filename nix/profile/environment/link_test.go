package environment_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/nix/profile/environment"
	"luminousnix/nix/profile/manifest"
	"luminousnix/nix/store"
)

// made is a store directory of plain folders, without any Nix.
type made struct {
	dir   store.Dir
	paths []store.Path
}

func makePackages(t testing.TB, packs ...pack) made {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	m := made{dir: store.Dir(root)}
	for i, p := range packs {
		path := filepath.Join(root, fmt.Sprintf("%032d-%s", i, p.name))
		p.write(t, path, m.paths)
		parsed, err := m.dir.Parse(path)
		if err != nil {
			t.Fatal(err)
		}
		m.paths = append(m.paths, parsed)
	}
	return m
}

// packages are all of them, with one priority each, or 5.
func (m made) packages(priorities ...int) []environment.Package {
	var packages []environment.Package
	for i, path := range m.paths {
		p := environment.Package{Path: path, Priority: 5}
		if i < len(priorities) {
			p.Priority = priorities[i]
		}
		packages = append(packages, p)
	}
	return packages
}

func TestConflicts(t *testing.T) {
	t.Parallel()
	m := makePackages(t, pack{"one", files{"bin/x": "1"}}, pack{"two", files{"bin/x": "2"}}, pack{"three", files{"bin/x/y": "3"}})
	one, two, three := m.paths[0], m.paths[1], m.paths[2]
	all := m.packages()

	_, err := environment.Link(t.Context(), []environment.Package{all[1], all[0]})
	var conflict *environment.ConflictError
	if !errors.As(err, &conflict) {
		t.Fatal(err)
	}
	want := &environment.ConflictError{
		First: string(one) + "/bin/x", FirstPackage: one,
		Second: string(two) + "/bin/x", SecondPackage: two, Priority: 5,
	}
	if diff := cmp.Diff(want, conflict); diff != "" {
		t.Error(diff)
	}
	for priority, target := range map[int]store.Path{conflict.Preferred(): two, conflict.Deferred(): one} {
		tree, err := environment.Link(t.Context(), m.packages(5, priority)[:2])
		if err != nil {
			t.Fatal(err)
		}
		if got := tree.Lookup("bin/x").Target; got != string(target)+"/bin/x" {
			t.Errorf("with priority %d it is %s", priority, got)
		}
	}

	_, err = environment.Link(t.Context(), []environment.Package{all[0], all[2]})
	var kind *environment.KindError
	if !errors.As(err, &kind) {
		t.Fatal(err)
	}
	wantKind := &environment.KindError{
		Directory: string(three) + "/bin/x", DirectoryOf: three,
		File: string(one) + "/bin/x", FileOf: one,
	}
	if diff := cmp.Diff(wantKind, kind); diff != "" {
		t.Error(diff)
	}

	m = makePackages(t, pack{"one", files{"bin/x/a": ""}}, pack{"two", files{"bin/x/b": ""}}, pack{"three", files{"bin/x": ""}})
	_, err = environment.Link(t.Context(), m.packages())
	if !errors.As(err, &kind) {
		t.Fatal(err)
	}
	wantKind = &environment.KindError{
		Directory: string(m.paths[0]) + "/bin/x", DirectoryOf: m.paths[0],
		File: string(m.paths[2]) + "/bin/x", FileOf: m.paths[2],
	}
	if diff := cmp.Diff(wantKind, kind); diff != "" {
		t.Error(diff)
	}
}

func TestSkipped(t *testing.T) {
	t.Parallel()
	m := makePackages(t, pack{"one", files{"bin/x": "-> nowhere"}}, pack{"two", files{"": "a file"}})
	tree, err := environment.Link(t.Context(), m.packages())
	if err != nil {
		t.Fatal(err)
	}
	// The directory bin of one package only is not looked into.
	want := []environment.Skipped{{Path: string(m.paths[1]), Why: environment.NotDirectory}}
	if diff := cmp.Diff(want, tree.Skipped); diff != "" {
		t.Error(diff)
	}
	if tree.Lookup("bin").Target != string(m.paths[0])+"/bin" {
		t.Errorf("bin is %+v", tree.Lookup("bin"))
	}
}

func TestLinkErrors(t *testing.T) {
	t.Parallel()
	missing := []environment.Package{{Path: store.Path(filepath.Join(t.TempDir(), "missing"))}}
	if _, err := environment.Link(t.Context(), missing); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a package that does not exist: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	m := makePackages(t, pack{"one", files{"x": ""}})
	if _, err := environment.Link(ctx, m.packages()); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	m = makePackages(t, pack{"one", files{"nix-support/propagated-user-env-packages": "relative"}})
	var path *fs.PathError
	if _, err := environment.Link(t.Context(), m.packages()); !errors.As(err, &path) || path.Path != "relative" {
		t.Errorf("a relative path: %v", err)
	}
	m = makePackages(t, pack{"one", files{"x": "-> x"}})
	if _, err := environment.Link(t.Context(), m.packages()); !errors.Is(err, syscall.ELOOP) {
		t.Errorf("a link to itself: %v", err)
	}
	// One circle ends when the system refuses to follow it; with several, the
	// number of ways around them has no end that one could wait for.
	m = makePackages(t, pack{"one", files{"a": "-> ."}}, pack{"two", files{"a": "-> ."}})
	if _, err := environment.Link(t.Context(), m.packages()); !errors.Is(err, syscall.ELOOP) {
		t.Errorf("a circle: %v", err)
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	m := makePackages(t, pack{"none", files{"bin/x": ""}}, pack{"future", files{"manifest.json": `{"version":4}`}},
		pack{"wrong", files{"manifest.json": "x"}}, pack{"env", files{"manifest.nix": "[ ]"}}, pack{"other", files{"manifest.nix": "x: x"}},
		pack{"old", files{"manifest.json": `{"elements":[{"active":true,"storePaths":[]}],"version":2}`}})
	load := func(i int) (*manifest.Manifest, error) { return environment.Load(m.dir, m.paths[i], manifest.V2) }

	var none *environment.NoManifestError
	if _, err := load(0); !errors.As(err, &none) || none.Path != m.paths[0] {
		t.Errorf("no manifest: %v", err)
	}
	var version *manifest.VersionError
	if _, err := load(1); !errors.As(err, &version) {
		t.Errorf("version 4: %v", err)
	}
	var wrong *manifest.ParseError
	if _, err := load(2); !errors.As(err, &wrong) {
		t.Errorf("wrong: %v", err)
	}
	if got, err := load(3); err != nil || got.Format != manifest.V2 || len(got.Elements) != 0 {
		t.Errorf("of nix-env: %+v, %v", got, err)
	}
	var literal *manifest.LiteralError
	if _, err := load(4); !errors.As(err, &literal) {
		t.Errorf("a function: %v", err)
	}
	if _, err := environment.Load(m.dir, m.paths[0]+"-not-there", manifest.V3); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a path that does not exist: %v", err)
	}
	if got, err := environment.Load(m.dir, "", manifest.V3); err != nil || len(got.Elements) != 0 {
		t.Errorf("no profile: %+v, %v", got, err)
	}

	priority := 4
	_, err := environment.Add(t.Context(), m.dir, m.paths[5], m.paths[:1], environment.Options{Priority: &priority})
	if !errors.Is(err, environment.ErrNoPriorities) {
		t.Errorf("a priority in a profile of Nix 2.8: %v", err)
	}
	e, err := environment.Add(t.Context(), m.dir, m.paths[5], m.paths[:1], environment.Options{Priority: &priority, Convert: true})
	if err != nil || e.Manifest.Format != manifest.V3 {
		t.Errorf("the same, converted: %+v, %v", e, err)
	}
	if _, _, err := environment.Remove(t.Context(), m.dir, m.paths[5], environment.Options{}, manifest.Named("x")); !errors.Is(err, environment.ErrNoMatch) {
		t.Errorf("nothing to remove: %v", err)
	}
}

// TestOrder checks that the order of packages makes no difference.
func TestOrder(t *testing.T) {
	t.Parallel()
	m := makePackages(t, pack{"one", files{"share/a": "", "bin/x": ""}}, pack{"two", files{"share/b": "", "bin/x": ""}}, pack{"three", files{"share/c": ""}})
	packages := m.packages(2, 1, 3)
	flat := func() map[string]string {
		tree, err := environment.Link(t.Context(), packages)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		flatten(got, "", tree.Root)
		return got
	}
	want := flat()
	slices.Reverse(packages)
	if diff := cmp.Diff(want, flat()); diff != "" {
		t.Error(diff)
	}
	if want["/bin/x"] != string(m.paths[1])+"/bin/x" {
		t.Errorf("bin/x is %s", want["/bin/x"])
	}
	if _, err := os.Stat(want["/share/c"]); err != nil {
		t.Error(err)
	}
}
