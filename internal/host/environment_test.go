package host_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/host"
)

// TestJobEnvironment: each name once, the given value first of all, and nothing that
// systemd refuses.
func TestJobEnvironment(t *testing.T) {
	for name, value := range map[string]string{
		"LUMINOUS_NIX_BACKEND": "native", "NIX_PATH": "a=b", "NIX_CONFIG": "two\nlines", "SSH_TTY": "/dev/pts/1",
	} {
		t.Setenv(name, value)
	}
	env := host.JobEnvironment([]string{"LUMINOUS_NIX_BACKEND=command", "LUMINOUS_NIX_ROOT=/"})
	var got []string
	for _, entry := range env {
		name, _, _ := strings.Cut(entry, "=")
		if slices.Contains([]string{"LUMINOUS_NIX_BACKEND", "LUMINOUS_NIX_ROOT", "NIX_PATH", "NIX_CONFIG", "SSH_TTY"}, name) {
			got = append(got, entry)
		}
	}
	slices.Sort(got)
	if diff := cmp.Diff([]string{"LUMINOUS_NIX_BACKEND=command", "LUMINOUS_NIX_ROOT=/", "NIX_PATH=a=b"}, got); diff != "" {
		t.Error(diff)
	}
}
