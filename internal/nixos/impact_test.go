package nixos

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/operation"
)

// makeToplevel makes a folder with the links that Impact follows.
func makeToplevel(t *testing.T, links map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, target := range links {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(target, path); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestImpact(t *testing.T) {
	t.Parallel()
	files := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(files, name)
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	one, two := file("one", "1"), file("two", "2")
	same := file("same-as-one", "1")
	units := "etc/systemd/system/"
	from := makeToplevel(t, map[string]string{
		"kernel": one, "initrd": one, "systemd": one,
		units + "kept.service": one, units + "changed.service": one, units + "gone.socket": one,
		units + "masked.service": "/dev/null", units + "multi-user.target.wants": one,
	})
	to := makeToplevel(t, map[string]string{
		"kernel": two, "initrd": same, "systemd": one, "kernel-params": one,
		units + "kept.service": one, units + "changed.service": two, units + "new.timer": one,
		units + "masked.service": "/dev/null",
	})
	want := operation.Impact{
		Started: []string{"new.timer"}, Stopped: []string{"gone.socket"}, Changed: []string{"changed.service"},
		Reboot: []string{"kernel", "kernel-params"},
	}
	if diff := cmp.Diff(want, Impact(from, to)); diff != "" {
		t.Error(diff)
	}
	none := operation.Impact{Started: []string{}, Stopped: []string{}, Changed: []string{}, Reboot: []string{}}
	for _, pair := range [][2]string{{from, from}, {"/nowhere", "/nowhere"}} {
		if diff := cmp.Diff(none, Impact(pair[0], pair[1])); diff != "" {
			t.Error(diff)
		}
	}
}
