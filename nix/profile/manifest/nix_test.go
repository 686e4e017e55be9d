package manifest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/testbed"
	"luminousnix/nix/profile/manifest"
	"luminousnix/nix/store"
)

func nixOutput(t *testing.T, nix *testbed.Nix, name string, args ...string) string {
	t.Helper()
	cmd := nix.Command(context.WithoutCancel(t.Context()), name, args...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", name, args, err, stderr.String())
	}
	return strings.TrimSuffix(string(out), "\n")
}

// TestRealNixList lets newer Nix read random manifests of all formats and print
// them as version 3, with the names that it gives.
func TestRealNixList(t *testing.T) {
	t.Parallel()
	count := 12
	if os.Getenv("LUMINOUS_NIX_LONG") != "" {
		count = 500
	}
	for n, release := range testbed.AllReleases(t)[1:] {
		t.Run(release.Name, func(t *testing.T) {
			t.Parallel()
			nix := testbed.NewWith(t, testbed.Options{Release: release})
			dir := store.Dir(nix.StoreDir)
			for seed := range count {
				m := manifests(dir).Example(seed + n*count)
				compareList(t, nix, m)
			}
		})
	}
}

func compareList(t *testing.T, nix *testbed.Nix, m *manifest.Manifest) {
	t.Helper()
	text, err := m.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	profile := t.TempDir()
	if err := os.WriteFile(filepath.Join(profile, "manifest.json"), text, 0o644); err != nil {
		t.Fatal(err)
	}
	want := nixOutput(t, nix, "nix", "profile", "list", "--json", "--profile", profile)
	parsed, err := manifest.Parse(store.Dir(nix.StoreDir), text)
	if err != nil {
		t.Fatal(err)
	}
	parsed.Format = manifest.V3
	got, err := parsed.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("%s (-Nix +we):\n%s", text, diff)
	}
}

// TestNixEnv reads manifests that nix-env makes, and compares with what the
// evaluator of the same Nix reads from them.
func TestNixEnv(t *testing.T) {
	t.Parallel()
	release, err := testbed.Installed()
	if err != nil {
		t.Fatal(err)
	}
	compareNixEnv(t, release)
}

func TestRealNixEnv(t *testing.T) {
	t.Parallel()
	for _, release := range testbed.AllReleases(t)[1:] {
		t.Run(release.Name, func(t *testing.T) { compareNixEnv(t, release) })
	}
}

func compareNixEnv(t *testing.T, release testbed.Release) {
	nix := testbed.NewWith(t, testbed.Options{Release: release})
	dir := store.Dir(nix.StoreDir)
	expression := filepath.Join(t.TempDir(), "packages.nix")
	if err := os.WriteFile(expression, []byte(packages), 0o644); err != nil {
		t.Fatal(err)
	}
	profile := filepath.Join(nix.StateDir, "profiles", "env")
	read := func() []manifest.Installed {
		t.Helper()
		text, err := os.ReadFile(filepath.Join(profile, "manifest.nix"))
		if err != nil {
			t.Fatal(err)
		}
		installed, err := manifest.ParseNixEnv(dir, text)
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		return installed
	}
	nixOutput(t, nix, "nix-env", "--profile", profile, "--file", expression, "--install", "--attr", "one", "two", "three")
	compareEvaluated(t, nix, profile, read())
	nixOutput(t, nix, "nix-env", "--profile", profile, "--set-flag", "priority", "2", "one")
	nixOutput(t, nix, "nix-env", "--profile", profile, "--set-flag", "active", "false", "two")
	nixOutput(t, nix, "nix-env", "--profile", profile, "--set-flag", "keep", "true", "three")
	installed := read()
	compareEvaluated(t, nix, profile, installed)
	got := map[string]string{}
	for _, i := range installed {
		got[i.Name] = fmt.Sprint(i.Active(), i.Priority(), len(i.Outputs))
	}
	if diff := cmp.Diff(map[string]string{"one-1.0": "true 2 1", "two-2": "false 5 2", "three": "true -4 1"}, got); diff != "" {
		t.Error(diff)
	}
	nixOutput(t, nix, "nix-env", "--profile", profile, "--uninstall", "*")
	if left := read(); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

// packages have what can be in meta: every type, and strings with every escape.
// But no negative number in a list: nix-env writes it such that Nix cannot read it.
const packages = `let
  make = args: derivation ({ system = builtins.currentSystem; builder = "/bin/sh"; PATH = "/usr/bin:/bin";
    args = [ "-c" "mkdir $out \${doc:-}" ]; } // args);
in {
  one = make { name = "one-1.0"; } // { meta = { description = "tabs\t \"quotes\" \\ new\nlines \r \${not} $ $$ $$\${x} é \$"; homepage = [ "a" "b" ]; }; };
  two = make { name = "two-2"; outputs = [ "out" "doc" ]; } // { meta = {
    outputsToInstall = [ "out" "doc" ]; nested = { list = [ 1 2 [ 3 { a = true; } ] ]; empty = { }; none = [ ]; }; big = 9223372036854775807; ratio = 0.5; yes = true; no = false;
  }; };
  three = make { name = "three"; } // { meta = { priority = -4; long = "x'y"; }; };
}
`

// compareEvaluated reads the same manifest with the evaluator. It prints
// derivations as their paths, so they are made plain sets.
func compareEvaluated(t *testing.T, nix *testbed.Nix, profile string, installed []manifest.Installed) {
	t.Helper()
	expression := fmt.Sprintf(`map (d: { inherit (d) name system meta outputs; path = d.outPath; paths = map (o: d.${o}.outPath) d.outputs; })
		(import %s/manifest.nix)`, profile)
	text := nixOutput(t, nix, "nix-instantiate", "--eval", "--strict", "--json", "--expr", expression)
	type evaluated struct {
		Name, System string
		Path         store.Path
		Outputs      []string
		Paths        []store.Path
		Meta         map[string]any
	}
	var want []evaluated
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&want); err != nil {
		t.Fatal(err)
	}
	var got []evaluated
	for _, i := range installed {
		e := evaluated{Name: i.Name, System: i.System, Path: i.OutPath, Meta: plain(i.Meta).(map[string]any)}
		for _, o := range i.Outputs {
			e.Outputs = append(e.Outputs, o.Name)
			e.Paths = append(e.Paths, o.Path)
		}
		got = append(got, e)
	}
	slices.SortFunc(want, func(a, b evaluated) int { return compare(a.Name, b.Name) })
	slices.SortFunc(got, func(a, b evaluated) int { return compare(a.Name, b.Name) })
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-Nix +we):\n%s", diff)
	}
}

// plain turns numbers into those of encoding/json.
func plain(value any) any {
	switch v := value.(type) {
	case int64, float64:
		return json.Number(fmt.Sprint(v))
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = plain(item)
		}
		return list
	case map[string]any:
		set := make(map[string]any, len(v))
		for name, item := range v {
			set[name] = plain(item)
		}
		return set
	default:
		return v
	}
}
