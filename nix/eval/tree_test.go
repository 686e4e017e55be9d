package eval_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"luminousnix/internal/testbed"
	"luminousnix/nix/eval"
	"luminousnix/nix/fetch"
)

// TestRealNixTrees holds mistakes in the arguments of fetchTree and fetchGit to the
// words of Nix.
func TestRealNixTrees(t *testing.T) {
	t.Parallel()
	bed := testbed.NewWith(t, testbed.Options{Release: newest(t)})
	for _, expression := range []string{
		`builtins.fetchTree { }`,
		`builtins.fetchTree { type = 1; }`,
		`builtins.fetchTree { type = "file"; url = "file:///x"; owner = -1; }`,
		`builtins.fetchTree { type = "file"; url = null; }`,
		`builtins.fetchTree { type = "file"; url = "file:///x"; name = "n"; }`,
		`builtins.fetchTree "file:./relative-path.tar.gz"`,
		`builtins.fetchTree null`,
		`builtins.fetchTree { type = throw "t"; }`,
		`builtins.fetchTree { type = "file"; url = throw "u"; }`,
		`builtins.fetchGit { type = "git"; url = "/nowhere"; }`,
		`builtins.fetchGit { url = "/nowhere"; rev = 1.5; }`,
		`builtins.fetchGit { url = "/nowhere"; depth = -1; }`,
		`builtins.fetchGit [ ]`,
		`builtins.flakeRefToString { type = "github"; repo = -1; }`,
		`builtins.flakeRefToString { type = "github"; repo = 1.5; }`,
		`builtins.flakeRefToString { type = throw "t"; }`,
		`builtins.flakeRefToString "nixpkgs"`,
	} {
		want, _ := asNix(t, bed, expression, "--option", "extra-experimental-features", "flakes")
		got, err := asUs(t, eval.Options{Features: []string{"flakes"}}, expression)
		var unsupported *eval.NotSupportedError
		if !want.Failed || err == nil || errors.As(err, &unsupported) || !strings.Contains(want.Text, got.Text) {
			t.Errorf("%s\n Nix: %s\n got: %v", expression, want.Text, err)
		}
	}
	for _, expression := range []string{`builtins.fetchGit "/nowhere"`, `builtins.fetchTree { type = "path"; path = "/nowhere"; }`} {
		_, err := asUs(t, eval.Options{Features: []string{"fetch-tree"}}, expression)
		var unsupported *eval.NotSupportedError
		if !errors.As(err, &unsupported) {
			t.Errorf("%s: %v", expression, err)
		}
	}
}

func newest(t *testing.T) testbed.Release {
	t.Helper()
	releases := testbed.AllReleases(t)
	for _, r := range releases {
		if r.Name == "forky" {
			return r
		}
	}
	t.Fatalf("forky is not among %v", releases)
	return testbed.Release{}
}

// TestFetchUnsupported tells downloads that Nix may manage from those that nobody
// can.
func TestFetchUnsupported(t *testing.T) {
	t.Parallel()
	server := fileServer(t)
	inputs := eval.Host{Downloads: fetch.New(fetch.Options{CacheDir: t.TempDir(), Tries: 1})}
	tests := map[string]struct {
		inputs      eval.Host
		expression  string
		unsupported bool
	}{
		"lzip":         {inputs, `fetchTarball "URL/tree.tar.lz"`, true},
		"other scheme": {inputs, `fetchTarball "s3://bucket/x.tar"`, true},
		"no downloads": {eval.Host{}, `builtins.fetchurl "URL/file.txt"`, true},
		"missing":      {inputs, `builtins.fetchurl "URL/missing"`, false},
		"no archive":   {inputs, `fetchTarball "URL/page"`, false},
	}
	for name, test := range tests {
		_, err := asUs(t, eval.Options{Inputs: test.inputs}, strings.ReplaceAll(test.expression, "URL", server.URL))
		var unsupported *eval.NotSupportedError
		if err == nil || errors.As(err, &unsupported) != test.unsupported {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// waiting is a downloader that never gets anywhere.
type waiting struct{ begun chan struct{} }

func (w waiting) Download(ctx context.Context, _ string) (eval.Download, error) {
	close(w.begun)
	<-ctx.Done()
	return eval.Download{}, ctx.Err()
}

func TestFetchInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	w := waiting{make(chan struct{})}
	go func() { <-w.begun; cancel() }()
	ev := eval.New(eval.Options{Inputs: eval.Host{Downloads: w}})
	_, err := ev.EvalExpr(ctx, "«string»", `builtins.fetchurl "https://example.org/x"`)
	var e *eval.Error
	if !errors.As(err, &e) || e.Kind != eval.KindInterrupted || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
