package eval_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/testbed"
	"luminousnix/nix/derivation"
	"luminousnix/nix/eval"
	"luminousnix/nix/store"
)

// bedInputs is the machine with the environment of a test bed.
type bedInputs struct {
	eval.Host
	environment []string
}

func (b bedInputs) Getenv(name string) string {
	for _, variable := range b.environment {
		if value, ok := strings.CutPrefix(variable, name+"="); ok {
			return value
		}
	}
	return ""
}

// bedEnvironment lets all packages be evaluated.
func bedEnvironment(bed *testbed.Nix) []string {
	return append(bed.Env(), "NIXPKGS_ALLOW_UNFREE=1", "NIXPKGS_ALLOW_BROKEN=1", "NIXPKGS_ALLOW_INSECURE=1")
}

// native evaluates for the store of a test bed, without writing to it.
func native(bed *testbed.Nix) (*eval.Evaluator, *eval.DryStore) {
	dry := &eval.DryStore{Directory: store.Dir(bed.StoreDir)}
	inputs := bedInputs{environment: bedEnvironment(bed)}
	var search []eval.SearchEntry
	for _, entry := range strings.Split(inputs.Getenv("NIX_PATH"), ":") {
		prefix, path, _ := strings.Cut(entry, "=")
		search = append(search, eval.SearchEntry{Prefix: prefix, Path: path})
	}
	return eval.New(eval.Options{
		Store: dry, Inputs: inputs, SearchPath: search,
		CurrentSystem: "x86_64-linux", BaseDir: bed.Home,
		Features: []string{"ca-derivations", "impure-derivations"},
	}), dry
}

// instantiated is an expression that nix-instantiate makes derivations of.
type instantiated struct {
	file, attr string // file may be <…>
	least      int    // how many derivations it has to be
}

func realExpressions(tb testing.TB) []instantiated {
	tb.Helper()
	return []instantiated{
		{"<nixpkgs/nixos>", "config.system.build.toplevel", 1},
		{"<nixpkgs>", "", 80},
		{absolute(tb, "../derivation/testdata/golden.nix"), "", 17},
		{absolute(tb, "../derivation/testdata/graph.nix"), "", 600},
		{absolute(tb, "testdata/derivations.nix"), "", 10},
	}
}

func absolute(tb testing.TB, path string) string {
	tb.Helper()
	path, err := filepath.Abs(path)
	if err != nil {
		tb.Fatal(err)
	}
	return path
}

// TestRealNixDerivations compares the paths of the derivations of a NixOS, its
// packages and others with those that each release of Nix gives them.
func TestRealNixDerivations(t *testing.T) {
	t.Parallel()
	for _, release := range testbed.AllReleases(t) {
		t.Run(release.Name, func(t *testing.T) {
			t.Parallel()
			bed := testbed.NewWith(t, testbed.Options{Release: release})
			for _, expression := range realExpressions(t) {
				compareDerivations(t, bed, expression)
			}
		})
	}
}

func compareDerivations(t *testing.T, bed *testbed.Nix, expression instantiated) {
	t.Helper()
	want := realDerivations(t, bed, expression)
	if len(want) < expression.least {
		t.Fatalf("%s: %d derivations are not much of a test", expression.file, len(want))
	}
	ev, dry := native(bed)
	v, err := ev.EvalExpr(t.Context(), "«string»", "import "+expression.file)
	if err == nil {
		v, err = ev.Select(t.Context(), v, expression.attr, ev.MakeAttrs(nil))
	}
	if err == nil {
		v, err = ev.AutoCall(t.Context(), v, ev.MakeAttrs(nil))
	}
	if err != nil {
		t.Errorf("%s: %s", expression.file, renderError(err, true))
		return
	}
	got, err := nativeDerivations(t.Context(), ev, v)
	if err != nil {
		t.Errorf("%s: %s", expression.file, renderError(err, true))
		return
	}
	slices.Sort(got)
	got = slices.Compact(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-Nix +got):\n%s", expression.file, diff)
		explain(t, bed, dry, want, got)
	}
	t.Logf("%s: %d derivations", expression.file, len(got))
}

func realDerivations(t *testing.T, bed *testbed.Nix, expression instantiated) []store.Path {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	args := []string{"--option", "experimental-features", "ca-derivations impure-derivations", expression.file}
	if expression.attr != "" {
		args = append(args, "-A", expression.attr)
	}
	cmd := bed.Command(ctx, "nix-instantiate", args...)
	// Not through the daemon, which has the experimental features switched off.
	cmd.Env = append(bedEnvironment(bed), "NIX_REMOTE=local")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("nix-instantiate: %v\n%s", err, stderr.String())
	}
	var paths []store.Path
	for _, line := range strings.Fields(string(out)) {
		path, _, err := store.Dir(bed.StoreDir).Split(strings.TrimRight(line, "!"))
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// nativeDerivations returns the derivations in a value: itself, or those in its
// elements or attributes.
func nativeDerivations(ctx context.Context, ev *eval.Evaluator, v eval.Value) ([]store.Path, error) {
	switch v.Kind() {
	case eval.KindList:
		var all []store.Path
		for _, t := range v.List() {
			element, err := ev.Force(ctx, t)
			if err != nil {
				return nil, err
			}
			paths, err := nativeDerivations(ctx, ev, element)
			if err != nil {
				return nil, err
			}
			all = append(all, paths...)
		}
		return all, nil
	case eval.KindAttrs:
		if ev.Attr(v, "type") != nil && ev.Attr(v, "drvPath") != nil {
			drvPath, err := ev.Force(ctx, ev.Attr(v, "drvPath"))
			if err != nil {
				return nil, err
			}
			return []store.Path{store.Path(drvPath.Text())}, nil
		}
		var all []store.Path
		for _, attr := range ev.Attrs(v) {
			element, err := ev.Force(ctx, attr.Value)
			if err != nil {
				return nil, err
			}
			// Sets within sets have derivations only if they say so.
			if element.Kind() == eval.KindAttrs && ev.Attr(element, "type") == nil {
				recurse := ev.Attr(element, "recurseForDerivations")
				if recurse == nil {
					continue
				}
				if yes, err := ev.Force(ctx, recurse); err != nil || !yes.Bool() {
					continue
				}
			}
			paths, err := nativeDerivations(ctx, ev, element)
			if err != nil {
				return nil, err
			}
			all = append(all, paths...)
		}
		return all, nil
	}
	return nil, nil
}

// explain shows how the first derivation that is wrong, of those that need no
// other wrong one, differs from that of the same name in the bed's store.
func explain(t *testing.T, bed *testbed.Nix, dry *eval.DryStore, want, got []store.Path) {
	t.Helper()
	real := derivation.FromStore(store.Dir(bed.StoreDir))
	for _, p := range got {
		if slices.Contains(want, p) {
			continue
		}
		for {
			drv, err := dry.Derivation(t.Context(), p)
			if err != nil {
				t.Error(err)
				return
			}
			wrong := slices.IndexFunc(drv.Inputs(), func(in store.Path) bool {
				_, err := os.Stat(string(in))
				return err != nil
			})
			if wrong >= 0 {
				p = drv.Inputs()[wrong]
				continue
			}
			same, err := filepath.Glob(filepath.Join(bed.StoreDir, "*-"+p.Name()))
			if err != nil || len(same) == 0 {
				t.Errorf("%s: Nix has no such derivation: %v", p.Name(), err)
				return
			}
			other, err := real(t.Context(), store.Path(same[0]))
			if err != nil {
				t.Error(err)
				return
			}
			t.Errorf("%s (-Nix +got):\n%s", p.Name(), cmp.Diff(other, drv))
			return
		}
	}
}
