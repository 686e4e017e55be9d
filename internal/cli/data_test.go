package cli_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"luminousnix/internal/action"
	"luminousnix/internal/engine"
	"luminousnix/internal/operation"
	"luminousnix/internal/settings"
	"luminousnix/internal/testbed"
)

// TestDataIsAllThatIsKept: whatever operations leave behind in the folders of ask-nix is
// told by data show. Without that, something would be kept that nobody can see or delete.
func TestDataIsAllThatIsKept(t *testing.T) {
	t.Parallel()
	nix := testbed.New(t)
	if err := nix.AddHistory(t.Context()); err != nil {
		t.Fatal(err)
	}
	old := filepath.Join(nix.Root, "etc/nix-for-humanity")
	if err := os.MkdirAll(old, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(old, "config.yaml"), []byte("ui:\n  use_colors: false\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		"migrate --yes", "search vim", "installed", "check", "disk", "health", "verify", "install git --user --yes", "pin 1 --name first", "pin --profile-name user --name mine",
		"set services.openssh.enable false --yes", "build", "switch --yes", "rollback --yes", "switch-generation 77 --yes", "clean-up --keep 2 --yes --detach",
		"try git -- true", "jobs", "metrics", "history", "cache stats", "catalog build", "update --yes",
	} {
		out, err := askIn(t, nix, t.TempDir(), strings.Fields(line)...)
		t.Logf("%s: %v %.80s", line, err, out)
	}
	foresee(t, nix)
	persistent := nix.Command(t.Context(), binary, "installed")
	persistent.Env = append(persistent.Env, "LUMINOUS_NIX_CACHE_PERSIST=yes")
	if out, err := persistent.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	out, err := askIn(t, nix, t.TempDir(), "data", "show", "--json")
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var data struct {
		Kinds []struct {
			Kind, What, For, HowLong string
			Places                   []string
		}
	}
	if err := json.Unmarshal([]byte(out), &data); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var places []string
	some := map[string][]string{}
	for _, k := range data.Kinds {
		if k.What == "" || k.For == "" || k.HowLong == "" {
			t.Errorf("%+v does not say all", k)
		}
		places = append(places, k.Places...)
		for _, place := range k.Places {
			some[k.Kind] = append(some[k.Kind], filepath.Base(place))
		}
	}
	want := map[string][]string{
		"migration": {"migration"}, "habits": {"foreseen.jsonl", "foreseen.jsonl.1"}, "cache": {"answers", "answers"},
	}
	for kind, names := range want {
		if got := some[kind]; len(got) < len(names) || !slices.Equal(got[:len(names)], names) {
			t.Errorf("of %s there is %q", kind, got)
		}
	}
	seen := 0
	err = filepath.WalkDir(nix.Dir, func(path string, entry fs.DirEntry, err error) error {
		if os.IsNotExist(err) || os.IsPermission(err) {
			return nil
		}
		if err != nil || entry.IsDir() || !strings.Contains(path, "/luminous-nix/") || strings.HasPrefix(path, nix.StoreDir) {
			return err
		}
		if strings.HasSuffix(path, settings.FileName) { // the person's own, which migrate has written
			return nil
		}
		seen++
		for _, place := range places {
			if path == place || strings.HasPrefix(path, place+"/") {
				return nil
			}
		}
		t.Errorf("%s is told by no kind of data", path)
		return nil
	})
	if err != nil || seen < 10 {
		t.Errorf("%d files, %v", seen, err)
	}
}

// foresee writes down so many steps of a conversation that the first are put aside.
func foresee(t *testing.T, nix *testbed.Nix) {
	t.Helper()
	getenv := func(name string) string {
		for _, entry := range nix.Env() {
			if value, ok := strings.CutPrefix(entry, name+"="); ok {
				return value
			}
		}
		return ""
	}
	loaded, err := settings.Load(settings.Places{Getenv: getenv, Root: nix.Root})
	if err != nil {
		t.Fatal(err)
	}
	e := engine.New(engine.Options{Settings: loaded, Getenv: getenv, Now: time.Now})
	for range 1000 {
		e.Foreseen(action.Foreseen{After: operation.ListGenerations, Next: operation.CompareGenerations})
	}
}

// askIn runs ask-nix in a folder.
func askIn(t *testing.T, nix *testbed.Nix, dir string, args ...string) (string, error) {
	t.Helper()
	cmd := nix.Command(t.Context(), binary, args...)
	cmd.Dir = dir
	cmd.Env = append(cmd.Env, "LUMINOUS_NIX_ACTIVATE=always", "LUMINOUS_NIX_ALLOW_UNPRIVILEGED=1")
	out, err := cmd.Output()
	return string(out), err
}
