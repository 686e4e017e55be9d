package evaluation_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/evaluation"
	"luminousnix/nix/daemon"
	"luminousnix/nix/derivation"
	"luminousnix/nix/store"
)

// TestWithinReach: offline, what is built of what is here is within reach; sources, and what
// nothing builds, are not.
func TestWithinReach(t *testing.T) {
	t.Parallel()
	path := func(name string) store.Path {
		return store.Path("/nix/store/00000000000000000000000000000000-" + name)
	}
	sum, err := store.NewHash(store.SHA256, make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	fixed := map[string]derivation.Output{"out": {Path: path("x"), Algorithm: "sha256", Hash: sum}}
	ordinary := map[string]derivation.Output{"out": {Path: path("x")}}
	derivations := map[store.Path]*derivation.Derivation{
		path("built.drv"):   {Outputs: ordinary, Builder: "/bin/sh"},
		path("source.drv"):  {Outputs: fixed, Builder: "/bin/sh"},
		path("fetched.drv"): {Outputs: fixed, Builder: "builtin:fetchurl", Env: map[string]string{"url": "https://x.invalid/"}},
		path("copied.drv"):  {Outputs: fixed, Builder: "builtin:fetchurl", Env: map[string]string{"url": "file:///etc/x"}},
	}
	load := func(_ context.Context, p store.Path) (*derivation.Derivation, error) { return derivations[p], nil }
	missing := daemon.Missing{
		WillBuild: []store.Path{path("built.drv"), path("source.drv"), path("fetched.drv"), path("copied.drv")},
		Unknown:   []store.Path{path("nobody")},
	}
	var far *evaluation.OfflineError
	err = evaluation.WithinReach(t.Context(), "--offline", load, missing)
	if !errors.As(err, &far) {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]store.Path{path("nobody"), path("source.drv"), path("fetched.drv")}, far.Paths); diff != "" {
		t.Error(diff)
	}
	if want := "nobody, source, fetched would have to be fetched, and --offline says that nothing is"; far.Error() != want {
		t.Errorf("%q, want %q", far, want)
	}
	if err := evaluation.WithinReach(t.Context(), "", load, missing); err != nil {
		t.Errorf("with a network: %v", err)
	}
	missing = daemon.Missing{WillBuild: []store.Path{path("built.drv"), path("copied.drv")}}
	if err := evaluation.WithinReach(t.Context(), "--offline", load, missing); err != nil {
		t.Errorf("what is built here: %v", err)
	}
}
