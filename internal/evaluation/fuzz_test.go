package evaluation_test

import (
	"strings"
	"testing"

	"luminousnix/internal/evaluation"
)

// FuzzExplain: whatever Nix and nixpkgs say, something in one line is made of it.
func FuzzExplain(f *testing.F) {
	for _, said := range []string{
		"", "error: x", "error: The option `a.b' has conflicting definitions, in `/a' and `/b'.",
		"error: The option value `a' in `/b' is not of type `c'.\n- In `", "error: Package ‘a-1’ in /b:1 is marked as broken, refusing to evaluate.",
		"error: Refusing to evaluate package '", "error: \nFailed assertions:\n- ", "error: y\n  at /a.nix:1:2:\n",
	} {
		f.Add(said)
	}
	f.Fuzz(func(t *testing.T, said string) {
		failure := evaluation.Reader{}.Explain(&evaluation.CommandError{Program: "p", Status: 1, Stderr: said})
		if failure.Message == "" || failure.Hint == "" || strings.Contains(failure.Message+failure.Hint, "\n") {
			t.Errorf("%q becomes %q, %q", said, failure.Message, failure.Hint)
		}
	})
}
