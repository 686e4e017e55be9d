package host_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/host"
)

// TestNixConf reads all places of settings, the ones that count most last.
func TestNixConf(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"etc/nix.conf":      "# comment\nexperimental-features = nix-command   flakes # and more\n\ninclude more.conf\n!include not-there.conf\nsandbox\nbroken line here\n",
		"etc/more.conf":     "max-jobs = 4\nempty =\ninclude nix.conf\n",
		"home/nix/nix.conf": "extra-experimental-features = pipe-operators\n",
		"xdg/nix/nix.conf":  "show-trace = true\n",
		"own.conf":          "restrict-eval = true",
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	find := func(more map[string]string) *host.Host {
		return host.Find(func(name string) string {
			switch name {
			case "NIX_CONF_DIR":
				return dir + "/etc"
			case "XDG_CONFIG_HOME":
				return dir + "/home"
			case "XDG_CONFIG_DIRS":
				return dir + "/xdg:" + dir + "/nowhere"
			case "NIX_CONFIG":
				return "max-jobs = 1\nsubstituters = a b"
			}
			return more[name]
		}, dir)
	}
	h := find(nil)
	got := map[string]string{}
	for _, s := range h.NixConf() {
		got[s.Name] = s.Value
	}
	want := map[string]string{
		"experimental-features": "nix-command flakes", "extra-experimental-features": "pipe-operators",
		"max-jobs": "1", "empty": "", "show-trace": "true", "substituters": "a b",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"nix-command", "flakes", "pipe-operators"}, h.ExperimentalFeatures()); diff != "" {
		t.Error(diff)
	}
	settings := find(map[string]string{"NIX_USER_CONF_FILES": dir + "/own.conf"}).NixConf()
	own := settings[len(settings)-3]
	if diff := cmp.Diff(host.Setting{Name: "restrict-eval", Value: "true"}, own); diff != "" {
		t.Error(diff)
	}
}

func TestKeeps(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][2]bool{
		"":                         {true, false},
		"keep-derivations = false": {false, false},
		"gc-keep-outputs = true":   {true, true},
		"keep-outputs = true\nkeep-outputs = false\ngc-keep-derivations = false": {false, false},
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "nix.conf"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		h := host.Find(func(name string) string {
			if name == "NIX_CONF_DIR" {
				return dir
			}
			return map[string]string{"NIX_CONFIG": "keep-outputs = true"}[name] // of the person, not of the daemon
		}, "")
		if derivations, outputs := h.Keeps(); derivations != want[0] || outputs != want[1] {
			t.Errorf("%q: %v, %v", text, derivations, outputs)
		}
	}
}
