package host_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestProgram looks at each place in turn, and takes no folder, nothing that cannot be run
// and not itself.
func TestProgram(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := find(map[string]string{
		"PATH": "relative:" + dir + "/first:" + dir + "/second", "NIX_STATE_DIR": dir + "/state", "HOME": dir + "/home",
	}, dir+"/root")
	put := func(file string, mode os.FileMode) string {
		file = filepath.Join(dir, file)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, nil, mode); err != nil {
			t.Fatal(err)
		}
		return file
	}
	check := func(wantPath, wantFrom string) {
		t.Helper()
		path, from := h.Program("nix-x")
		if diff := cmp.Diff([]string{wantPath, wantFrom}, []string{path, from}); diff != "" {
			t.Error(diff)
		}
	}
	check("", "")
	put("first/nix-x/folder", 0o755)
	put("second/nix-x", 0o644)
	check("", "")
	check(put("home/.nix-profile/bin/nix-x", 0o755), "your profile")
	check(put("state/profiles/default/bin/nix-x", 0o755), "the default profile")
	check(put("root/run/current-system/sw/bin/nix-x", 0o755), "the running system")
	if err := os.Remove(filepath.Join(dir, "second/nix-x")); err != nil {
		t.Fatal(err)
	}
	check(put("second/nix-x", 0o755), "PATH")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "second/nix-x")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(dir, "second/nix-x")); err != nil {
		t.Fatal(err)
	}
	check(filepath.Join(dir, "root/run/current-system/sw/bin/nix-x"), "the running system")
}
