package environment_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/testbed"
	"luminousnix/nix/daemon"
	"luminousnix/nix/profile"
	"luminousnix/nix/profile/environment"
	"luminousnix/nix/profile/manifest"
	"luminousnix/nix/store"
)

// TestDaemon makes profiles without any command of Nix but for the packages, and
// lets Nix go on with them.
func TestDaemon(t *testing.T) {
	t.Parallel()
	release, err := testbed.Installed()
	if err != nil {
		t.Fatal(err)
	}
	goOn(t, release)
}

func TestRealNixDaemon(t *testing.T) {
	t.Parallel()
	for _, release := range testbed.AllReleases(t)[1:] {
		t.Run(release.Name, func(t *testing.T) { goOn(t, release) })
	}
}

func goOn(t *testing.T, release testbed.Release) {
	b := newBed(t, release)
	options := environment.Options{Format: b.format()}
	paths := b.add([]pack{{"hello-1", files{"bin/hello": "a"}}, {"git-2", files{"bin/git": "b"}}})
	conn, err := daemon.Dial(t.Context(), daemon.Options{Socket: b.Socket, StoreDir: b.dir})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()

	link := b.profile("ours")
	switchTo := func(e *environment.Environment, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		if err := conn.AddToStoreNar(t.Context(), e.Info, bytes.NewReader(e.NAR), daemon.AddOptions{}); err != nil {
			t.Fatal(err)
		}
		create := profile.CreateOptions{StateDir: profile.StateDir(b.StateDir)}
		if _, err := profile.Profile(link).Create(t.Context(), conn, e.Info.Path, create); err != nil {
			t.Fatal(err)
		}
		if got := b.current(link); got != e.Info.Path {
			t.Fatalf("the profile leads to %s", got)
		}
		got, err := conn.PathInfo(t.Context(), e.Info.Path)
		if err != nil {
			t.Fatal(err)
		}
		want := *e.Info
		want.Registered, want.Ultimate = got.Registered, got.Ultimate
		if diff := cmp.Diff(&want, got, cmp.Comparer(func(a, b store.Hash) bool { return a == b })); diff != "" {
			t.Errorf("info: %s", diff)
		}
	}
	switchTo(environment.Add(t.Context(), b.dir, b.current(link), paths, options))
	first := b.current(link)
	b.run("nix-store", "--verify-path", string(first))
	for _, name := range []string{"bin/hello", "bin/git"} {
		if _, err := os.Stat(filepath.Join(link, name)); err != nil {
			t.Error(err)
		}
	}

	// Nix removes one, we add it again: the first profile, if names do not matter.
	b.run("nix", "profile", "remove", "--profile", link, string(paths[1]))
	switchTo(environment.Add(t.Context(), b.dir, b.current(link), paths[1:], options))
	if got := b.current(link); got != first {
		t.Errorf("back at %s, want %s", got, first)
	}
	e, removed, err := environment.Remove(t.Context(), b.dir, first, options, manifest.Named("git"))
	switchTo(e, err)
	if len(removed) != 1 || removed[0].Name != "git" {
		t.Errorf("removed %+v", removed)
	}
	if list := b.run("nix", "profile", "list", "--profile", link); !strings.Contains(list, string(paths[0])) || strings.Contains(list, string(paths[1])) {
		t.Errorf("Nix lists %s", list)
	}
}
