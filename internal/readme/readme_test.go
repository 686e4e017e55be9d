package readme_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/readme"
)

// TestTableIsTrue holds README.md to the scripts: they all pass when the tests
// do, so the table must name every one of them, with its promise.
func TestTableIsTrue(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	files, err := filepath.Glob(filepath.Join(root, readme.Scripts, "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	var names []string
	for _, file := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(file), ".txtar"))
	}
	slices.Sort(names)
	table, err := readme.Table(os.DirFS(filepath.Join(root, readme.Scripts)), names)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	want, err := readme.Replace(text, table)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(text)); diff != "" {
		t.Errorf("README.md is not up to date; run make readme:\n%s", diff)
	}
}

func TestPassed(t *testing.T) {
	t.Parallel()
	events := `{"Action":"run","Test":"TestScripts/b"}
{"Action":"pass","Test":"TestScripts/b"}
{"Action":"fail","Test":"TestScripts/c"}
{"Action":"pass","Test":"TestScripts/a"}
{"Action":"pass","Test":"TestOther"}
`
	got, err := readme.Passed(strings.NewReader(events))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a", "b"}, got); diff != "" {
		t.Error(diff)
	}
}
