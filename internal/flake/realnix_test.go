package flake

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"luminousnix/internal/process"
	"luminousnix/internal/testbed"
)

// commit writes a file of a repository, which is made if need be, and commits it.
func commit(t *testing.T, env []string, dir, name, content string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, words := range [][]string{
		{"init", "--quiet"},
		{"add", "--all"},
		{"-c", "user.name=somebody", "-c", "user.email=somebody@example.org", "commit", "--quiet", "--message", "change"},
	} {
		if _, err := git(t.Context(), env, dir, words...); err != nil {
			t.Fatal(err)
		}
	}
}

// TestRealNix has each release of Nix update a copy, all inputs and one of them, and
// evaluate it: as a folder, as a repository, and as a folder of a repository.
func TestRealNix(t *testing.T) {
	t.Parallel()
	for _, release := range testbed.AllReleases(t) {
		for name, place := range map[string]struct {
			git bool
			dir string
		}{"folder": {}, "repository": {true, ""}, "folder of a repository": {true, "nix"}} {
			t.Run(release.Name+"/"+name, func(t *testing.T) {
				t.Parallel()
				updateWith(t, testbed.NewWith(t, testbed.Options{Release: release}), place.git, place.dir)
			})
		}
	}
}

func updateWith(t *testing.T, nix *testbed.Nix, asRepository bool, dir string) {
	t.Helper()
	env := nix.Env()
	root := tree(t, map[string]string{"value.nix": "1"})
	inputs := []string{root + "-a", root + "-b"}
	for _, input := range inputs {
		commit(t, env, input, "file", "one")
	}
	f := &Local{Root: root, Dir: filepath.Join(root, dir), Git: asRepository, System: "box"}
	value := "./value.nix"
	if dir != "" {
		value = "../value.nix"
	}
	flakeNix := `{
		inputs.a = { url = "git+file://` + inputs[0] + `"; flake = false; };
		inputs.b = { url = "git+file://` + inputs[1] + `"; flake = false; };
		outputs = { self, a, b }: { nixosConfigurations.box.value = import ` + value + `; };
	}`
	if err := os.MkdirAll(f.Dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(f.File(), []byte(flakeNix), 0o644); err != nil {
		t.Fatal(err)
	}
	if asRepository {
		repository(t, root, ".")
	}
	lock := update(t, f, env, nil, "")
	if again := update(t, f, env, lock, ""); len(changed(t, lock, again)) != 0 {
		t.Errorf("nothing is newer, but %s", again)
	}
	for _, input := range inputs {
		commit(t, env, input, "file", "two")
	}
	if got := changed(t, lock, update(t, f, env, lock, "b")); len(got) != 1 || got[0] != "b" {
		t.Errorf("of one input %v changed", got)
	}
	if got := changed(t, lock, update(t, f, env, lock, "")); len(got) != 2 {
		t.Errorf("of all inputs %v changed", got)
	}
	evaluates(t, f, env, lock)
	if _, err := os.Stat(f.Lock()); err == nil {
		t.Error("the flake itself has a lock file now")
	}
	if err := os.RemoveAll(inputs[0]); err != nil {
		t.Fatal(err)
	}
	err := f.WithCopy(t.Context(), env, nil, func(c Copy) error {
		_, err := c.Update(t.Context(), env, "")
		return err
	})
	var failed *UpdateError
	if !errors.As(err, &failed) || failed.Status == 0 || !strings.Contains(failed.Stderr, inputs[0]) {
		t.Errorf("without the input: %v", err)
	}
}

// update updates a copy of the flake that has this lock file.
func update(t *testing.T, f *Local, env []string, lock []byte, input string) (after []byte) {
	t.Helper()
	var edits map[string][]byte
	if lock != nil {
		edits = map[string][]byte{f.Lock(): lock}
	}
	err := f.WithCopy(t.Context(), env, edits, func(c Copy) (err error) {
		after, err = c.Update(t.Context(), env, input)
		return err
	})
	var failed *UpdateError
	if errors.As(err, &failed) {
		t.Fatal(failed.Stderr)
	}
	if err != nil || after == nil {
		t.Fatalf("%v, lock file %q", err, after)
	}
	return after
}

func changed(t *testing.T, before, after []byte) (names []string) {
	t.Helper()
	var inputs [2][]Input
	for i, content := range [][]byte{before, after} {
		var err error
		if inputs[i], err = ParseLock(content); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range Changes(inputs[0], inputs[1]) {
		names = append(names, c.Name())
	}
	return names
}

// evaluates has Nix evaluate a copy with an edit.
func evaluates(t *testing.T, f *Local, env []string, lock []byte) {
	t.Helper()
	edits := map[string][]byte{f.Lock(): lock, filepath.Join(f.Root, "value.nix"): []byte("2")}
	err := f.WithCopy(t.Context(), env, edits, func(c Copy) error {
		out, err := process.Run(t.Context(), process.Command{Dir: "/", Env: env, Argv: []string{
			"nix", "--extra-experimental-features", "nix-command flakes", "eval", "--json", "--no-write-lock-file",
			c.Reference + "#nixosConfigurations.\"box\"", "--apply", "system: system.value",
		}})
		if got := strings.TrimSpace(string(out)); got != "2" {
			t.Errorf("%s evaluates to %q", c.Reference, got)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
