package eval_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/testbed"
	"luminousnix/nix/eval"
)

// TestRealNixNames compares which builtins and other global names there are, with
// and without experimental features, with the Nix whose version is told.
func TestRealNixNames(t *testing.T) {
	t.Parallel()
	bed := testbed.NewWith(t, testbed.Options{Release: newest(t)})
	for _, features := range []string{
		"",
		"flakes",
		"fetch-tree",
		"ca-derivations dynamic-derivations fetch-closure flakes impure-derivations parse-toml-timestamps",
	} {
		for _, expression := range []string{"builtins.attrNames builtins", "builtins.nixVersion"} {
			want, _ := asNix(t, bed, expression, "--option", "experimental-features", features)
			got, err := asUs(t, eval.Options{Features: strings.Fields(features), CurrentSystem: "x86_64-linux"}, expression)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("with the features %q: (-Nix +ours)\n%s", features, diff)
			}
		}
	}
	for _, expression := range []string{
		`builtins.getFlake (throw "x")`, `builtins.getFlake "x"`, `builtins.parseFlakeRef 1`, `builtins.flakeRefToString (throw "y")`,
	} {
		want, _ := asNix(t, bed, expression, "--option", "experimental-features", "")
		got, err := asUs(t, eval.Options{}, expression)
		if err == nil || !want.Failed || !strings.Contains(want.Text, got.Text) {
			t.Errorf("%s\n Nix: %s\n got: %v", expression, want.Text, err)
		}
	}
}
