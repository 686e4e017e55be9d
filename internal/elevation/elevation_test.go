package elevation_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/elevation"
)

func TestPrefix(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	program := func(name string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, nil, 0o755); err != nil {
			t.Fatal(err)
		}
		return file
	}
	if _, err := elevation.Prefix(elevation.Auto, "relative:"+dir, true); err == nil {
		if _, err := os.Stat("/run/wrappers/bin"); err != nil {
			t.Error("a program was found where there is none")
		}
	} else if !errors.Is(err, elevation.ErrNone) {
		t.Error(err)
	}
	run0, doas := program("run0"), program("doas")
	for _, test := range []struct {
		choice string
		asks   bool
		want   []string
	}{
		{"run0", true, []string{run0, "--"}},
		{"run0", false, []string{run0, "--no-ask-password", "--"}},
		{"doas", true, []string{doas}},
		{"doas", false, []string{doas, "-n"}},
	} {
		got, err := elevation.Prefix(test.choice, dir, test.asks)
		if err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s", test.choice, diff)
		}
	}
	for _, choice := range []string{elevation.Never, "su"} {
		if _, err := elevation.Prefix(choice, dir, true); !errors.Is(err, elevation.ErrNone) {
			t.Errorf("%s: %v", choice, err)
		}
	}
}
