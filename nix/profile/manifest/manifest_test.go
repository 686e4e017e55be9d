package manifest_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/nix/profile/manifest"
	"luminousnix/nix/store"
)

const (
	hello = "/nix/store/94f9f6i31zwzwbf0kclq1naqxxi4c7v9-hello-2.12.1"
	git   = "/nix/store/3ghsl9sd83mc26i81adpa2fzf3yw4f68-git-2.51.0"
	doc   = "/nix/store/9s5bdnc26i81adpa2fzf3yw4f68sd83m-git-2.51.0-doc"
)

func element(name string, paths ...store.Path) manifest.Element {
	e := manifest.ForPaths(paths...)
	e.Name = name
	return e
}

func fromFlake(name, url, attrPath string, outputs []string, paths ...store.Path) manifest.Element {
	e := element(name, paths...)
	e.Source = &manifest.Source{OriginalURL: url, URL: url + "/c0ffee", AttrPath: attrPath, Outputs: outputs}
	return e
}

func TestParse(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, text string
		want       *manifest.Manifest
	}{
		{"empty 3", `{"elements":{},"version":3}`, &manifest.Manifest{}},
		{"empty 2", `{"elements":[],"version":2}`, &manifest.Manifest{Format: manifest.V2}},
		{"no elements", `{"version":3}`, &manifest.Manifest{}},
		{
			"of Nix 2.8", `{"elements":[{"active":true,"storePaths":["` + hello + `"]},{"active":false,"storePaths":["` + hello + `"]}],"version":2}`,
			&manifest.Manifest{Format: manifest.V2Plain, Elements: []manifest.Element{
				element("hello", hello),
				{Name: "hello-1", StorePaths: []store.Path{hello}, Priority: 5},
			}},
		},
		{
			"of Nix 2.4", `{"elements":[{"active":true,"attrPath":"packages.x.hello","originalUri":"flake:nixpkgs","storePaths":["` + hello + `"],"uri":"flake:nixpkgs/c0ffee"}],"version":1}`,
			&manifest.Manifest{Format: manifest.V2Plain, Elements: []manifest.Element{
				fromFlake("hello", "flake:nixpkgs", "packages.x.hello", nil, hello),
			}},
		},
		{
			"of Nix 2.26, keys in another order and unknown ones",
			` { "version": 3, "other": 1, "elements": { "z": {"storePaths": ["` + doc + `","` + git + `"], "priority": -3, "active": true, "Priority": "x"},
			"g": {"url":"github:a/b/c0ffee","originalUrl":"github:a/b","attrPath":"","outputs":["out","doc","out"],"active":true,"storePaths":[]}}}`,
			&manifest.Manifest{Elements: []manifest.Element{
				{Name: "g", Active: true, Priority: 5, Source: &manifest.Source{
					OriginalURL: "github:a/b", URL: "github:a/b/c0ffee", Outputs: []string{"doc", "out"},
				}},
				{Name: "z", Active: true, Priority: -3, StorePaths: []store.Path{git, doc}},
			}},
		},
		{
			"empty URL", `{"elements":{"a":{"active":true,"url":"","storePaths":[]}},"version":3}`,
			&manifest.Manifest{Elements: []manifest.Element{{Name: "a", Active: true, Priority: 5}}},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := manifest.Parse(store.DefaultDir, []byte(test.text))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseErrors(t *testing.T) {
	t.Parallel()
	in := func(element string) string { return `{"elements":{"x":` + element + `},"version":3}` }
	for _, test := range []struct{ text, want string }{
		{``, "manifest.json: unexpected end"},
		{"\xff", "manifest.json: it is not in UTF-8"},
		{`[]`, "manifest.json: json: cannot unmarshal array"},
		{`{"version":3}x`, "manifest.json: invalid character"},
		{`{"version":"3"}`, "manifest.json: version: json:"},
		{`{"version":3.5}`, "manifest.json: version: json:"},
		{`{"version":null}`, "manifest.json: version: it is not a whole number"},
		{`{"elements":3,"version":3}`, "manifest.json: elements: json:"},
		{`{"elements":[3],"version":2}`, "manifest.json: elements[0]: it is not an object"},
		{in(`null`), "manifest.json: elements.x: it is not an object"},
		{in(`{}`), "manifest.json: elements.x.active: it is missing"},
		{in(`{"active":1}`), "manifest.json: elements.x.active: json:"},
		{in(`{"active":true,"priority":2147483648}`), "manifest.json: elements.x.priority: it is not a whole number"},
		{in(`{"active":true,"priority":"5"}`), "manifest.json: elements.x.priority: json:"},
		{in(`{"active":true,"storePaths":"x"}`), "manifest.json: elements.x.storePaths: json:"},
		{in(`{"active":true,"storePaths":[null]}`), "manifest.json: elements.x.storePaths: there is null"},
		{in(`{"active":true,"storePaths":["/etc"]}`), `manifest.json: elements.x.storePaths: "/etc" is not a store path`},
		{in(`{"active":true,"url":null}`), "manifest.json: elements.x.url: it is not a string"},
		{in(`{"active":true,"url":"a"}`), "manifest.json: elements.x.originalUrl: it is missing"},
		{in(`{"active":true,"url":"a","originalUrl":"b"}`), "manifest.json: elements.x.attrPath: it is missing"},
		{in(`{"active":true,"url":"a","originalUrl":"b","attrPath":"c","outputs":[]}`), "manifest.json: elements.x.outputs: the list is empty"},
	} {
		m, err := manifest.Parse(store.DefaultDir, []byte(test.text))
		var wrong *manifest.ParseError
		if !errors.As(err, &wrong) || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s: %v, %v; want %s", test.text, m, err, test.want)
		}
	}
	for text, want := range map[string]int{`{}`: 0, `{"version":4,"elements":"anything"}`: 4, `{"version":-1}`: -1} {
		_, err := manifest.Parse(store.DefaultDir, []byte(text))
		var version *manifest.VersionError
		if !errors.As(err, &version) || version.Version != want {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestMarshal(t *testing.T) {
	t.Parallel()
	m := &manifest.Manifest{Elements: []manifest.Element{
		fromFlake("z", "flake:nixpkgs", "hello", []string{"*"}, hello),
		element("git", doc, git),
		element("A<&>\u2028\u007f\x00\x1b\b\f\n\r\t\"\\/日", hello),
	}}
	m.Elements[1].Priority = 7
	m.Elements[2].Active = false
	for format, want := range map[manifest.Format]string{
		manifest.V3: `{"elements":{` +
			"\"A<&>\u2028\u007f" + `\u0000\u001b\b\f\n\r\t\"\\/日":{"active":false,"priority":5,"storePaths":["` + hello + `"]},` +
			`"git":{"active":true,"priority":7,"storePaths":["` + git + `","` + doc + `"]},` +
			`"z":{"active":true,"attrPath":"hello","originalUrl":"flake:nixpkgs","outputs":["*"],"priority":5,"storePaths":["` + hello + `"],"url":"flake:nixpkgs/c0ffee"}` +
			`},"version":3}`,
		manifest.V2: `{"elements":[` +
			`{"active":true,"attrPath":"hello","originalUrl":"flake:nixpkgs","outputs":["*"],"priority":5,"storePaths":["` + hello + `"],"url":"flake:nixpkgs/c0ffee"},` +
			`{"active":true,"priority":7,"storePaths":["` + git + `","` + doc + `"]},` +
			`{"active":false,"priority":5,"storePaths":["` + hello + `"]}` +
			`],"version":2}`,
		manifest.V2Plain: `{"elements":[` +
			`{"active":true,"attrPath":"hello","originalUrl":"flake:nixpkgs","storePaths":["` + hello + `"],"url":"flake:nixpkgs/c0ffee"},` +
			`{"active":true,"storePaths":["` + git + `","` + doc + `"]},` +
			`{"active":false,"storePaths":["` + hello + `"]}` +
			`],"version":2}`,
	} {
		m.Format = format
		got, err := m.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(got)); diff != "" {
			t.Errorf("format %d: %s", format, diff)
		}
	}
}

func TestMarshalErrors(t *testing.T) {
	t.Parallel()
	noURL := element("x", hello)
	noURL.Source = &manifest.Source{OriginalURL: "a"}
	for _, elements := range [][]manifest.Element{
		{element("a", hello), element("b"), element("a", git)},
		{element("\xff", hello)},
		{noURL},
	} {
		text, err := (&manifest.Manifest{Elements: elements}).Marshal()
		var wrong *manifest.MarshalError
		if !errors.As(err, &wrong) {
			t.Errorf("%+v: %s, %v", elements, text, err)
		}
	}
}

func TestAddRemove(t *testing.T) {
	t.Parallel()
	m := new(manifest.Manifest)
	for _, want := range []string{"hello", "hello-1", "hello-2"} {
		if name, added := m.Add(manifest.ForPaths(hello)); name != want || !added {
			t.Errorf("added as %s, %v; want %s", name, added, want)
		}
	}
	if name, _ := m.Add(manifest.ForPaths(doc, git, git)); name != "git" {
		t.Errorf("git with its documentation is %s", name)
	}
	flake := fromFlake("", "github:owner/tool", "packages.x86_64-linux.default", nil, hello)
	if name, added := m.Add(flake); name != "tool" || !added {
		t.Errorf("a flake: %s, %v", name, added)
	}
	if name, added := m.Add(flake); name != "tool" || added {
		t.Errorf("the flake again: %s, %v", name, added)
	}
	flake.Priority = 4
	if name, added := m.Add(flake); name != "tool-1" || !added {
		t.Errorf("the flake with another priority: %s, %v", name, added)
	}

	before := m.Clone()
	matchesGit, err := manifest.Matching("GI.")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := manifest.Matching("a)|(b"); err == nil {
		t.Error("a pattern with a loose bracket was taken")
	}
	removed := m.Remove(matchesGit, manifest.Named("hello-1"), manifest.Named("nothing"))
	if diff := cmp.Diff([]string{"hello-1", "git"}, elementNames(removed)); diff != "" {
		t.Error(diff)
	}
	// The gap is filled, as in Nix.
	if name, _ := m.Add(manifest.ForPaths(hello)); name != "hello-1" {
		t.Errorf("added as %s", name)
	}
	removed = m.Remove(manifest.Holding(hello))
	if diff := cmp.Diff([]string{"hello", "hello-2", "tool", "tool-1", "hello-1"}, elementNames(removed)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"hello", "hello-1", "hello-2", "git", "tool", "tool-1"}, elementNames(before.Elements)); diff != "" {
		t.Errorf("the clone changed: %s", diff)
	}
	if n := len(before.Remove()); n != 0 {
		t.Errorf("no function removed %d elements", n)
	}
	if n := len(before.Remove(manifest.All)); n != 6 {
		t.Errorf("%d elements removed", n)
	}
}

func elementNames(elements []manifest.Element) []string {
	var names []string
	for _, e := range elements {
		names = append(names, e.Name)
	}
	return names
}

func TestDefaultName(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ url, attrPath, want string }{
		{"flake:nixpkgs", "legacyPackages.x86_64-linux.hello", "hello"},
		{"flake:nixpkgs", "hello", "hello"},
		{"flake:nixpkgs", "legacyPackages.x86_64-linux.python3Packages.requests", "requests"},
		{"github:NixOS/nix", "packages.x86_64-linux.default", "nix"},
		{"github:NixOS/nix/2.34-maintenance", "packages.x86_64-linux.default", "nix"},
		{"github:NixOS/nix", "defaultPackage.x86_64-linux", "nix"},
		{"git+file:///home/x/my-tool", "packages.x86_64-linux.default", "my-tool"},
		{"git+https://example.org/a/tool.git", "packages.x86_64-linux.default", "git+https://example.org/a/tool.git#packages.x86_64-linux.default"},
		{"git+https://example.org", "packages.x86_64-linux.default", "git+https://example.org#packages.x86_64-linux.default"},
		{"path:/home/x/dir?lastModified=1&narHash=sha256-AAAA", "packages.x86_64-linux.default", "dir"},
		{"github:a/b?dir=sub/tool", "packages.x86_64-linux.hello", "sub/tool"},
		{"https://example.org/x/archive.tar.gz", "packages.x86_64-linux.default", "https://example.org/x/archive.tar.gz#packages.x86_64-linux.default"},
		{"flake:nixpkgs", "", "flake:nixpkgs#"},
		{"no scheme", "a b", "no scheme#a b"},
		{"path:/a%20b/c%20d", "packages.x86_64-linux.default", "path:/a%20b/c%20d#packages.x86_64-linux.default"},
		{"path:/a%20b/cd", "packages.x86_64-linux.default", "cd"},
		{"flake:nixpkgs", "legacyPackages.x86_64-linux.gtk+", "flake:nixpkgs#legacyPackages.x86_64-linux.gtk+"},
	} {
		for _, outputs := range [][]string{nil, {"*"}, {"dev", "out"}} {
			e := fromFlake("", test.url, test.attrPath, outputs)
			want := test.want
			if strings.Contains(want, "#") && outputs != nil {
				want += "^" + strings.Join(outputs, ",")
			}
			if got := e.DefaultName(); got != want {
				t.Errorf("%s: %q, want %q", e.Source, got, want)
			}
		}
	}
}
