package storecmd_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/storecmd"
	"luminousnix/nix/nixpkgs"
)

const tree = `
let package = name: meta: derivation { inherit name; system = "x86_64-linux"; builder = "/bin/sh"; } // { inherit meta; };
in { config ? { } }: {
  a = package "a-1" { license = "unfree"; };
  b = package "b-2" { } // { drvPath = if config.allowBroken or false then (package "b-2" { }).drvPath else throw "b is broken"; };
  c = throw "c is gone";
}`

// TestPackages lists a tree with the packages that can be evaluated, and counts.
func TestPackages(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "default.nix"), []byte(tree), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		flags   []string
		lines   []string // but for what follows the name
		message string
	}{
		{nil, []string{"a\ta-1\t", "b\tb-2\t"}, "c: c is gone\n2 packages, 1 of which are refused; 1 failed\n"},
		{[]string{"--workers", "1", "--allow-all"}, []string{"a\ta-1\t", "b\tb-2\t"}, "c: c is gone\n2 packages, 0 of which are refused; 1 failed\n"},
	} {
		var out, stderr bytes.Buffer
		args := append(append([]string{"packages"}, test.flags...), dir)
		if status := storecmd.Main(args, &out, &stderr); status != 0 {
			t.Fatalf("status %d: %s", status, stderr.String())
		}
		if diff := cmp.Diff(test.message, stderr.String()); diff != "" {
			t.Error(diff)
		}
		var lines []string
		for line := range strings.Lines(out.String()) {
			lines = append(lines, line[:strings.LastIndexByte(line, '\t')+1])
		}
		if diff := cmp.Diff(test.lines, lines); diff != "" {
			t.Error(diff)
		}
	}
}

func TestPackagesAsJSON(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "default.nix"), []byte(tree), 0o644); err != nil {
		t.Fatal(err)
	}
	var out, stderr bytes.Buffer
	if status := storecmd.Main([]string{"packages", "--json", dir}, &out, &stderr); status != 0 {
		t.Fatalf("status %d: %s", status, stderr.String())
	}
	var got nixpkgs.Package
	if err := json.NewDecoder(&out).Decode(&got); err != nil {
		t.Fatal(err)
	}
	if !got.Unfree || got.Attribute != "a" || got.DrvPath.Name() != "a-1.drv" {
		t.Errorf("got %+v", got)
	}
}

func TestPackagesUsage(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"packages"}, {"packages", "a", "b"}, {"packages", "--what", "a"}, {"packages", "--workers", "x", "a"}} {
		var out, stderr bytes.Buffer
		if status := storecmd.Main(args, &out, &stderr); status != 2 || !strings.HasPrefix(stderr.String(), "usage: ") {
			t.Errorf("%v: status %d: %s", args, status, stderr.String())
		}
	}
	var out, stderr bytes.Buffer
	if status := storecmd.Main([]string{"packages", filepath.Join(t.TempDir(), "gone")}, &out, &stderr); status != 1 {
		t.Errorf("status %d for a tree that is not there: %s", status, stderr.String())
	}
}
