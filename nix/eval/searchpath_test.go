package eval_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"luminousnix/internal/testbed"
	"luminousnix/nix/eval"
	"luminousnix/nix/fetch"
	"luminousnix/nix/store"
)

// TestRealNixSearchPath looks files up in search paths with URLs, links and what
// does not exist, without and with restricted evaluation.
func TestRealNixSearchPath(t *testing.T) {
	t.Parallel()
	server := fileServer(t)
	dir := landscape(t)
	tests := []struct {
		entry, expression string
		restrict          bool
		since2_26         bool
	}{
		{"n=URL/tree.tar.gz", `toString <n>`, false, true},
		{"n=URL/tree.tar.gz", `toString <n/lib/x.nix>`, false, false},
		{"n=URL/tree.tar.gz", `(import <n>).v`, false, false},
		{"URL/tree.tar.gz", `import <lib/x.nix>`, false, false},
		{"n=file://DIR/tree.tar", `toString <n/b.txt>`, false, false},
		{"n=URL/missing.tar.gz", `toString <n>`, false, false},
		{"n=URL/page", `toString <n>`, false, false},
		{"n=DIR/missing", `toString <n>`, false, false},
		{"n=DIR/through", `toString <n/b.txt>`, false, true},
		{"n=DIR/allowed", `toString <n>`, true, false},
		{"n=DIR/allowed/../private", `import <n>`, true, false},
		{"n=DIR/missing", `toString <n>`, true, false},
		{"n=DIR/through", `toString <n/b.txt>`, true, true},
		{"n=DIR/through", `builtins.readFile <n/b.txt>`, true, true},
		{"n=DIR/allowed/escape-dir", `import <n>`, true, true},
		{"n=/", `builtins.readFile DIR/secret.txt`, true, true},
		{"n=URL/tree.tar.gz", `toString <n/lib/x.nix>`, true, true},
		{"n=URL/tree.tar.gz", `(import <n>).v`, true, true},
		{"n=file://DIR/tree.tar", `toString <n/b.txt>`, true, true},
	}
	write(t, filepath.Join(dir, "tree.tar"), tarOf(t, tree()))
	for _, release := range testbed.AllReleases(t) {
		t.Run(release.Name, func(t *testing.T) {
			t.Parallel()
			bed := testbed.NewWith(t, testbed.Options{Release: release})
			downloads := fetch.New(fetch.Options{CacheDir: filepath.Join(t.TempDir(), "cache"), Tries: 1})
			for _, test := range tests {
				if test.since2_26 && release.Name == "installed" {
					continue
				}
				fill := strings.NewReplacer("URL", server.URL, "DIR", dir)
				entry, expression := fill.Replace(test.entry), fill.Replace(test.expression)
				args := []string{"-I", entry, "--option", "nix-path", ""}
				if test.restrict {
					args = append(args, "--option", "restrict-eval", "true")
				}
				want, _ := asNix(t, bed, expression, args...)
				got, _ := asUs(t, eval.Options{
					Store:      &eval.DryStore{Directory: store.Dir(bed.StoreDir)},
					Inputs:     eval.Host{Downloads: downloads},
					SearchPath: []eval.SearchEntry{eval.ParseSearchEntry(entry)},
					BaseDir:    bed.Home, Restrict: test.restrict, Stderr: new(bytes.Buffer),
				}, expression)
				if want.Failed != got.Failed || want.Output != got.Output {
					t.Errorf("-I %s %s, restricted %v\n Nix: %v %s %s\n got: %v %s %s", entry, expression, test.restrict,
						want.Failed, want.Output, want.Text, got.Failed, got.Output, got.Text)
				} else if want.Failed && release.Name == "forky" && !strings.Contains(want.Text, got.Text) {
					t.Errorf("-I %s %s\n Nix: %s\n got: %s", entry, expression, want.Text, got.Text)
				}
			}
		})
	}
}

// TestFindFile finds what a command line names.
func TestFindFile(t *testing.T) {
	t.Parallel()
	server := fileServer(t)
	dir := landscape(t)
	ev := eval.New(eval.Options{
		Inputs:     eval.Host{Downloads: fetch.New(fetch.Options{CacheDir: t.TempDir(), Tries: 1})},
		SearchPath: []eval.SearchEntry{{Prefix: "n", Path: dir + "/allowed"}}, BaseDir: dir,
	})
	const source = "/nix/store/f92ridm13yx2za1962479yfkgalq5j60-source"
	for name, want := range map[string]string{
		"a/../b":                       dir + "/b",
		"/x//y":                        "/x/y",
		"<n/a.nix>":                    dir + "/allowed/a.nix",
		"<>":                           dir + "/<>",
		server.URL + "/tree.tar.gz":    source,
		"<m>":                          "error: file 'm' was not found in the Nix search path (add it using $NIX_PATH or -I)",
		"flake:nixpkgs":                "error: builtins.getFlake is not supported natively",
		"git://example.org/x":          "error: builtins.fetchTarball is not supported natively",
		server.URL + "/missing.tar.gz": "error: unable to download '" + server.URL + "/missing.tar.gz': HTTP error 404",
	} {
		got, err := ev.FindFile(t.Context(), name)
		if err != nil {
			got = "error: " + err.Error()
		}
		if got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	v, err := ev.EvalFile(t.Context(), source)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := ev.Force(t.Context(), ev.Attr(v, "v")); err != nil || got.Int() != 42 {
		t.Errorf("the file at the URL: %v", err)
	}
}
