package derivation_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/nix/derivation"
	"luminousnix/nix/store"
)

// golden is a derivation that Nix wrote; see testdata/golden.nix.
type golden struct {
	path store.Path
	text string
	drv  *derivation.Derivation
}

// goldens returns the derivations in testdata/store by name; the second that is
// called flat.tar.gz has " (2)" after it.
func goldens(t testing.TB) map[string]golden {
	t.Helper()
	files, err := filepath.Glob("testdata/store/*.drv")
	if err != nil || len(files) != 17 {
		t.Fatalf("%d golden files, %v", len(files), err)
	}
	all := make(map[string]golden)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		path, err := store.DefaultDir.Parse(string(store.DefaultDir) + "/" + filepath.Base(file))
		if err != nil {
			t.Fatal(err)
		}
		name, ok := derivation.NameOf(path)
		if !ok {
			t.Fatalf("%s has no name", path)
		}
		drv, err := derivation.Parse(store.DefaultDir, name, text)
		if err != nil {
			t.Fatal(err)
		}
		if _, taken := all[name]; taken {
			name += " (2)"
		}
		all[name] = golden{path, string(text), drv}
	}
	return all
}

func TestGolden(t *testing.T) {
	t.Parallel()
	all := goldens(t)
	byPath := make(map[store.Path]*derivation.Derivation)
	for _, g := range all {
		byPath[g.path] = g.drv
	}
	hasher := derivation.NewHasher(store.DefaultDir, fromMap(byPath))
	for name, g := range all {
		checkDerivation(t, store.DefaultDir, hasher, g.path, g.text)

		kind, err := g.drv.Kind()
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		want := derivation.InputAddressed
		switch name {
		case "deferred":
			want = derivation.Deferred
		case "flat.tar.gz", "flat.tar.gz (2)", "md5", "sha1", "sha512", "recursive":
			want = derivation.Fixed
		case "floating":
			want = derivation.Floating
		case "impure", "after-impure":
			want = derivation.Impure
		}
		if kind != want {
			t.Errorf("%s is %v, want %v", name, kind, want)
		}
	}
}

// checkDerivation compares all that can be computed with what Nix wrote to path.
func checkDerivation(t *testing.T, dir store.Dir, hasher *derivation.Hasher, path store.Path, text string) {
	t.Helper()
	name, _ := derivation.NameOf(path)
	drv, err := derivation.Parse(dir, name, []byte(text))
	if err != nil {
		t.Errorf("%s: %v", path, err)
		return
	}
	printed, err := drv.MarshalText()
	if err != nil {
		t.Errorf("%s: %v", path, err)
	}
	if diff := cmp.Diff(text, string(printed)); diff != "" {
		t.Errorf("%s is printed otherwise (-Nix +printed):\n%s", path, diff)
	}
	if got, err := drv.Path(dir); err != nil || got != path {
		t.Errorf("Path() = %s, %v; want %s", got, err, path)
	}

	// Outputs and their variables come back after they were taken away.
	bare, err := derivation.Parse(dir, name, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for output, o := range bare.Outputs {
		o.Path = ""
		bare.Outputs[output] = o
		delete(bare.Env, output)
	}
	if err := hasher.Fill(t.Context(), bare); err != nil {
		t.Errorf("%s: %v", path, err)
	}
	if diff := cmp.Diff(drv, bare, compareHashes); diff != "" {
		t.Errorf("%s is filled otherwise (-Nix +filled):\n%s", path, diff)
	}
}

// compareHashes is for cmp: hashes are comparable values.
var compareHashes = cmp.Comparer(func(a, b store.Hash) bool { return a == b })

func TestParseGolden(t *testing.T) {
	t.Parallel()
	all := goldens(t)

	escapes := all["escapes"].drv
	source := store.Path("/nix/store/pvpgn7jhaqwz8802xksm6s3mp970zk1f-source.txt")
	want := &derivation.Derivation{
		Name:         "escapes",
		Outputs:      map[string]derivation.Output{"out": {Path: store.Path(escapes.Env["out"])}},
		InputSources: []store.Path{source},
		System:       "x86_64-linux",
		Builder:      "/bin/sh",
		Args:         []string{"\t", "", "é→"},
		Env: map[string]string{
			"builder":     "/bin/sh",
			"name":        "escapes",
			"odd\"\\name": "a\nb\rc\td\"e\\f$g",
			"out":         escapes.Env["out"],
			"source":      string(source),
			"system":      "x86_64-linux",
		},
		InputDerivations: map[store.Path][]string{},
	}
	if diff := cmp.Diff(want, escapes, compareHashes); diff != "" {
		t.Error(diff)
	}

	if diff := cmp.Diff([]string{"dev", "lib", "out"}, all["many-1.0"].drv.OutputNames()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"dev", "lib"}, all["top"].drv.InputDerivations[all["many-1.0"].path]); diff != "" {
		t.Error(diff)
	}
	flat := all["flat.tar.gz"].drv.Outputs["out"]
	if flat.Method != store.Flat || flat.Algorithm != store.SHA256 || flat.Hash.Base16() != strings.Repeat("0", 64) {
		t.Errorf("flat.tar.gz: %+v", flat)
	}
	if md5 := all["md5"].drv.Outputs["out"]; md5.Method != store.Recursive || md5.Hash.Algorithm() != store.MD5 {
		t.Errorf("md5: %+v", md5)
	}
}

func TestStructuredAttrs(t *testing.T) {
	t.Parallel()
	all := goldens(t)
	attrs, ok, err := all["structured"].drv.StructuredAttrs()
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	for name, want := range map[string]string{
		"list":    `[1,2.5,true,null,"x"]`,
		"outputs": `["out","doc"]`,
		"set":     `{"a":"` + string(all["many-1.0"].drv.Outputs["dev"].Path) + `","b":"\"q\""}`,
	} {
		if got := string(attrs[name]); got != want {
			t.Errorf("%s = %s, want %s", name, got, want)
		}
	}
	if _, ok, err := all["simple"].drv.StructuredAttrs(); ok || err != nil {
		t.Errorf("simple: %v, %v", ok, err)
	}
	for _, text := range []string{"", "[]", "null", "{", "{} {}"} {
		drv := derivation.Derivation{Env: map[string]string{"__json": text}}
		if _, ok, err := drv.StructuredAttrs(); !ok || err == nil {
			t.Errorf("__json = %s: %v, %v", text, ok, err)
		}
	}
}
