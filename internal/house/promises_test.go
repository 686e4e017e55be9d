package house_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestPromisesAreKept checks that each promise of the tables of docs/security.md and
// docs/reliability.md names what keeps it, and that there are these tests, scripts and lists.
func TestPromisesAreKept(t *testing.T) {
	t.Parallel()
	tests := testNames(t)
	name := regexp.MustCompile("`([^`]+)`")
	for _, doc := range []string{"security.md", "reliability.md"} {
		text, err := os.ReadFile(filepath.Join("../../docs", doc))
		if err != nil {
			t.Fatal(err)
		}
		promises, promised := 0, false // in a table of promises
		for line := range strings.Lines(string(text)) {
			cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
			switch {
			case !strings.HasPrefix(line, "|"):
				promised = false
				continue
			case strings.HasPrefix(line, "| promise |"):
				promised = true
				continue
			case !promised || strings.HasPrefix(line, "|---"):
				continue
			}
			promises++
			kept := name.FindAllStringSubmatch(cells[len(cells)-1], -1)
			if len(cells) != 2 || len(kept) == 0 {
				t.Errorf("%s: nothing keeps this promise: %s", doc, line)
			}
			for _, by := range kept {
				if !there(by[1], tests) {
					t.Errorf("%s: there is no %s", doc, by[1])
				}
			}
		}
		if promises < 10 {
			t.Errorf("%s: only %d promises", doc, promises)
		}
	}
}

// there reports whether there is a test, a script or a list of that name.
func there(name string, tests map[string]bool) bool {
	folder := map[string]string{".txtar": "../cli/testdata/script", ".txt": "../intent/testdata"}[filepath.Ext(name)]
	if folder == "" {
		return tests[name]
	}
	_, err := os.Stat(filepath.Join(folder, name))
	return err == nil
}

// testNames are the names of all tests of the repository.
func testNames(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	declared := regexp.MustCompile(`(?m)^func (Test\w+)\(\w+ \*testing\.T\)`)
	err := filepath.WalkDir("../..", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(file, "_test.go") {
			return err
		}
		content, err := os.ReadFile(file)
		for _, match := range declared.FindAllStringSubmatch(string(content), -1) {
			names[match[1]] = true
		}
		return err
	})
	if err != nil || len(names) < 100 {
		t.Fatalf("%d tests, %v", len(names), err)
	}
	return names
}
