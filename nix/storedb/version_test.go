package storedb_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"luminousnix/nix/storedb"
)

// TestVersion changes a database in many ways and as fast as it can: after each change it
// has another version, or says that it cannot tell; without one it has the same.
func TestVersion(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"wal", "delete"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			state := writeDatabase(t, nil)
			file := filepath.Join(state, "db", "db.sqlite")
			seen := map[string]int{}
			told := 0
			look := func(step int) {
				t.Helper()
				version, err := storedb.Version(state)
				if errors.Is(err, storedb.ErrChanging) {
					return
				}
				must(t, err)
				if before, ok := seen[version]; ok {
					t.Fatalf("%s: the version of step %d is that of %d", mode, step, before)
				}
				seen[version] = step
				if again, err := storedb.Version(state); err != nil || again != version {
					t.Errorf("another version without a change: %v", err)
				}
				told++
			}
			conn := openWriter(t, file, mode)
			for step := range 400 {
				must(t, sqlitex.Execute(conn, fmt.Sprintf(
					"insert into ValidPaths (path, hash, registrationTime, narSize) values ('/nix/store/%032d-x', 'h', 1, %d)", step, step), nil))
				look(step)
				switch {
				case step%20 == 7:
					must(t, sqlitex.Execute(conn, "update ValidPaths set narSize = narSize + 1 where id = 1", nil))
					look(step)
				case step%50 == 13:
					must(t, sqlitex.ExecuteTransient(conn, "pragma wal_checkpoint(restart)", nil))
				case step%100 == 50:
					must(t, conn.Close())
					conn = openWriter(t, file, mode)
				}
			}
			must(t, conn.Close())
			if mode == "wal" && told < 300 {
				t.Errorf("only %d versions were told", told)
			}
			if _, err := storedb.Version(state); !errors.Is(err, storedb.ErrChanging) {
				t.Errorf("just after a change: %v", err)
			}
			earlier := time.Now().Add(-time.Minute)
			must(t, os.Chtimes(file, earlier, earlier))
			look(-1)
			if told == 0 {
				t.Error("no version was ever told")
			}
			// Reading changes nothing.
			version, err := storedb.Version(state)
			must(t, err)
			reader, err := sqlite.OpenConn(file, sqlite.OpenReadOnly)
			must(t, err)
			must(t, sqlitex.ExecuteTransient(reader, "select count(*) from ValidPaths", nil))
			if got, err := storedb.Version(state); err != nil || got != version {
				t.Errorf("while it is read: %v", err)
			}
			must(t, reader.Close())
			if got, err := storedb.Version(state); err != nil || got != version {
				t.Errorf("after it was read: %v", err)
			}
		})
	}
}

func openWriter(t *testing.T, file, mode string) *sqlite.Conn {
	t.Helper()
	conn, err := sqlite.OpenConn(file)
	must(t, err)
	must(t, sqlitex.ExecuteTransient(conn, "pragma journal_mode = "+mode, nil))
	return conn
}

func TestVersionOfNothing(t *testing.T) {
	t.Parallel()
	if _, err := storedb.Version(t.TempDir()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
}
