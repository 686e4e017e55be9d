package nixos_test

import (
	"os"
	"path/filepath"
	"testing"

	"luminousnix/internal/nixos"
)

func TestBase(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	plain, special, gaming := filepath.Join(dir, "plain"), filepath.Join(dir, "special"), filepath.Join(dir, "gaming")
	for _, folder := range []string{plain, gaming, filepath.Join(special, "specialisation")} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(gaming, filepath.Join(special, "specialisation", "gaming")); err != nil {
		t.Fatal(err)
	}
	for system, want := range map[string]string{
		plain: plain, special: special, gaming: special, filepath.Join(dir, "other"): "", "": "",
	} {
		if got := nixos.Base([]string{plain, special}, system); got != want {
			t.Errorf("%s belongs to %q, want %q", system, got, want)
		}
	}
}
