package evaluation_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/evaluation"
	"luminousnix/internal/testbed"
	"luminousnix/nix/eval"
)

// TestRealNixFilter: a filter may need the store for what it evaluates, by a
// derivation or by a source of its own, and is asked once about each file.
func TestRealNixFilter(t *testing.T) {
	t.Parallel()
	for _, release := range testbed.AllReleases(t) {
		t.Run(release.Name, func(t *testing.T) {
			t.Parallel()
			b := newBed(t, release)
			tree := filepath.Join(b.Dir, "tree")
			for _, file := range []string{"kept/one", "kept/two", "left-out"} {
				if err := os.MkdirAll(filepath.Dir(filepath.Join(tree, file)), 0o755); err != nil {
					t.Fatal(err)
				}
				write(t, tree, file, file)
			}
			r := b.request(`let
				make = name: derivation { inherit name; system = "x"; builder = ./tree/kept/one; };
				filter = file: type: builtins.trace "asked for ${baseNameOf file}"
					(builtins.match ".*-left-out.drv" (make (baseNameOf file)).drvPath == null);
			in derivation {
				name = "made"; system = "x"; builder = "b";
				source = builtins.path { path = ./tree; name = "filtered"; inherit filter; };
			}`)
			r.Write, r.NoCache = true, true
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			ours, err := b.native.Evaluate(ctx, r)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff("kept left-out one two", asked(ours)); diff != "" {
				t.Error(diff)
			}
			theirs, err := b.command.Evaluate(ctx, r)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(theirs.Derivations, ours.Derivations); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestRealNixClosure: restricted evaluation may read what a path in the search path
// refers to, and the daemon knows what that is.
func TestRealNixClosure(t *testing.T) {
	t.Parallel()
	for _, release := range testbed.AllReleases(t) {
		t.Run(release.Name, func(t *testing.T) {
			t.Parallel()
			b := newBed(t, release)
			made := b.request(`let below = builtins.toFile "below" "content"; other = builtins.toFile "other" "secret"; in
				[ (builtins.toFile "above" "${below}") other ]`)
			made.Want, made.Write, made.Print = evaluation.Values, true, evaluation.Printing{Format: evaluation.JSON, Strict: true}
			var paths []string
			if err := json.Unmarshal([]byte(evaluate(t, b.native, made).Values[0]), &paths); err != nil {
				t.Fatal(err)
			}
			for _, write := range []bool{false, true} {
				r := b.request("builtins.readFile (builtins.readFile <above>)")
				r.SearchPath = []eval.SearchEntry{{Prefix: "above", Path: paths[0]}}
				r.Want, r.Write, r.Restrict, r.NoCache = evaluation.Values, write, true, true
				if diff := cmp.Diff(same(t, b.command, r), same(t, b.native, r)); diff != "" {
					t.Errorf("write %v: %s", write, diff)
				}
				r.Sources[0].Text = "builtins.readFile " + paths[1]
				for name, e := range map[string]evaluation.Evaluator{"native": b.native, "command": b.command} {
					if result, err := e.Evaluate(t.Context(), r); err == nil {
						t.Errorf("%s reads what nothing refers to: %q", name, result.Values)
					}
				}
			}
		})
	}
}

// asked are the files that the filter was asked for.
func asked(r *evaluation.Result) string {
	var files []string
	for line := range strings.Lines(string(r.Messages)) {
		if file, ok := strings.CutPrefix(strings.TrimSpace(line), "trace: asked for "); ok {
			files = append(files, file)
		}
	}
	slices.Sort(files)
	return strings.Join(files, " ")
}
