package cli

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The name that JSON has for an operation is as good as its command.
func TestByOperation(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ args, want []string }{
		"an operation":       {[]string{"check-health", "--json"}, []string{"health", "--json"}},
		"arguments":          {[]string{"install-packages", "vim"}, []string{"install", "vim"}},
		"two words":          {[]string{"show-cache"}, []string{"cache", "stats"}},
		"a command":          {[]string{"clean-up", "--keep", "3"}, []string{"clean-up", "--keep", "3"}},
		"another command":    {[]string{"dry-build"}, []string{"dry-build"}},
		"not the first word": {[]string{"search", "check-health"}, []string{"search", "check-health"}},
		"a flag":             {[]string{"--check-health"}, []string{"--check-health"}},
		"nothing":            {nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, byOperation(test.args)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
