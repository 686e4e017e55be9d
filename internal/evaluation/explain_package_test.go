package evaluation_test

import (
	"testing"

	"luminousnix/internal/evaluation"
)

func TestRefused(t *testing.T) {
	t.Parallel()
	for stderr, want := range map[string]evaluation.Refusal{
		"error: Package ‘a-1’ in x.nix:1 has an unfree license (‘unfree’), refusing to evaluate.\n":                  evaluation.Unfree,
		"error: Package ‘a-1’ in x.nix:1 is not available on the requested hostPlatform:\n  refusing to evaluate.\n": evaluation.Unsupported,
		"error: Package ‘a-1’ in x.nix:1 is marked as broken, refusing to evaluate.\n":                               evaluation.Broken,
		"error: Package ‘a-1’ in x.nix:1 is marked as insecure, refusing to evaluate.\n":                             evaluation.Insecure,
		"error: undefined variable 'unfree'\n":                                                                       "",
	} {
		why, ok := evaluation.Refused(&evaluation.CommandError{Stderr: stderr})
		if why != want || ok != (want != "") {
			t.Errorf("%s: %q, %v", stderr, why, ok)
		}
	}
}
