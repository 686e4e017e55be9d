package cli_test

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"luminousnix/internal/operation"
	"luminousnix/internal/testbed"
	"luminousnix/internal/testbed/binarycache"
)

// TestNoSpace has a system downloaded for which the store has no room: the plan says so,
// and it is refused before anything is downloaded.
func TestNoSpace(t *testing.T) {
	t.Parallel()
	dir := smallMount(t, 60)
	cache := binarycache.New(t)
	nix, err := testbed.StartWith(t.Context(), dir, testbed.Options{Settings: cache.Settings()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := nix.Stop(); err != nil {
			t.Error(err)
		}
	})
	system := testbed.System{Packages: []string{"git", "vlc"}, Label: "25.11.large"}
	if err := errors.Join(nix.AddHistory(t.Context()), nix.WriteConfiguration(system)); err != nil {
		t.Fatal(err)
	}
	run := func(name string, args ...string) string {
		t.Helper()
		out, err := nix.Command(t.Context(), name, args...).CombinedOutput()
		if err != nil {
			t.Fatalf("%s %q: %v\n%s", name, args, err, out)
		}
		return string(out)
	}
	toplevel, err := nix.Build(t.Context(), system)
	if err == nil {
		err = cache.Push(t.Context(), nix, toplevel)
	}
	if err != nil {
		t.Fatal(err)
	}
	run("nix-collect-garbage")
	if _, err := os.Lstat(toplevel); err == nil {
		t.Fatal("the system is there still")
	}
	requests := len(cache.Requests())

	dry := run(binary, "switch", "--dry-run")
	for _, want := range []string{"Download ", "  space: ", "  note: this takes ", "`ask-nix clean-up --ensure-free "} {
		if !strings.Contains(dry, want) {
			t.Errorf("the plan does not say %q:\n%s", want, dry)
		}
	}
	var answer struct {
		Error *operation.Error
		Plan  *operation.Plan
	}
	cmd := nix.Command(t.Context(), binary, "switch", "--yes", "--json")
	cmd.Env = append(cmd.Env, "LUMINOUS_NIX_ACTIVATE=always")
	out, err := cmd.Output()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 8 || json.Unmarshal(out, &answer) != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if answer.Error.Code != operation.CodeRefused || !strings.Contains(answer.Error.Hint, "`ask-nix clean-up --ensure-free ") {
		t.Errorf("%+v", answer.Error)
	}
	if s := answer.Plan.Space; len(s) != 1 || s[0].Path != filepath.Join(dir, "nix/store") || s[0].Needed < 1<<10 || s[0].Free <= 0 || s[0].Free > 60<<20 {
		t.Errorf("space is %+v", s)
	}
	for _, r := range cache.Requests()[requests:] {
		if strings.Contains(r.Path, "nar/") {
			t.Errorf("%s was downloaded", r.Path)
		}
	}
}
