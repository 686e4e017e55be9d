package storedb

import (
	"context"
	"errors"

	"zombiezen.com/go/sqlite"

	"luminousnix/nix/store"
)

// Closure returns the path and everything it refers to, directly or not, each
// once and in no particular order. The error is a [*store.NotValidError] when the
// store does not have the path. For many closures make a [Graph].
func (db *DB) Closure(ctx context.Context, path store.Path) ([]Object, error) {
	closures, err := db.Closures(ctx, path)
	if err != nil {
		return nil, err
	}
	return closures[0], nil
}

// Closures returns the closure of each path, all as of the same moment. What they
// share is read once.
func (db *DB) Closures(ctx context.Context, paths ...store.Path) ([][]Object, error) {
	closures, err := ask(ctx, db,
		func(conn *sqlite.Conn) ([][]Object, error) { return db.walkClosures(conn, paths) },
		func(d Daemon) ([][]Object, error) { return daemonClosures(ctx, d, paths) })
	for i, closure := range closures {
		if len(closure) == 0 {
			return nil, &store.NotValidError{Path: paths[i]}
		}
	}
	return closures, err
}

func (db *DB) walkClosures(conn *sqlite.Conn, paths []store.Path) ([][]Object, error) {
	w, err := newWalk(db, conn)
	if err != nil {
		return nil, err
	}
	closures := make([][]Object, len(paths))
	for i, path := range paths {
		if closures[i], err = w.closure(path); err != nil {
			return nil, err
		}
	}
	return closures, nil
}

// walk follows references from path to path. A recursive query would do so in one
// statement, but takes longer: it keeps what it has seen in a table of its own, and two
// of them read what they share twice.
type walk struct {
	db         *DB
	root, path *sqlite.Stmt
	met        map[int64]meeting // by the path's id in the database
	ids        []int64           // of what all that was met refers to, one after the other
}

// meeting is a path that was met: what it is, and where the ids of what it refers to are.
type meeting struct {
	object     Object
	start, end int
}

func newWalk(db *DB, conn *sqlite.Conn) (w *walk, err error) {
	w = &walk{db: db, met: make(map[int64]meeting, usualClosure)}
	if w.root, err = conn.Prepare("select id from ValidPaths where path = ?1"); err != nil {
		return nil, err
	}
	if w.path, err = conn.Prepare("select null, path, coalesce(narSize, 0) from ValidPaths where id = ?1 union all " +
		"select reference, null, null from Refs where referrer = ?1"); err != nil {
		return nil, err
	}
	return w, nil
}

// usualClosure is how many paths a system has, about; only room is made for them.
const usualClosure = 2000

func (w *walk) closure(path store.Path) ([]Object, error) {
	reached := make([]int64, 0, usualClosure)
	w.root.BindText(1, string(path))
	if err := rows(w.root, func(row *sqlite.Stmt) error {
		reached = append(reached, row.ColumnInt64(0))
		return nil
	}); err != nil {
		return nil, err
	}
	seen := make(map[int64]bool, usualClosure)
	for _, root := range reached {
		seen[root] = true
	}
	objects := make([]Object, 0, usualClosure)
	for n := 0; n < len(reached); n++ {
		m, err := w.meet(reached[n])
		if err != nil {
			return nil, err
		}
		objects = append(objects, m.object)
		for _, id := range w.ids[m.start:m.end] {
			if !seen[id] {
				seen[id] = true
				reached = append(reached, id)
			}
		}
	}
	return objects, nil
}

// meet reads a path, unless it was met before.
func (w *walk) meet(id int64) (meeting, error) {
	if m, ok := w.met[id]; ok {
		return m, nil
	}
	m := meeting{start: len(w.ids)}
	w.path.BindInt64(1, id)
	err := rows(w.path, func(row *sqlite.Stmt) (err error) {
		if row.ColumnType(0) != sqlite.TypeNull {
			w.ids = append(w.ids, row.ColumnInt64(0))
			return nil
		}
		m.object.NarSize = row.ColumnInt64(2)
		m.object.Path, err = w.db.parse(row.ColumnText(1))
		return err
	})
	if err != nil {
		return m, err
	}
	m.end = len(w.ids)
	w.met[id] = m
	return m, nil
}

// rows goes through what a statement answers.
func rows(stmt *sqlite.Stmt, row func(*sqlite.Stmt) error) error {
	for {
		more, err := stmt.Step()
		if err == nil && more {
			err = row(stmt)
		}
		if err != nil || !more {
			return errors.Join(err, stmt.Reset())
		}
	}
}
