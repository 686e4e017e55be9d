package storedb

import (
	"context"
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

// Usage sums up store paths.
type Usage struct {
	Paths   int64 // how many
	NarSize int64 // sum of their sizes in bytes
}

// Sum sums up objects.
func Sum(objects []Object) Usage {
	usage := Usage{Paths: int64(len(objects))}
	for _, object := range objects {
		usage.NarSize += object.NarSize
	}
	return usage
}

const referencesQuery = `
	select path, coalesce(narSize, 0) from ValidPaths
	where id in (select reference from Refs where referrer = (select id from ValidPaths where path = ?1))
	order by path`

const referrersQuery = `
	select path, coalesce(narSize, 0) from ValidPaths
	where id in (select referrer from Refs where reference = (select id from ValidPaths where path = ?1))
	order by path`

const validDeriversQuery = `
	select path from ValidPaths where id in (select drv from DerivationOutputs where path = ?1) order by path`

const outputsQuery = `
	select id, path from DerivationOutputs where drv = (select id from ValidPaths where path = ?1)`

const usageQuery = `select count(*), coalesce(sum(narSize), 0) from ValidPaths`

// References returns the paths that path refers to directly, by path; it may
// refer to itself. One that is not valid has none.
func (db *DB) References(ctx context.Context, path store.Path) ([]Object, error) {
	return ask(ctx, db,
		func(conn *sqlite.Conn) ([]Object, error) { return db.objects(conn, referencesQuery, path) },
		func(d Daemon) ([]Object, error) { return daemonReferences(ctx, d, path) })
}

// Referrers returns the valid paths that refer to path directly, by path. One
// that is not valid has none.
func (db *DB) Referrers(ctx context.Context, path store.Path) ([]Object, error) {
	return ask(ctx, db,
		func(conn *sqlite.Conn) ([]Object, error) { return db.objects(conn, referrersQuery, path) },
		func(d Daemon) ([]Object, error) { return daemonReferrers(ctx, d, path) })
}

// AllPaths returns all valid paths, by path.
func (db *DB) AllPaths(ctx context.Context) ([]store.Path, error) {
	return ask(ctx, db,
		func(conn *sqlite.Conn) ([]store.Path, error) {
			return db.paths(conn, "select path from ValidPaths order by path")
		},
		func(d Daemon) ([]store.Path, error) { return sorted(d.AllValidPaths(ctx)) })
}

// ValidDerivers returns the valid derivations that have path as an output, by
// path. There may be several: outputs of a fixed hash are made by any derivation
// that knows the hash.
func (db *DB) ValidDerivers(ctx context.Context, path store.Path) ([]store.Path, error) {
	return ask(ctx, db,
		func(conn *sqlite.Conn) ([]store.Path, error) { return db.paths(conn, validDeriversQuery, path) },
		func(d Daemon) ([]store.Path, error) { return sorted(d.ValidDerivers(ctx, path)) })
}

// DerivationOutputs returns the paths of a valid derivation's outputs by name,
// as far as they are known before it is built; they need not be valid. One that
// is not valid, or no derivation, has none.
func (db *DB) DerivationOutputs(ctx context.Context, drv store.Path) (map[string]store.Path, error) {
	return ask(ctx, db,
		func(conn *sqlite.Conn) (map[string]store.Path, error) {
			outputs := map[string]store.Path{}
			err := each(conn, outputsQuery, []any{string(drv)}, func(row *sqlite.Stmt) (err error) {
				outputs[row.ColumnText(0)], err = db.parse(row.ColumnText(1))
				return err
			})
			return outputs, err
		},
		func(d Daemon) (map[string]store.Path, error) { return daemonOutputs(ctx, d, drv) })
}

// Usage sums up all valid paths.
func (db *DB) Usage(ctx context.Context) (Usage, error) {
	return ask(ctx, db,
		func(conn *sqlite.Conn) (usage Usage, err error) {
			err = each(conn, usageQuery, nil, func(row *sqlite.Stmt) error {
				usage = Usage{row.ColumnInt64(0), row.ColumnInt64(1)}
				return nil
			})
			return usage, err
		},
		func(d Daemon) (Usage, error) { return daemonUsage(ctx, d) })
}

func (db *DB) objects(conn *sqlite.Conn, query string, path store.Path) ([]Object, error) {
	var objects []Object
	err := each(conn, query, []any{string(path)}, func(row *sqlite.Stmt) error {
		found, err := db.parse(row.ColumnText(0))
		objects = append(objects, Object{found, row.ColumnInt64(1)})
		return err
	})
	return objects, err
}

func (db *DB) paths(conn *sqlite.Conn, query string, arguments ...store.Path) ([]store.Path, error) {
	var paths []store.Path
	var args []any
	for _, argument := range arguments {
		args = append(args, string(argument))
	}
	err := each(conn, query, args, func(row *sqlite.Stmt) error {
		found, err := db.parse(row.ColumnText(0))
		paths = append(paths, found)
		return err
	})
	return paths, err
}

// parse parses a path that the database says is in the store. If it is not, the
// database is another store's.
func (db *DB) parse(text string) (store.Path, error) {
	path, err := db.options.StoreDir.Parse(text)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	return path, nil
}

func each(conn *sqlite.Conn, query string, args []any, row func(*sqlite.Stmt) error) error {
	return sqlitex.Execute(conn, query, &sqlitex.ExecOptions{Args: args, ResultFunc: row})
}
