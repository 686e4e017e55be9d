package storedb_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"luminousnix/nix/store"
	"luminousnix/nix/storedb"
)

const dir = store.Dir("/x/store")

func path(letter string) store.Path {
	hash := ""
	for range store.HashLength {
		hash += letter
	}
	return store.Path(string(dir) + "/" + hash + "-" + letter)
}

// newState writes a database as Nix does: a refers to b and itself, b to c.
func newState(t *testing.T) string {
	t.Helper()
	state := t.TempDir()
	if err := os.Mkdir(filepath.Join(state, "db"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(state, "db", "schema"), []byte("10"), 0o644); err != nil {
		t.Fatal(err)
	}
	conn, err := sqlite.OpenConn(filepath.Join(state, "db", "db.sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	err = sqlitex.ExecuteScript(conn, `
		create table ValidPaths (id integer primary key, path text unique not null, hash text not null, registrationTime integer not null,
			deriver text, narSize integer, ultimate integer, sigs text, ca text);
		create table Refs (referrer integer not null, reference integer not null, primary key (referrer, reference));
		insert into ValidPaths (id, path, hash, registrationTime, narSize) values
			(1, '`+string(path("a"))+`', 'sha256:0', 0, 100), (2, '`+string(path("b"))+`', 'sha256:0', 0, 20),
			(3, '`+string(path("c"))+`', 'sha256:0', 0, null), (4, '`+string(path("d"))+`', 'sha256:0', 0, 7);
		insert into Refs values (1, 1), (1, 2), (2, 3);`, nil)
	if err != nil {
		t.Fatal(err)
	}
	return state
}

func open(t *testing.T, state string) (*storedb.DB, error) {
	t.Helper()
	return storedb.Open(t.Context(), storedb.Options{StoreDir: dir, StateDir: state})
}

func TestQueries(t *testing.T) {
	t.Parallel()
	db, err := open(t, newState(t))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	closure, err := db.Closure(path("a"))
	if err != nil {
		t.Fatal(err)
	}
	byPath := cmpopts.SortSlices(func(a, b storedb.Object) bool { return a.Path < b.Path })
	want := []storedb.Object{{Path: path("a"), NarSize: 100}, {Path: path("b"), NarSize: 20}, {Path: path("c")}}
	if diff := cmp.Diff(want, closure, byPath); diff != "" {
		t.Error(diff)
	}
	references, err := db.References(path("a"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want[:2], references); diff != "" {
		t.Error(diff)
	}
	usage, err := db.Usage()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(storedb.Usage{Paths: 4, NarSize: 127}, usage); diff != "" {
		t.Error(diff)
	}
	var notValid *store.NotValidError
	if _, err := db.Closure(path("f")); !errors.As(err, &notValid) {
		t.Errorf("error %v", err)
	}
}

func TestSeesTheWriteAheadLog(t *testing.T) {
	t.Parallel()
	state := newState(t)
	writer, err := sqlite.OpenConn(filepath.Join(state, "db", "db.sqlite"), sqlite.OpenReadWrite, sqlite.OpenWAL)
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	if err := sqlitex.ExecuteTransient(writer, "insert into Refs values (3, 4)", nil); err != nil {
		t.Fatal(err)
	}
	db, err := open(t, state)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	closure, err := db.Closure(path("a"))
	if err != nil || len(closure) != 4 {
		t.Errorf("%d paths, %v; want the one that is only in the log too", len(closure), err)
	}
}

func TestUnusable(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		damage func(state string) error
		want   error
	}{
		"no database":   {func(s string) error { return os.RemoveAll(filepath.Join(s, "db")) }, fs.ErrNotExist},
		"only a schema": {func(s string) error { return os.Remove(filepath.Join(s, "db/db.sqlite")) }, fs.ErrNotExist},
		"newer schema": {func(s string) error {
			return os.WriteFile(filepath.Join(s, "db/schema"), []byte("11\n"), 0o644)
		}, storedb.ErrUnsupported},
		"garbage": {func(s string) error {
			return os.WriteFile(filepath.Join(s, "db/db.sqlite"), make([]byte, 8192), 0o644)
		}, storedb.ErrUnsupported},
		"truncated": {func(s string) error { return os.Truncate(filepath.Join(s, "db/db.sqlite"), 5000) }, storedb.ErrUnsupported},
		"other tables": {func(s string) error {
			return os.Truncate(filepath.Join(s, "db/db.sqlite"), 0)
		}, storedb.ErrUnsupported},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			state := newState(t)
			if err := test.damage(state); err != nil {
				t.Fatal(err)
			}
			db, err := open(t, state)
			if err == nil {
				_, err = db.Closure(path("a"))
				db.Close()
			}
			if !errors.Is(err, test.want) {
				t.Errorf("error %v, want %v", err, test.want)
			}
		})
	}
}
