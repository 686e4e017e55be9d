package host_test

import (
	"slices"
	"strings"
	"testing"

	"luminousnix/internal/host"
)

// TestProgramEnv: offline, the environment of programs leads nowhere; the settings that
// there were stay.
func TestProgramEnv(t *testing.T) {
	t.Parallel()
	h := host.Find(func(name string) string { return map[string]string{"NIX_CONFIG": "cores = 2"}[name] }, "/")
	given := []string{"PATH=/bin", "https_proxy=http://proxy.example", "no_proxy=example"}
	given = append(given, "NIX_CONFIG=of another time")
	want := []string{"PATH=/bin", "https_proxy=http://proxy.example", "no_proxy=example", "NIX_CONFIG=cores = 2"}
	if got := h.ProgramEnv(given); !slices.Equal(got, want) {
		t.Errorf("with a network: %v", got)
	}
	if !slices.Contains(h.Environment(), "NIX_CONFIG=cores = 2") {
		t.Errorf("of all that programs are given: %v", h.Environment())
	}
	h.Offline = "--offline"
	last := map[string]string{}
	for _, entry := range h.ProgramEnv(given) {
		name, value, _ := strings.Cut(entry, "=")
		last[name] = value
	}
	if last["PATH"] != "/bin" || last["https_proxy"] != "http://127.0.0.1:9" || last["no_proxy"] != "" || last["GIT_ALLOW_PROTOCOL"] != "file" {
		t.Errorf("%v", last)
	}
	if want := "cores = 2\nsubstitute = false\ntarball-ttl = 4294967295\n"; last["NIX_CONFIG"] != want {
		t.Errorf("NIX_CONFIG is %q, want %q", last["NIX_CONFIG"], want)
	}
}
