package eval_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/testbed"
	"luminousnix/nix/eval"
)

// caseFiles are the files of testdata/okay, each with what it evaluates to beside.
func caseFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/okay/*.nix")
	if err != nil || len(files) == 0 {
		t.Fatalf("testdata/okay: %d files, %v", len(files), err)
	}
	return files
}

// expected returns what a case evaluates to.
func expected(t *testing.T, file string) string {
	t.Helper()
	want, err := os.ReadFile(strings.TrimSuffix(file, ".nix") + ".exp")
	if err != nil {
		t.Fatal(err)
	}
	return string(want)
}

func TestCases(t *testing.T) {
	t.Parallel()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range caseFiles(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			c := command{strict: true}
			got, err := c.evaluate(eval.New(eval.Options{BaseDir: dir}), file)
			if err != nil {
				t.Fatal(renderError(err, true))
			}
			if diff := cmp.Diff(expected(t, file), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestRealNixCases holds the expectations themselves to what releases of Nix
// print.
func TestRealNixCases(t *testing.T) {
	t.Parallel()
	for _, release := range testbed.AllReleases(t) {
		for _, file := range caseFiles(t) {
			t.Run(release.Name+"/"+filepath.Base(file), func(t *testing.T) {
				t.Parallel()
				cmd := exec.CommandContext(t.Context(), filepath.Join(release.BinDir, "nix-instantiate"),
					"--eval", "--strict", "--option", "extra-experimental-features", "nix-command", file)
				cmd.Env = append(os.Environ(), "NIX_REMOTE=dummy://", "NIX_PATH=", "NIX_CONF_DIR="+t.TempDir())
				var errs strings.Builder
				cmd.Stderr = &errs
				got, err := cmd.Output()
				if err != nil {
					t.Fatalf("%v\n%s", err, errs.String())
				}
				if diff := cmp.Diff(expected(t, file), string(got)); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		}
	}
}
