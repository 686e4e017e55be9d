package evaluation_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/evaluation"
	"luminousnix/internal/host"
)

// keeping is an evaluator with a cache of its own, without a store.
func keeping(t *testing.T) *evaluation.Native {
	t.Helper()
	return &evaluation.Native{
		Host: host.Find(func(string) string { return "" }, ""), Dry: true,
		CacheFile: filepath.Join(t.TempDir(), "new", evaluation.CacheName),
	}
}

// outcome is what counts of a result.
type outcome struct {
	Values   []string
	Messages string
	Cached   bool
	Missed   string
}

// evaluate evaluates and checks that the messages were passed on as they are.
func evaluate(t *testing.T, e evaluation.Evaluator, r evaluation.Request) outcome {
	t.Helper()
	var said bytes.Buffer
	r.Stderr = &said
	result, err := e.Evaluate(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(result.Messages), said.String()); diff != "" {
		t.Errorf("messages: %s", diff)
	}
	return outcome{result.Values, string(result.Messages), result.Cached, result.Missed}
}

// TestKept: a result is used as long as nothing that it depends on has changed,
// with what the evaluation said.
func TestKept(t *testing.T) {
	t.Parallel()
	native, dir := keeping(t), t.TempDir()
	file := filepath.Join(dir, "one.nix")
	write(t, dir, "one.nix", `{ more ? "" }: builtins.trace "reading" (import ./two.nix + more)`)
	write(t, dir, "two.nix", `"two"`)
	r := evaluation.Request{Sources: []evaluation.Source{{Text: file}}, Want: evaluation.Values, BaseDir: dir}
	r.Arguments = []evaluation.Argument{{Name: "more", Text: "!", IsString: true}}
	check := func(what string, r evaluation.Request, want outcome) {
		t.Helper()
		if diff := cmp.Diff(want, evaluate(t, native, r)); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
	check("first", r, outcome{[]string{"\"two!\"\n"}, "trace: reading\n", false, ""})
	check("unchanged", r, outcome{[]string{"\"two!\"\n"}, "trace: reading\n", true, ""})
	write(t, dir, "beside.nix", "3")
	check("something else", r, outcome{[]string{"\"two!\"\n"}, "trace: reading\n", true, ""})
	write(t, dir, "two.nix", `"TWO"`)
	check("changed", r, outcome{[]string{"\"TWO!\"\n"}, "trace: reading\n", false, filepath.Join(dir, "two.nix") + " changed"})
	write(t, dir, "two.nix", `"two"`)
	check("as it was", r, outcome{[]string{"\"two!\"\n"}, "trace: reading\n", true, ""})
	other := r
	other.NoCache = true
	check("not asked", other, outcome{[]string{"\"two!\"\n"}, "trace: reading\n", false, ""})
	other = r
	other.Print.Format = evaluation.JSON
	check("in another form", other, outcome{[]string{"\"two!\"\n"}, "trace: reading\n", false, ""})
	other = r
	other.Arguments = []evaluation.Argument{{Name: "more", Text: "?", IsString: true}}
	check("another argument", other, outcome{[]string{"\"two?\"\n"}, "trace: reading\n", false, ""})
	other = r
	other.System = "riscv64-linux"
	check("another system", other, outcome{[]string{"\"two!\"\n"}, "trace: reading\n", false, ""})
}

// TestNotKept: failures and what depends on the time are evaluated each time.
func TestNotKept(t *testing.T) {
	t.Parallel()
	native := keeping(t)
	for _, text := range []string{"builtins.currentTime - builtins.currentTime", "builtins.throw \"no\""} {
		for range 2 {
			result, err := native.Evaluate(t.Context(), evaluation.Request{
				Sources: []evaluation.Source{{Kind: evaluation.Expression, Text: text}}, Want: evaluation.Values,
			})
			if result.Cached {
				t.Errorf("%s is cached (%v)", text, err)
			}
		}
	}
	entries, bytes, err := evaluation.Kept(t.Context(), native.CacheFile)
	if entries != 0 || err != nil {
		t.Errorf("%d entries in %d bytes, %v", entries, bytes, err)
	}
}

// TestForget empties the cache, and does not mind that there is none.
func TestForget(t *testing.T) {
	t.Parallel()
	native := keeping(t)
	r := evaluation.Request{Sources: []evaluation.Source{{Kind: evaluation.Expression, Text: "1"}}, Want: evaluation.Values}
	count := func() int {
		t.Helper()
		entries, _, err := evaluation.Kept(t.Context(), native.CacheFile)
		if err != nil {
			t.Fatal(err)
		}
		return entries
	}
	if err := evaluation.Forget(t.Context(), native.CacheFile); err != nil || count() != 0 {
		t.Errorf("nothing there: %v, %d entries", err, count())
	}
	evaluate(t, native, r)
	if count() != 1 {
		t.Errorf("%d entries, want 1", count())
	}
	if err := evaluation.Forget(t.Context(), native.CacheFile); err != nil || count() != 0 {
		t.Errorf("forgotten: %v, %d entries", err, count())
	}
	if got := evaluate(t, native, r); got.Cached {
		t.Error("cached all the same")
	}
}

// TestUnusableCache: an evaluation is never the worse for its cache.
func TestUnusableCache(t *testing.T) {
	t.Parallel()
	native := keeping(t)
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, []byte("not a folder"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{filepath.Join(blocked, "cache"), blocked, "/proc/nowhere/cache"} {
		native.CacheFile = file
		got := evaluate(t, native, evaluation.Request{
			Sources: []evaluation.Source{{Kind: evaluation.Expression, Text: "6 * 7"}}, Want: evaluation.Values,
		})
		if diff := cmp.Diff(outcome{Values: []string{"42\n"}}, got); diff != "" {
			t.Errorf("%s: %s", file, diff)
		}
	}
	if content, err := os.ReadFile(blocked); err != nil || string(content) != "not a folder" {
		t.Errorf("the file is %q now, %v", content, err)
	}
}
