package instantiate

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestParallelWorkers: several workers print what one does, and fail with what one
// fails with.
func TestParallelWorkers(t *testing.T) {
	t.Parallel()
	run := func(expression string, flags ...string) [3]string {
		var out, stderr bytes.Buffer
		args := append([]string{"--eval", "--no-eval-cache", "-E", expression}, flags...)
		status := run(t.Context(), args, strings.NewReader(""), &out, &stderr, []string{"NIX_REMOTE=dummy://"})
		return [3]string{string(rune('0' + status)), out.String(), stderr.String()}
	}
	const package80 = `
		let package = n: derivation { name = "p${toString n}"; system = "x"; builder = "/b"; needs = map package (builtins.genList (x: x) (if n > 7 then 7 else n)); };
		in builtins.listToAttrs (map (n: { name = "p${toString n}"; value = (package n).drvPath; }) (builtins.genList (x: x) 80))`
	for _, expression := range []string{
		package80,
		`let fib = n: if n < 2 then n else fib (n - 1) + fib (n - 2); in builtins.genList fib 20`,
		`let xs = builtins.genList (n: if n == 0 then 1 else 1 + builtins.elemAt xs (n - 1)) 500; in xs`,
		`builtins.genList (n: if n == 50 then throw "fifty" else if n == 60 then abort "sixty" else n) 100`,
		`let xs = builtins.genList (n: builtins.elemAt xs (99 - n)) 100; in xs`,
		`{ a = 1; b = { c = [ 2 3 ]; }; }`,
		`"no set"`,
	} {
		for _, format := range []string{"--strict", "--json"} {
			want := run(expression, format)
			got := run(expression, format, "--workers", "4")
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s %s: (-one worker +four)\n%s", format, expression, diff)
			}
		}
	}
}
