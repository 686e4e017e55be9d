package shelf

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// programsFile makes a database as channels have it.
func programsFile(tb testing.TB, path string) string {
	tb.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		tb.Fatal(err)
	}
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite, sqlite.OpenCreate)
	if err != nil {
		tb.Fatal(err)
	}
	defer conn.Close()
	err = sqlitex.ExecuteScript(conn, `
		create table Programs (name text not null, system text not null, package text not null, primary key (name, system, package));
		insert into Programs values
			('hello', 'x86_64-linux', 'hello'), ('greet', 'x86_64-linux', 'hello'), ('hello', 'aarch64-linux', 'hello'),
			('tree', 'x86_64-linux', 'tools.tree'), ('only-arm', 'aarch64-linux', 'tools.tree');`, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return path
}

func TestReadPrograms(t *testing.T) {
	t.Parallel()
	file := programsFile(t, filepath.Join(t.TempDir(), "programs.sqlite"))
	for system, want := range map[string]map[string][]string{
		"x86_64-linux":  {"hello": {"greet", "hello"}, "tools.tree": {"tree"}},
		"aarch64-linux": {"hello": {"hello"}, "tools.tree": {"only-arm"}},
		"i686-linux":    {},
	} {
		got, err := readPrograms(t.Context(), file, system)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", system, diff)
		}
	}
}

func TestReadProgramsFails(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := readPrograms(t.Context(), filepath.Join(dir, "none"), "x86_64-linux"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
	for name, text := range map[string]string{"empty": "", "text": "no database, but some text that is long enough"} {
		if got, err := readPrograms(t.Context(), write(t, filepath.Join(dir, name), text), "x86_64-linux"); err == nil {
			t.Errorf("%s: %v", name, got)
		}
	}
}
