package settings_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/operation"
	"luminousnix/internal/settings"
)

// places makes a root with an /etc file and a home with a user file; empty
// content makes no file.
func places(t *testing.T, etc, user string, env map[string]string) settings.Places {
	t.Helper()
	dir := t.TempDir()
	for file, content := range map[string]string{
		"root/etc/luminous-nix/config.toml":     etc,
		"home/.config/luminous-nix/config.toml": user,
	} {
		if content == "" {
			continue
		}
		file = filepath.Join(dir, file)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return settings.Places{Root: filepath.Join(dir, "root"), Getenv: func(name string) string {
		if name == "HOME" {
			return filepath.Join(dir, "home")
		}
		return env[name]
	}}
}

func TestWeights(t *testing.T) {
	t.Parallel()
	p := places(t,
		"backend = \"command\"\ncolor = \"always\"\n[cache]\nttl = 10\n",
		"color = \"never\"\n[cache]\nttl = 20\n",
		map[string]string{"LUMINOUS_NIX_CACHE_TTL": "600"})
	s, err := settings.Load(p)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Override("backend", "native", "--backend"); err != nil {
		t.Fatal(err)
	}
	type row struct{ Value, Origin string }
	got := map[string]row{}
	for _, v := range s.Values() {
		got[v.Key] = row{v.Value, v.Origin}
	}
	want := row{"never", filepath.Join(filepath.Dir(p.Root), "home/.config/luminous-nix/config.toml")}
	if diff := cmp.Diff(want, got["color"]); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(row{"600", "LUMINOUS_NIX_CACHE_TTL"}, got["cache.ttl"]); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(row{"native", "--backend"}, got["backend"]); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(row{"true", "default"}, got["cache.enabled"]); diff != "" {
		t.Error(diff)
	}
	if s.CacheTTL != 10*time.Minute {
		t.Errorf("CacheTTL = %v", s.CacheTTL)
	}
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, value string
		wrong       bool
		backend     string
		debug       bool
	}{
		{"LUMINOUS_NIX_ENHANCED", "false", false, "command", false},
		{"LUMINOUS_NIX_ENHANCED", "on", false, "auto", false},
		{"LUMINOUS_NIX_PYTHON_BACKEND", "no", false, "command", false},
		{"LUMINOUS_NIX_ENHANCED", "maybe", true, "", false},
		{"LUMINOUS_NIX_ALLOW_UNPRIVILEGED", "falsch", true, "", false},
		{"LUMINOUS_NIX_CACHE_TTL", "-1", true, "", false},
		{"LUMINOUS_NIX_ROOT", "relative", true, "", false},
		{"DEBUG", "true", false, "auto", true},
		{"DEBUG", "app:*", false, "auto", true},
		{"DEBUG", "off", false, "auto", false},
	} {
		s, err := settings.Load(places(t, "", "", map[string]string{test.name: test.value}))
		if test.wrong {
			var typed *operation.Error
			if !errors.As(err, &typed) || typed.Code != operation.CodeConfiguration || typed.Hint == "" {
				t.Errorf("%s=%s: error %v, want one that can be acted on", test.name, test.value, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s=%s: %v", test.name, test.value, err)
			continue
		}
		if s.Backend != test.backend || s.Debug != test.debug {
			t.Errorf("%s=%s: backend %s, debug %v", test.name, test.value, s.Backend, s.Debug)
		}
	}
}

func TestStrictFiles(t *testing.T) {
	t.Parallel()
	for content, hint := range map[string]string{
		"bakend = \"native\"\n":     "Did you mean \"backend\"? `ask-nix settings` lists all.",
		"[cache]\ntll = 5\n":        "Did you mean \"cache.ttl\"? `ask-nix settings` lists all.",
		"[cash]\nttl = 5\n":         "Did you mean \"cache.ttl\"? `ask-nix settings` lists all.",
		"backend = \n":              "The settings are written in TOML, for example: backend = \"native\"",
		"backend = \"telepathy\"\n": "",
	} {
		_, err := settings.Load(places(t, content, "", nil))
		var typed *operation.Error
		if !errors.As(err, &typed) {
			t.Errorf("%q: error %v", content, err)
			continue
		}
		if diff := cmp.Diff(hint, typed.Hint); diff != "" {
			t.Errorf("%q: %s", content, diff)
		}
	}
}
