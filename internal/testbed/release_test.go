package testbed

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// simple is a derivation of the given name that needs nothing but /bin/sh.
func simple(name string) string {
	return fmt.Sprintf(`derivation { name = %q; system = builtins.currentSystem; builder = "/bin/sh";
		PATH = "/usr/bin:/bin"; args = [ "-c" "mkdir $out; echo $name >$out/name" ]; }`, name)
}

// protocol asks the daemon for the version of the worker protocol that it speaks.
func protocol(t *testing.T, n *Nix) string {
	t.Helper()
	var dialer net.Dialer
	conn, err := dialer.DialContext(t.Context(), "unix", n.Socket)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := binary.Write(conn, binary.LittleEndian, uint64(0x6e697863)); err != nil {
		t.Fatal(err)
	}
	var answer struct{ Magic, Version uint64 }
	if err := binary.Read(conn, binary.LittleEndian, &answer); err != nil {
		t.Fatal(err)
	}
	if answer.Magic != 0x6478696f {
		t.Fatalf("the daemon answers %#x", answer.Magic)
	}
	return fmt.Sprintf("%d.%d", answer.Version>>8, answer.Version&0xff)
}

// eachRelease runs a test with a bed of its own for each release.
func eachRelease(t *testing.T, test func(t *testing.T, n *Nix)) {
	t.Parallel()
	for _, release := range AllReleases(t) {
		t.Run(release.Name, func(t *testing.T) {
			t.Parallel()
			test(t, NewWith(t, Options{Release: release}))
		})
	}
}

// What the releases are here for: the protocols that they speak. Their versions
// change with Debian.
func TestRealNixProtocol(t *testing.T) {
	want := map[string]string{"installed": "1.34", "trixie": "1.38", "forky": "1.38"}
	eachRelease(t, func(t *testing.T, n *Nix) {
		if got := protocol(t, n); got != want[n.Release.Name] {
			t.Errorf("the daemon speaks %s, want %s", got, want[n.Release.Name])
		}
		// A shell in the bed finds the same Nix as the daemon's.
		out, err := n.output(t.Context(), "/bin/sh", "-c", "command -v nix-env; nix-env --version; nix-daemon --version")
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(out, "\n")
		if len(lines) != 3 || filepath.Dir(lines[0]) != n.Release.BinDir {
			t.Fatalf("the shell says\n%s", out)
		}
		client, daemon := strings.TrimPrefix(lines[1], "nix-env "), strings.TrimPrefix(lines[2], "nix-daemon ")
		if client != daemon || !strings.HasPrefix(client, "(Nix) 2.") {
			t.Errorf("nix-env is of %s, nix-daemon of %s", client, daemon)
		}
	})
}

func TestRealNixBuild(t *testing.T) {
	eachRelease(t, func(t *testing.T, n *Nix) {
		ctx := t.Context()
		path, err := n.output(ctx, "nix-build", "--no-out-link", "--expr", simple("one"))
		if err != nil {
			t.Fatal(err)
		}
		if got := read(t, path, "name"); got != "one\n" {
			t.Errorf("built %q", got)
		}
		if out, err := n.output(ctx, "nix-store", "--query", "--requisites", path); err != nil || out != path {
			t.Errorf("the closure is %q, %v", out, err)
		}
		number, err := n.AddGeneration(ctx, path)
		if err != nil || number != 1 {
			t.Errorf("generation %d, %v", number, err)
		}

		// A profile of the kind that `nix profile` makes, and its manifest.
		profile := filepath.Join(n.StateDir, "profiles", "mine")
		if _, err := n.output(ctx, "nix", "profile", "install", "--profile", profile, path); err != nil {
			t.Fatal(err)
		}
		if manifest := read(t, profile, "manifest.json"); !strings.Contains(manifest, path) {
			t.Errorf("the manifest is %s", manifest)
		}
	})
}

// The small NixOS builds and switches with every release.
func TestRealNixSystem(t *testing.T) {
	eachRelease(t, func(t *testing.T, n *Nix) {
		if err := n.AddHistory(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := n.Populate(t.Context(), 5); err != nil {
			t.Fatal(err)
		}
		out, err := n.output(t.Context(), "nix-env", "--profile", n.SystemProfile, "--list-generations")
		if lines := strings.Split(out, "\n"); err != nil || len(lines) != 8 {
			t.Errorf("nix-env --list-generations: %v\n%s", err, out)
		}
	})
}

// The daemon of a release is started by a script and a loader, and yet stops as
// any other, with all that it has started.
func TestRealNixStop(t *testing.T) {
	eachRelease(t, func(t *testing.T, n *Nix) {
		client := n.Command(t.Context(), "nix-build", "--no-out-link", "--expr",
			`derivation { name = "slow"; system = builtins.currentSystem; builder = "/bin/sh";
				PATH = "/usr/bin:/bin"; args = [ "-c" "sleep 300 & sleep 300" ]; }`)
		if err := client.Start(); err != nil {
			t.Fatal(err)
		}
		stopDuringBuild(t, n)
		if err := client.Wait(); err == nil {
			t.Error("the build succeeded without a daemon")
		}
	})
}

func TestFetchedMissing(t *testing.T) {
	t.Setenv("LUMINOUS_NIX_RELEASES", t.TempDir())
	if r, err := Fetched("trixie"); !errors.Is(err, ErrNotFetched) {
		t.Errorf("an empty folder has %v, %v", r, err)
	}
	for _, r := range Releases() {
		if r.Name != "installed" {
			t.Errorf("%v is listed", r)
		}
	}
}

func TestFetchedInModule(t *testing.T) {
	t.Setenv("LUMINOUS_NIX_RELEASES", "")
	module := t.TempDir()
	for _, file := range []string{"go.mod", "a/b/c.go", ".cache/nix/trixie/bin/nix-daemon"} {
		file = filepath.Join(module, file)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, nil, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(filepath.Join(module, "a", "b"))
	r, err := Fetched("trixie")
	if want := filepath.Join(module, ".cache/nix/trixie/bin"); err != nil || r.BinDir != want {
		t.Errorf("found %v, %v, want %s", r, err, want)
	}
	t.Chdir("/")
	if r, err := Fetched("trixie"); !errors.Is(err, ErrNotFetched) {
		t.Errorf("outside of a module there is %v, %v", r, err)
	}
}
