package evaluation_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/evaluation"
	"luminousnix/internal/host"
	"luminousnix/nix/eval"
)

// TestLimits: what pure and restricted evaluation forbid is forbidden, with and
// without the cache, and what was found out without limits is no way around them.
func TestLimits(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "secret", "secret")
	if err := os.Mkdir(filepath.Join(dir, "allowed"), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "allowed/open.nix", `"open"`)
	for _, native := range []*evaluation.Native{keeping(t), {Host: host.Find(func(string) string { return "" }, ""), Dry: true}} {
		free := evaluation.Request{
			Sources: []evaluation.Source{{Kind: evaluation.Expression, Text: "builtins.readFile " + dir + "/secret"}},
			Want:    evaluation.Values, BaseDir: dir,
			SearchPath: eval.ParseSearchPath("x=" + dir + "/allowed"),
		}
		if diff := cmp.Diff([]string{"\"secret\"\n"}, evaluate(t, native, free).Values); diff != "" {
			t.Error(diff)
		}
		pure, restricted := free, free
		pure.Pure, restricted.Restrict = true, true
		for _, r := range []evaluation.Request{pure, restricted} {
			result, err := native.Evaluate(t.Context(), r)
			var failed *eval.Error
			if !errors.As(err, &failed) || failed.Kind != eval.KindRestricted {
				t.Errorf("pure %v, restricted %v: %v, %v", r.Pure, r.Restrict, result.Values, err)
			}
		}
		restricted.Sources[0].Text = "import <x/open.nix>"
		if diff := cmp.Diff([]string{"\"open\"\n"}, evaluate(t, native, restricted).Values); diff != "" {
			t.Error(diff)
		}
	}
}
