package storedb

import (
	"fmt"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"luminousnix/nix/store"
)

// Object is a valid store path and how large it is.
type Object struct {
	Path    store.Path
	NarSize int64 // bytes of its archive, near its size on disk
}

// Usage sums up the store.
type Usage struct {
	Paths   int64 // valid paths
	NarSize int64 // sum of their sizes in bytes
}

// closureQuery walks the references from one path. UNION makes every path come
// once.
const closureQuery = `
	with recursive closure(id) as (
		select id from ValidPaths where path = ?1
		union
		select reference from Refs join closure on referrer = id
	)
	select path, coalesce(narSize, 0) from ValidPaths join closure using (id)`

const referencesQuery = `
	select path, coalesce(narSize, 0) from ValidPaths
	where id in (select reference from Refs where referrer = (select id from ValidPaths where path = ?1))
	order by path`

// Closure returns the path and everything it refers to, directly or not, each
// once and in no particular order. The error is a [*store.NotValidError] when the
// store does not have the path.
func (db *DB) Closure(path store.Path) ([]Object, error) {
	objects, err := db.paths(closureQuery, path)
	if err == nil && len(objects) == 0 {
		return nil, &store.NotValidError{Path: path}
	}
	return objects, err
}

// References returns the paths that path refers to directly, by path. One that
// is not valid has none.
func (db *DB) References(path store.Path) ([]Object, error) {
	return db.paths(referencesQuery, path)
}

// Usage sums up all valid paths.
func (db *DB) Usage() (Usage, error) {
	var usage Usage
	err := sqlitex.Execute(db.conn, "select count(*), coalesce(sum(narSize), 0) from ValidPaths", &sqlitex.ExecOptions{
		ResultFunc: func(row *sqlite.Stmt) error {
			usage = Usage{row.ColumnInt64(0), row.ColumnInt64(1)}
			return nil
		},
	})
	return usage, classifyQuery(err)
}

func (db *DB) paths(query string, path store.Path) ([]Object, error) {
	var objects []Object
	err := sqlitex.Execute(db.conn, query, &sqlitex.ExecOptions{
		Args: []any{string(path)},
		ResultFunc: func(row *sqlite.Stmt) error {
			found, err := db.dir.Parse(row.ColumnText(0))
			if err != nil {
				return fmt.Errorf("%w: %w", ErrUnsupported, err)
			}
			objects = append(objects, Object{found, row.ColumnInt64(1)})
			return nil
		},
	})
	return objects, classifyQuery(err)
}

func classifyQuery(err error) error {
	if err == nil {
		return nil
	}
	switch sqlite.ErrCode(err).ToPrimary() {
	case sqlite.ResultCorrupt, sqlite.ResultNotADB:
		return fmt.Errorf("reading the Nix database: %w: %w", ErrUnsupported, err)
	case sqlite.ResultBusy:
		return fmt.Errorf("the Nix database is busy: %w", err)
	}
	return fmt.Errorf("reading the Nix database: %w", err)
}
