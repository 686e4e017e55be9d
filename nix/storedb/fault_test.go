package storedb_test

import (
	"context"
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

// A small store: a refers to itself and b, b to c; d is the derivation of b.
func smallStore() []row {
	return []row{
		{path: path("a"), size: 100, references: []int{0, 1}},
		{path: path("b"), size: 20, references: []int{2}, deriver: path("d") + ".drv"},
		{path: path("c")},
		{path: path("d") + ".drv", size: 7, outputs: []store.Path{path("b")}},
	}
}

// faults are ways in which the database cannot be read.
func faults() map[string]struct {
	damage func(t *testing.T, state string) error
	want   error
} {
	type fault = struct {
		damage func(t *testing.T, state string) error
		want   error
	}
	write := func(name string, content []byte) func(*testing.T, string) error {
		return func(_ *testing.T, state string) error {
			return os.WriteFile(filepath.Join(state, "db", name), content, 0o644)
		}
	}
	return map[string]fault{
		"no database":   {func(_ *testing.T, s string) error { return os.RemoveAll(filepath.Join(s, "db")) }, fs.ErrNotExist},
		"only a schema": {func(_ *testing.T, s string) error { return os.Remove(filepath.Join(s, "db/db.sqlite")) }, fs.ErrNotExist},
		"newer schema":  {write("schema", []byte("11\n")), storedb.ErrUnsupported},
		"bad header":    {write("db.sqlite", make([]byte, 8192)), storedb.ErrUnsupported},
		"empty":         {write("db.sqlite", nil), storedb.ErrUnsupported},
		"truncated": {func(_ *testing.T, s string) error {
			return os.Truncate(filepath.Join(s, "db/db.sqlite"), 5000)
		}, storedb.ErrUnsupported},
		"bad pages": {func(_ *testing.T, s string) error { return spoil(s) }, storedb.ErrUnsupported},
		"locked":    {lock, storedb.ErrBusy},
	}
}

// spoil overwrites all pages but the first.
func spoil(state string) error {
	file, err := os.OpenFile(filepath.Join(state, "db", "db.sqlite"), os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	const page = 4096
	garbage := make([]byte, info.Size()-page)
	for i := range garbage {
		garbage[i] = 0xa5
	}
	_, err = file.WriteAt(garbage, page)
	return err
}

// lock lets another connection have the database for itself.
func lock(t *testing.T, state string) error {
	conn, err := sqlite.OpenConn(filepath.Join(state, "db", "db.sqlite"), sqlite.OpenReadWrite)
	if err != nil {
		return err
	}
	t.Cleanup(func() { conn.Close() })
	return sqlitex.ExecuteScript(conn, "pragma locking_mode = exclusive; insert into Refs values (3, 4);", nil)
}

func TestUnusable(t *testing.T) {
	t.Parallel()
	for name, fault := range faults() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			state := writeDatabase(t, smallStore())
			must(t, fault.damage(t, state))
			db, err := open(t, state)
			if err == nil {
				_, err = db.Closure(t.Context(), path("a"))
				db.Close()
			}
			if !errors.Is(err, fault.want) {
				t.Errorf("error %v, want %v", err, fault.want)
			}
			// A daemon that is not there changes nothing about the reason.
			gone := errors.New("nobody listens")
			_, err = storedb.Open(t.Context(), storedb.Options{
				StoreDir: dir, StateDir: state,
				Dial: func(context.Context) (storedb.Daemon, error) { return nil, gone },
			})
			if err != nil && (!errors.Is(err, fault.want) || !errors.Is(err, gone)) {
				t.Errorf("error %v, want %v and %v", err, fault.want, gone)
			}
		})
	}
}

// TestFallsBack damages the database before it is opened.
func TestFallsBack(t *testing.T) {
	t.Parallel()
	for name, fault := range faults() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			state := writeDatabase(t, smallStore())
			must(t, fault.damage(t, state))
			d := &fakeDaemon{rows: smallStore()}
			db, err := storedb.Open(t.Context(), storedb.Options{StoreDir: dir, StateDir: state, Dial: d.dial})
			must(t, err)
			checkFallback(t, db, d, fault.want)
		})
	}
}

// TestFallsBackInTheMiddle damages the database after it was opened.
func TestFallsBackInTheMiddle(t *testing.T) {
	t.Parallel()
	state := writeDatabase(t, smallStore())
	d := &fakeDaemon{rows: smallStore()}
	db, err := storedb.Open(t.Context(), storedb.Options{StoreDir: dir, StateDir: state, Dial: d.dial})
	must(t, err)
	if err := db.Fallback(); err != nil || d.dialed > 0 {
		t.Errorf("fallback %v, dialed %d times", err, d.dialed)
	}
	must(t, spoil(state))
	checkFallback(t, db, d, storedb.ErrUnsupported)
}

// checkFallback compares the answers through the daemon with those of a sound
// database, and expects the reason to be told.
func checkFallback(t *testing.T, db *storedb.DB, d *fakeDaemon, reason error) {
	t.Helper()
	sound := mustOpen(t, writeDatabase(t, smallStore()))
	ctx := t.Context()
	for name, ask := range map[string]func(*storedb.DB) (any, error){
		"closure":    func(db *storedb.DB) (any, error) { return db.Closure(ctx, path("a")) },
		"references": func(db *storedb.DB) (any, error) { return db.References(ctx, path("a")) },
		"referrers":  func(db *storedb.DB) (any, error) { return db.Referrers(ctx, path("b")) },
		"all paths":  func(db *storedb.DB) (any, error) { return db.AllPaths(ctx) },
		"path info":  func(db *storedb.DB) (any, error) { return db.PathInfo(ctx, path("b")) },
		"derivers":   func(db *storedb.DB) (any, error) { return db.ValidDerivers(ctx, path("b")) },
		"outputs":    func(db *storedb.DB) (any, error) { return db.DerivationOutputs(ctx, path("d")+".drv") },
		"no outputs": func(db *storedb.DB) (any, error) { return db.DerivationOutputs(ctx, path("f")+".drv") },
		"usage":      func(db *storedb.DB) (any, error) { return db.Usage(ctx) },
		"live": func(db *storedb.DB) (any, error) {
			graph, err := db.Graph(ctx)
			if err != nil {
				return nil, err
			}
			return graph.Live([]store.Path{path("d") + ".drv"}, storedb.Liveness{KeepOutputs: true}), nil
		},
	} {
		want, err := ask(sound)
		must(t, err)
		got, err := ask(db)
		must(t, err)
		byPath := cmpopts.SortSlices(func(a, b storedb.Object) bool { return a.Path < b.Path })
		sameHash := cmp.Comparer(func(a, b store.Hash) bool { return a == b })
		if diff := cmp.Diff(want, got, byPath, sameHash, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	var notValid *store.NotValidError
	if _, err := db.Closure(ctx, path("f")); !errors.As(err, &notValid) {
		t.Errorf("closure of a path that is not valid: %v", err)
	}
	roots, err := db.Roots(ctx)
	if err != nil || len(roots) != 1 || roots[0].Link != "{censored}" {
		t.Errorf("roots %v, %v", roots, err)
	}
	if !errors.Is(db.Fallback(), reason) {
		t.Errorf("fallback %v, want %v", db.Fallback(), reason)
	}
	if err := db.Close(); err != nil || d.dialed != 1 || !d.closed {
		t.Errorf("closing: %v; dialed %d times, closed %v", err, d.dialed, d.closed)
	}
}

// TestCancelled ends the context, which is no reason to ask anybody else.
func TestCancelled(t *testing.T) {
	t.Parallel()
	d := &fakeDaemon{rows: smallStore()}
	db, err := storedb.Open(t.Context(), storedb.Options{StoreDir: dir, StateDir: writeDatabase(t, smallStore()), Dial: d.dial})
	must(t, err)
	defer db.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := db.Closure(ctx, path("a")); !errors.Is(err, context.Canceled) {
		t.Errorf("closure: %v", err)
	}
	if _, err := db.Graph(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("graph: %v", err)
	}
	if _, err := db.Roots(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("roots: %v", err)
	}
	if _, err := db.Closure(t.Context(), path("a")); err != nil || db.Fallback() != nil || d.dialed > 0 {
		t.Errorf("afterwards: %v, fallback %v, dialed %d times", err, db.Fallback(), d.dialed)
	}
}
