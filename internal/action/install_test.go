package action

import (
	"testing"

	"luminousnix/nix/profile/manifest"
	"luminousnix/nix/store"
	"luminousnix/nix/syntax"
)

func TestFormatOf(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]manifest.Format{
		"2.8.0": manifest.V2Plain, "2.9.1": manifest.V2, "2.18.9": manifest.V2, "2.20.0": manifest.V3, "2.34.8": manifest.V3,
		"2.36pre20260822": manifest.V3, "3.0": manifest.V3, "": manifest.V3, "odd": manifest.V3,
	} {
		if got := formatOf(version); got != want {
			t.Errorf("%q: %v, want %v", version, got, want)
		}
	}
}

func TestWantedExpression(t *testing.T) {
	t.Parallel()
	text := wantedExpression([]string{"gtk+3", "python3Packages.numpy", "7zz"})
	if _, err := syntax.Parse("wanted", []byte(text), syntax.ParseOptions{}); err != nil {
		t.Errorf("%s: %v", text, err)
	}
}

func TestNamed(t *testing.T) {
	t.Parallel()
	e := manifest.ForPaths(
		store.Path("/nix/store/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-nodejs-20.1-man"),
		store.Path("/nix/store/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb-nodejs-20.1"),
	)
	for name, want := range map[string]bool{"nodejs": true, "nodejs-20.1": true, "node": false, "js": false, "nodejs-20": false} {
		if got := named(name)(&e); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
