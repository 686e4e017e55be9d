package instantiate

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"luminousnix/internal/testbed"
)

// allPackages gives the derivation of each package of a tree, "failed" where it
// cannot be evaluated and null for what is none.
const allPackages = `
let
  pkgs = import tree { system = "x86_64-linux"; config = { allowUnfree = true; allowBroken = true; }; };
  one = name: builtins.tryEval (
    let p = pkgs.${name}; in
    if builtins.isAttrs p && p.type or "" == "derivation" then p.drvPath else null
  );
in builtins.mapAttrs (name: _: let r = one name; in if r.success then r.value else "failed") pkgs`

// system gives the derivation of a NixOS.
const system = `
(import (tree + "/nixos") {
  system = "x86_64-linux";
  configuration = { fileSystems."/".device = "/dev/sda1"; boot.loader.grub.device = "/dev/sda"; };
}).system.drvPath`

// TestNixpkgs compares all packages and a NixOS of the tree that NIXPKGS names with
// what the newest Nix here makes of them, and prints how many there are.
func TestNixpkgs(t *testing.T) {
	tree := os.Getenv("NIXPKGS")
	if tree == "" {
		t.Skip("NIXPKGS does not name a tree of nixpkgs; see make test-nixpkgs")
	}
	release, err := testbed.Fetched("forky")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("NIX_REMOTE", "dummy://")
	t.Setenv("NIX_STORE_DIR", "")
	both := func(expression string) (ours, theirs map[string]*string) {
		t.Helper()
		args := []string{"--eval", "--strict", "--json", "-E", "let tree = " + tree + "; in " + expression}
		var out, stderr bytes.Buffer
		if status := run(t.Context(), append([]string{"--backend", "native", "--no-eval-cache"}, args...), strings.NewReader(""), &out, &stderr, os.Environ()); status != 0 {
			t.Fatal(stderr.String())
		}
		theirOut, err := exec.Command(filepath.Join(release.BinDir, Name), args...).Output()
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(out.Bytes(), &ours); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(theirOut, &theirs); err != nil {
			t.Fatal(err)
		}
		return ours, theirs
	}
	ours, theirs := both(`{ system = ` + system + `; }`)
	compareAll(t, ours, theirs)
	ours, theirs = both(allPackages)
	derivations, failed := compareAll(t, ours, theirs)
	t.Logf("a NixOS, %d packages, %d of %d attributes cannot be evaluated by either", derivations, failed, len(ours))
	if derivations < 1000 {
		t.Errorf("%d packages are not a nixpkgs", derivations)
	}
}

// compareAll compares attribute by attribute.
func compareAll(t *testing.T, ours, theirs map[string]*string) (derivations, failed int) {
	t.Helper()
	if len(ours) != len(theirs) {
		t.Errorf("%d attributes, want %d", len(ours), len(theirs))
	}
	text := func(s *string) string {
		if s == nil {
			return "nothing"
		}
		return *s
	}
	for name, their := range theirs {
		if text(ours[name]) != text(their) {
			t.Errorf("%s is %s, want %s", name, text(ours[name]), text(their))
		}
		switch text(their) {
		case "failed":
			failed++
		case "nothing":
		default:
			derivations++
		}
	}
	return derivations, failed
}
