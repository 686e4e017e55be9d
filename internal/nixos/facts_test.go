package nixos_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/nixos"
)

// toplevel makes a folder with the given files; a name that ends in a slash is
// a folder.
func toplevel(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if name[len(name)-1] == '/' {
			if err := os.MkdirAll(file, 0o755); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestRead(t *testing.T) {
	t.Parallel()
	const unknown = "Unknown"
	for name, test := range map[string]struct {
		files map[string]string
		want  nixos.Facts
	}{
		"complete": {
			map[string]string{
				"nixos-version":                            "25.11.20251120.c0ffee1",
				"kernel-modules/lib/modules/6.12.58/":      "",
				"kernel-modules/lib/modules/6.12.58-copy/": "",
				"specialisation/b/":                        "",
				"specialisation/a/":                        "",
				"sw/bin/nixos-version":                     `{"configurationRevision":"4e81d2a","nixosVersion":"25.11"}`,
			},
			nixos.Facts{"25.11.20251120.c0ffee1", "6.12.58", "4e81d2a", []string{"a", "b"}},
		},
		"older script": {
			map[string]string{"sw/bin/nixos-version": "case \"$1\" in\n  --configuration-revision)\n    if x; then\n      echo \"$0: unknown\"\n    fi\n    echo \"abc123\"\n    ;;\n"},
			nixos.Facts{unknown, unknown, "abc123", []string{}},
		},
		"revision left as a placeholder": {
			map[string]string{"sw/bin/nixos-version": "--configuration-revision)\n    echo \"@configurationRevision@\"\n    ;;"},
			nixos.Facts{unknown, unknown, unknown, []string{}},
		},
		"empty": {nil, nixos.Facts{unknown, unknown, unknown, []string{}}},
		"odd": {
			map[string]string{
				"nixos-version/":                     "",
				"kernel-modules/lib/modules":         "a file",
				"specialisation":                     "a file",
				"sw/bin/nixos-version":               "\x00\x01",
				"kernel-modules/lib/something-else/": "",
			},
			nixos.Facts{unknown, unknown, unknown, []string{}},
		},
		"with escape codes": {
			map[string]string{"nixos-version": "\x1b[31m25.11"},
			nixos.Facts{unknown, unknown, unknown, []string{}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, nixos.Read(toplevel(t, test.files))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReadNothing(t *testing.T) {
	t.Parallel()
	want := nixos.Facts{"Unknown", "Unknown", "Unknown", []string{}}
	for _, path := range []string{"", "/dev/null", "/no/such/path"} {
		if diff := cmp.Diff(want, nixos.Read(path)); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
	}
}
