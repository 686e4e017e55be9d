package derivation_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"luminousnix/internal/testbed"
	"luminousnix/nix/derivation"
	"luminousnix/nix/store"
)

// instantiate runs nix-instantiate and returns the paths that it prints.
func instantiate(tb testing.TB, nix *testbed.Nix, args ...string) []store.Path {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), 2*time.Minute)
	defer cancel()
	args = append([]string{"--option", "experimental-features", "ca-derivations impure-derivations"}, args...)
	cmd := nix.Command(ctx, "nix-instantiate", args...)
	// Not through the daemon, which has the experimental features switched off.
	cmd.Env = append(cmd.Env, "NIX_REMOTE=local", "NIXPKGS_ALLOW_UNFREE=1", "NIXPKGS_ALLOW_BROKEN=1", "NIXPKGS_ALLOW_INSECURE=1")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		tb.Fatalf("nix-instantiate: %v\n%s", err, stderr.String())
	}
	var roots []store.Path
	for _, line := range strings.Fields(string(out)) {
		path, err := store.Dir(nix.StoreDir).Parse(line)
		if err != nil {
			tb.Fatal(err)
		}
		roots = append(roots, path)
	}
	return roots
}

// instantiateMany makes the derivations of the test bed's NixOS, of all its
// packages, and of testdata/graph.nix.
func instantiateMany(tb testing.TB, nix *testbed.Nix) []store.Path {
	tb.Helper()
	return slices.Concat(
		instantiate(tb, nix, "<nixpkgs/nixos>", "-A", "config.system.build.toplevel"),
		instantiate(tb, nix, "<nixpkgs>"),
		instantiate(tb, nix, testdata(tb, "graph.nix")))
}

func testdata(tb testing.TB, name string) string {
	tb.Helper()
	path, err := filepath.Abs(filepath.Join("testdata", name))
	if err != nil {
		tb.Fatal(err)
	}
	return path
}

// TestRealNix compares with what each release of Nix makes of a NixOS, its
// packages and the expressions in testdata, in a store that is not /nix/store.
func TestRealNix(t *testing.T) {
	t.Parallel()
	for _, release := range testbed.AllReleases(t) {
		t.Run(release.Name, func(t *testing.T) {
			t.Parallel()
			compare(t, testbed.NewWith(t, testbed.Options{Release: release}))
		})
	}
}

func compare(t *testing.T, nix *testbed.Nix) {
	t.Helper()
	dir := store.Dir(nix.StoreDir)
	load := derivation.FromStore(dir)
	golden := instantiate(t, nix, testdata(t, "golden.nix"))
	if len(golden) != 17 {
		t.Errorf("%d derivations of golden.nix", len(golden))
	}
	many := instantiateMany(t, nix)

	hasher := derivation.NewHasher(dir, load)
	count := 0
	check := func(p store.Path, _ *derivation.Derivation) error {
		text, err := os.ReadFile(string(p))
		if err != nil {
			return err
		}
		checkDerivation(t, dir, hasher, p, string(text))
		count++
		return nil
	}
	if err := derivation.Walk(t.Context(), golden, load, check); err != nil {
		t.Error(err)
	}
	ofGolden := count
	if err := derivation.Walk(t.Context(), many, load, check); err != nil {
		t.Error(err)
	}
	if count-ofGolden < 600 {
		t.Errorf("%d derivations are not much of a test", count-ofGolden)
	}
	t.Logf("%d derivations of golden.nix and %d others", ofGolden, count-ofGolden)

	all, err := filepath.Glob(filepath.Join(nix.StoreDir, "*.drv"))
	if err != nil || len(all) != count {
		t.Errorf("%d derivations in the store, but %d were visited: %v", len(all), count, err)
	}
}
