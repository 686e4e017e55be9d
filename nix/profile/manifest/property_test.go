package manifest_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"luminousnix/nix/profile/manifest"
	"luminousnix/nix/store"
)

// paths are store paths of few different names.
func paths(dir store.Dir) *rapid.Generator[store.Path] {
	return rapid.Custom(func(t *rapid.T) store.Path {
		digest := rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "digest")
		name := rapid.SampledFrom([]string{"hello-1.0", "hello-2.0", "git", "git-2.0-doc", "a-b-c-3", "x-", "y"}).Draw(t, "name")
		p, err := dir.MakePath("source", store.Sum(store.SHA256, digest), name)
		if err != nil {
			t.Fatal(err)
		}
		return p
	})
}

// sources have URLs that Nix prints as they are.
func sources() *rapid.Generator[*manifest.Source] {
	return rapid.Custom(func(t *rapid.T) *manifest.Source {
		url := rapid.SampledFrom([]string{
			"flake:nixpkgs", "github:NixOS/nix", "github:NixOS/nix/master", "git+file:///home/x/my-tool", "git+https://example.org/a/tool.git",
			"path:/home/x/dir", "gitlab:a/b", "github:a/b?dir=sub", "https://example.org/x/archive.tar.gz", "git+ssh://git@example.org/c",
		}).Draw(t, "url")
		attribute := rapid.SampledFrom([]string{
			"hello", "default", "packages.x86_64-linux.hello", "packages.x86_64-linux.default", "defaultPackage.x86_64-linux", "legacyPackages.x.a.b", "a.default.b",
		}).Draw(t, "attribute")
		outputs := rapid.SampledFrom([][]string{nil, {"*"}, {"out"}, {"dev", "out"}}).Draw(t, "outputs")
		return &manifest.Source{OriginalURL: url, URL: url, AttrPath: attribute, Outputs: outputs}
	})
}

func manifests(dir store.Dir) *rapid.Generator[*manifest.Manifest] {
	return rapid.Custom(func(t *rapid.T) *manifest.Manifest {
		m := &manifest.Manifest{Format: manifest.Format(rapid.IntRange(0, 2).Draw(t, "format"))}
		for range rapid.IntRange(0, 6).Draw(t, "elements") {
			e := manifest.ForPaths(rapid.SliceOfN(paths(dir), 1, 3).Draw(t, "paths")...)
			e.Active = rapid.Bool().Draw(t, "active")
			if m.Format.HasPriorities() {
				e.Priority = int(rapid.Int32().Draw(t, "priority"))
			}
			if rapid.Bool().Draw(t, "flake") {
				e.Source = sources().Draw(t, "source")
				if m.Format == manifest.V2Plain {
					e.Source.Outputs = nil
				}
			}
			if m.Format == manifest.V3 && rapid.Bool().Draw(t, "named") {
				e.Name = rapid.StringN(1, 10, -1).Draw(t, "name")
			}
			m.Add(e)
		}
		return m
	})
}

// TestRoundTrip prints random manifests and parses them again.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := manifests(store.DefaultDir).Draw(t, "manifest")
		text, err := m.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		got, err := manifest.Parse(store.DefaultDir, text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		want := m.Clone()
		if m.Format == manifest.V3 {
			slices.SortFunc(want.Elements, func(a, b manifest.Element) int { return compare(a.Name, b.Name) })
		}
		if len(m.Elements) == 0 && m.Format != manifest.V3 {
			want.Format = manifest.V2 // not to be told from V2Plain
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("%s\n%s", text, diff)
		}
		again, err := got.Marshal()
		if err != nil || string(again) != string(text) {
			t.Fatalf("%s\nbecomes %s, %v", text, again, err)
		}
	})
}

func compare(a, b string) int {
	if a < b {
		return -1
	}
	if a > b {
		return 1
	}
	return 0
}

func FuzzParse(f *testing.F) {
	for seed := range 20 {
		text, err := manifests(store.DefaultDir).Example(seed).Marshal()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(fmt.Sprintf(`{"elements":[{"active":true,"storePaths":[%q]}],"version":1}`, hello)))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := manifest.Parse(store.DefaultDir, data)
		if err != nil {
			return
		}
		for format := range manifest.Format(3) {
			m.Format = format
			text, err := m.Marshal()
			if err != nil {
				t.Fatalf("%q cannot be written: %v", data, err)
			}
			again, err := manifest.Parse(store.DefaultDir, text)
			if err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			again.Format = format // an empty one does not tell
			second, err := again.Marshal()
			if err != nil || string(second) != string(text) {
				t.Fatalf("%q\nbecomes %q, %v", text, second, err)
			}
		}
	})
}
