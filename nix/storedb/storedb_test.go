package storedb_test

import (
	"errors"
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
	return writeDatabase(t, []row{
		{path: path("a"), size: 100, references: []int{0, 1}},
		{path: path("b"), size: 20, references: []int{2}},
		{path: path("c")},
		{path: path("d"), size: 7},
	})
}

func TestQueries(t *testing.T) {
	t.Parallel()
	db, err := open(t, newState(t))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	closure, err := db.Closure(t.Context(), path("a"))
	if err != nil {
		t.Fatal(err)
	}
	byPath := cmpopts.SortSlices(func(a, b storedb.Object) bool { return a.Path < b.Path })
	want := []storedb.Object{{Path: path("a"), NarSize: 100}, {Path: path("b"), NarSize: 20}, {Path: path("c")}}
	if diff := cmp.Diff(want, closure, byPath); diff != "" {
		t.Error(diff)
	}
	references, err := db.References(t.Context(), path("a"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want[:2], references); diff != "" {
		t.Error(diff)
	}
	usage, err := db.Usage(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(storedb.Usage{Paths: 4, NarSize: 127}, usage); diff != "" {
		t.Error(diff)
	}
	var notValid *store.NotValidError
	if _, err := db.Closure(t.Context(), path("f")); !errors.As(err, &notValid) {
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
	closure, err := db.Closure(t.Context(), path("a"))
	if err != nil || len(closure) != 4 {
		t.Errorf("%d paths, %v; want the one that is only in the log too", len(closure), err)
	}
}
