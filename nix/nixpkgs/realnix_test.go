package nixpkgs_test

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"luminousnix/internal/testbed"
	"luminousnix/nix/eval"
	"luminousnix/nix/nixpkgs"
	"luminousnix/nix/store"
)

// environment is the machine with other environment variables.
type environment struct {
	eval.Host
	variables []string
}

func (e environment) Getenv(name string) string {
	for _, variable := range slices.Backward(e.variables) {
		if value, ok := strings.CutPrefix(variable, name+"="); ok {
			return value
		}
	}
	return ""
}

// TestRealNixPackages compares the packages of the NixOS in this repository with
// what nix-env of each release says of them.
func TestRealNixPackages(t *testing.T) {
	t.Parallel()
	for _, release := range testbed.AllReleases(t) {
		t.Run(release.Name, func(t *testing.T) {
			t.Parallel()
			bed := testbed.NewWith(t, testbed.Options{Release: release})
			for _, c := range []struct {
				variable     string
				withoutPaths bool
			}{{"", true}, {"", false}, {"NIXPKGS_ALLOW_UNFREE=1", false}} {
				cmd := bed.Command(t.Context(), "nix-env")
				cmd.Env = append(cmd.Env, "NIX_REMOTE=local", c.variable)
				compare(t, cmd, nixpkgs.Options{
					Tree: bed.Nixpkgs, WithoutPaths: c.withoutPaths,
					Eval: eval.Options{Store: &eval.DryStore{Directory: store.Dir(bed.StoreDir)}, Inputs: environment{variables: cmd.Env}, CurrentSystem: "x86_64-linux"},
				}, 75)
			}
		})
	}
}

// TestNixpkgs compares the packages of the tree that NIXPKGS names with what
// nix-env of the newest Nix here says of them, and prints how many there are.
func TestNixpkgs(t *testing.T) {
	tree := os.Getenv("NIXPKGS")
	if tree == "" {
		t.Skip("NIXPKGS does not name a tree of nixpkgs; see make test-nixpkgs")
	}
	release, err := testbed.Fetched("forky")
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	env := append(os.Environ(), "NIX_REMOTE=dummy://", "NIX_STORE_DIR=", "NIX_CONFIG=max-call-depth = 50000", "HOME="+home,
		"NIXPKGS_ALLOW_UNFREE=1", "NIXPKGS_ALLOW_BROKEN=1", "NIXPKGS_ALLOW_INSECURE=1")
	cmd := exec.CommandContext(t.Context(), filepath.Join(release.BinDir, "nix-env"))
	cmd.Env = env
	compare(t, cmd, nixpkgs.Options{
		Tree: tree,
		Eval: eval.Options{Inputs: environment{variables: env}, CurrentSystem: "x86_64-linux", MaxCallDepth: 50_000},
	}, 5000)
}

// compare compares with nix-env, which is not to find fewer packages than least.
func compare(t *testing.T, nixEnv *exec.Cmd, o nixpkgs.Options, least int) {
	t.Helper()
	nixEnv.Args = append(nixEnv.Args, "-qaP", "--json", "--meta", "--system-filter", "*", "-f", o.Tree)
	if !o.WithoutPaths {
		nixEnv.Args = append(nixEnv.Args, "--out-path", "--drv-path")
	}
	var stderr strings.Builder
	nixEnv.Stderr = &stderr
	began := time.Now()
	out, err := nixEnv.Output()
	if err != nil {
		t.Fatalf("nix-env: %v\n%s", err, stderr.String())
	}
	theirTime := time.Since(began)
	var theirs map[string]described
	if err := json.Unmarshal(out, &theirs); err != nil {
		t.Fatal(err)
	}
	want := make(map[string]nixpkgs.Package)
	for attribute, d := range theirs {
		want[attribute] = d.asPackage(attribute)
	}
	if len(want) < least {
		t.Fatalf("%d packages are not much of a test", len(want))
	}

	runtime.GC()
	began = time.Now()
	got, refused, failed := make(map[string]nixpkgs.Package), 0, 0
	for p, err := range nixpkgs.Packages(t.Context(), o) {
		var one *nixpkgs.FailedError
		switch {
		case errors.As(err, &one):
			failed++
			if p.Name != "" {
				p.Refused = err.Error() // as far as nix-env can tell
				got[p.Attribute] = p
			}
		case err != nil:
			t.Fatal(err)
		default:
			got[p.Attribute] = p
			if p.Refused != "" {
				refused++
			}
		}
	}
	t.Logf("%d packages, %d refused, %d failed; %v, nix-env took %v", len(got), refused, failed, time.Since(began), theirTime)
	compareAll(t, theirs, want, got)
}

func compareAll(t *testing.T, theirs map[string]described, want, got map[string]nixpkgs.Package) {
	t.Helper()
	byName := func(m map[string]nixpkgs.Package) []string { return slices.Sorted(maps.Keys(m)) }
	if diff := cmp.Diff(byName(want), byName(got)); diff != "" {
		t.Errorf("attributes (-Nix +got):\n%s", diff)
	}
	// nix-env does not have the attributes pname and version.
	ignored := cmpopts.IgnoreFields(nixpkgs.Package{}, "PName", "Version", "Unfree")
	for attribute, w := range want {
		g := got[attribute]
		if g.Refused != "" { // nix-env tells no more than these
			w = nixpkgs.Package{Attribute: attribute, Name: w.Name, System: w.System, DrvPath: w.DrvPath}
			g = nixpkgs.Package{Attribute: g.Attribute, Name: g.Name, System: g.System}
		}
		slices.Sort(g.Outputs)
		if theirs[attribute].DrvPath == "" {
			g.DrvPath = "" // Nix 2.8 does not print it
		}
		if diff := cmp.Diff(w, g, ignored, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-Nix +got):\n%s", attribute, diff)
		}
		if w.Unfree && !g.Unfree {
			t.Errorf("%s is unfree", attribute)
		}
	}
}
