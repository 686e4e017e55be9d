package channel

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/nix/daemon"
	"luminousnix/nix/daemon/daemontest"
	"luminousnix/nix/store"
	"luminousnix/nix/tarball"
)

func connect(tb testing.TB) (*daemon.Conn, store.Dir) {
	tb.Helper()
	options := daemontest.New(tb, daemontest.Options{}).Options()
	conn, err := daemon.Dial(tb.Context(), options)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { conn.Close() })
	return conn, options.StoreDir
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	conn, dir := connect(t)
	var all []Unpacked
	for _, c := range []Channel{{"nixos", "https://a/nixos-25.11"}, {"hm", "https://b/master.tar.gz"}} {
		file := filepath.Join(t.TempDir(), archiveName)
		write(t, file, string(archiveOf(t, map[string]string{
			"tree/.version": "25.11", "tree/.version-suffix": ".7.abc\n", "tree/.git-revision": "abc", "tree/default.nix": c.Name,
		})))
		u, err := Unpack(t.Context(), conn, Archive{Release: Release{Channel: c}, File: file}, t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		if u.Version != "25.11.7.abc" || u.Revision != "abc" {
			t.Errorf("%s: version %q, revision %q", c.Name, u.Version, u.Revision)
		}
		all = append(all, u)
	}
	if name := all[0].Path.Name(); name != "nixos-25.11" {
		t.Errorf("the path is called %s", name)
	}
	path, err := AddEnvironment(t.Context(), conn, all)
	if err != nil {
		t.Fatal(err)
	}

	// As nix-channel --update of Nix 2.8 leaves it.
	if name := path.Name(); name != "user-environment" {
		t.Errorf("the environment is called %s", name)
	}
	var names []string
	entries, err := os.ReadDir(string(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	if diff := cmp.Diff([]string{"hm", "manifest.nix", "nixos"}, names); diff != "" {
		t.Error(diff)
	}
	manifest, err := os.ReadFile(string(path) + "/manifest.nix")
	if err != nil {
		t.Fatal(err)
	}
	want := `[ { meta = { }; name = "hm"; out = { outPath = "HM"; }; outPath = "HM"; outputs = [ "out" ]; system = "builtin"; type = "derivation"; } ` +
		`{ meta = { }; name = "nixos-25.11"; out = { outPath = "NIXOS"; }; outPath = "NIXOS"; outputs = [ "out" ]; system = "builtin"; type = "derivation"; } ]`
	want = strings.NewReplacer("HM", string(all[1].Path), "NIXOS", string(all[0].Path)).Replace(want)
	if diff := cmp.Diff(want, string(manifest)); diff != "" {
		t.Error(diff)
	}
	for _, u := range all {
		content, err := os.ReadFile(string(path) + "/" + u.Name + "/default.nix")
		if err != nil || string(content) != u.Name {
			t.Errorf("%s: %q, error %v", u.Name, content, err)
		}
		found, ok := PathIn(dir, string(path), u.Name)
		if !ok || found != u.Path {
			t.Errorf("found %s %v, want %s", found, ok, u.Path)
		}
	}
	info, err := conn.PathInfo(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if len(info.References) != 3 {
		t.Errorf("the environment keeps %v", info.References)
	}
}

func TestUnpackWhatIsNone(t *testing.T) {
	t.Parallel()
	conn, _ := connect(t)
	file := filepath.Join(t.TempDir(), archiveName)
	write(t, file, "<html>Please log in</html>")
	_, err := Unpack(t.Context(), conn, Archive{Release: Release{Channel: Channel{"nixos", "https://a/b"}}, File: file}, t.TempDir())
	var format *tarball.FormatError
	if !errors.As(err, &format) {
		t.Errorf("got error %v, want a *tarball.FormatError", err)
	}
}
