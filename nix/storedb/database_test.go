package storedb_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"luminousnix/nix/store"
	"luminousnix/nix/storedb"
)

// row is a valid path of a database that a test writes.
type row struct {
	path       store.Path
	size       int64
	deriver    store.Path
	references []int // rows
	outputs    []store.Path
}

// The tables as Nix makes them.
const tables = `
	create table ValidPaths (
		id integer primary key autoincrement not null, path text unique not null, hash text not null,
		registrationTime integer not null, deriver text, narSize integer, ultimate integer, sigs text, ca text);
	create table Refs (
		referrer integer not null, reference integer not null, primary key (referrer, reference),
		foreign key (referrer) references ValidPaths(id) on delete cascade,
		foreign key (reference) references ValidPaths(id) on delete restrict);
	create index IndexReferrer on Refs(referrer);
	create index IndexReference on Refs(reference);
	create table DerivationOutputs (
		drv integer not null, id text not null, path text not null, primary key (drv, id),
		foreign key (drv) references ValidPaths(id) on delete cascade);
	create index IndexDerivationOutputs on DerivationOutputs(path);`

// writeDatabase makes a state directory with a database of these paths, which
// have IDs from 1.
func writeDatabase(tb testing.TB, rows []row) (stateDir string) {
	tb.Helper()
	state := tb.TempDir()
	if err := os.Mkdir(filepath.Join(state, "db"), 0o755); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(state, "db", "schema"), []byte("10"), 0o644); err != nil {
		tb.Fatal(err)
	}
	conn, err := sqlite.OpenConn(filepath.Join(state, "db", "db.sqlite"))
	if err != nil {
		tb.Fatal(err)
	}
	defer conn.Close()
	if err := sqlitex.ExecuteScript(conn, tables, nil); err != nil {
		tb.Fatal(err)
	}
	execute(tb, conn, "begin")
	for i, r := range rows {
		execute(tb, conn, `insert into ValidPaths values (?, ?, ?, 1700000000, nullif(?, ''), nullif(?, 0), 1, ?, null)`,
			i+1, string(r.path), "sha256:"+strings.Repeat("0a", 32), string(r.deriver), r.size, "cache-1:"+strings.Repeat("A", 88))
	}
	for i, r := range rows {
		for _, reference := range r.references {
			execute(tb, conn, "insert or ignore into Refs values (?, ?)", i+1, reference+1)
		}
		for n, output := range r.outputs {
			execute(tb, conn, "insert into DerivationOutputs values (?, ?, ?)", i+1, fmt.Sprintf("out%d", n), string(output))
		}
	}
	execute(tb, conn, "commit")
	return state
}

func execute(tb testing.TB, conn *sqlite.Conn, query string, args ...any) {
	tb.Helper()
	if err := sqlitex.Execute(conn, query, &sqlitex.ExecOptions{Args: args}); err != nil {
		tb.Fatal(err)
	}
}

// numbered is a store path that tests tell by its number.
func numbered(number int, name string) store.Path {
	const digits = "0123456789abcdfghijklmnpqrsvwxyz"
	random := rand.New(rand.NewPCG(uint64(number), 0))
	hash := make([]byte, store.HashLength)
	for i := range hash {
		hash[i] = digits[random.IntN(len(digits))]
	}
	return store.Path(fmt.Sprintf("%s/%s-%s", dir, hash, name))
}

// largeStore is a store of 20,000 paths, a quarter of them derivations that made
// another quarter. The closure of the last path has about 2,000 paths.
func largeStore() []row {
	const count, closure = 20_000, 2_000
	random := rand.New(rand.NewPCG(1, 2))
	rows := make([]row, count)
	for i := range rows {
		r := &rows[i]
		r.size = 1000 + random.Int64N(1<<24)
		if i%4 == 1 {
			r.path = numbered(i, fmt.Sprintf("package-%d.0.drv", i))
			r.outputs = []store.Path{numbered(i+1, fmt.Sprintf("package-%d.0", i+1))}
		} else {
			r.path = numbered(i, fmt.Sprintf("package-%d.0", i))
		}
		if i%4 == 2 {
			r.deriver = rows[i-1].path
		}
		// Groups of paths refer to their own, mostly to those just before.
		first := i / closure * closure
		for range min(5, i-first) {
			r.references = append(r.references, max(first, i-1-int(random.ExpFloat64()*20)))
		}
	}
	for i := count - closure; i < count-1; i++ {
		rows[count-1].references = append(rows[count-1].references, i)
	}
	return rows
}

func open(tb testing.TB, state string) (*storedb.DB, error) {
	tb.Helper()
	return storedb.Open(tb.Context(), storedb.Options{StoreDir: dir, StateDir: state})
}

func mustOpen(tb testing.TB, state string) *storedb.DB {
	tb.Helper()
	db, err := open(tb, state)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Error(err)
		}
	})
	return db
}
