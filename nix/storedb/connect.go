package storedb

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// schema is the version of the database that this package knows; it has not
// changed since Nix 2.0.
const schema = "10"

const busyTimeout = 2 * time.Second

// connect opens the file and reads from it once, since SQLite itself opens the
// file only at the first query.
func (db *DB) connect(ctx context.Context) error {
	if err := checkSchema(db.options.StateDir); err != nil {
		return err
	}
	file := filepath.Join(db.options.StateDir, "db", "db.sqlite")
	if _, err := os.Stat(file); err != nil {
		return err
	}
	conn, err := sqlite.OpenConn(file, sqlite.OpenReadOnly)
	if err != nil {
		return err
	}
	if err := probe(ctx, conn); err != nil {
		conn.Close()
		return err
	}
	db.conn = conn
	return nil
}

func checkSchema(stateDir string) error {
	content, err := os.ReadFile(filepath.Join(stateDir, "db", "schema"))
	if err != nil {
		return fmt.Errorf("reading the version of the Nix database: %w", err)
	}
	if version := strings.TrimSpace(string(content)); version != schema {
		return fmt.Errorf("%w: schema %q, %s is known", ErrUnsupported, version, schema)
	}
	return nil
}

func probe(ctx context.Context, conn *sqlite.Conn) error {
	conn.SetBusyTimeout(busyTimeout)
	conn.SetInterrupt(ctx.Done())
	defer conn.SetInterrupt(nil)
	if err := sqlitex.ExecuteTransient(conn, "pragma query_only = true", nil); err != nil {
		return err
	}
	return sqlitex.ExecuteTransient(conn, "select 1 from ValidPaths limit 1", nil)
}

// snapshot lets read see one state of the database, whatever other processes
// change meanwhile.
func snapshot[T any](ctx context.Context, conn *sqlite.Conn, read func(*sqlite.Conn) (T, error)) (result T, err error) {
	conn.SetInterrupt(ctx.Done())
	defer conn.SetInterrupt(nil)
	err = sqlitex.Execute(conn, "begin", nil)
	if err == nil {
		result, err = read(conn)
		conn.SetInterrupt(nil)
		if end := sqlitex.Execute(conn, "rollback", nil); err == nil {
			err = end
		}
	}
	if err == nil {
		return result, nil
	}
	var none T
	if ctx.Err() != nil {
		return none, ctx.Err()
	}
	return none, classify(err)
}

// cannotShare says whether the database could be opened if another process had
// it open.
func cannotShare(err error) bool {
	code := sqlite.ErrCode(err).ToPrimary()
	return code == sqlite.ResultReadOnly || code == sqlite.ResultCantOpen
}

// classify gives an error the kinds that the package's comment promises.
func classify(err error) error {
	if file := (*fs.PathError)(nil); errors.As(err, &file) || errors.Is(err, ErrUnsupported) {
		return fmt.Errorf("reading the Nix database: %w", err)
	}
	switch sqlite.ErrCode(err).ToPrimary() {
	case sqlite.ResultReadOnly, sqlite.ResultCantOpen, sqlite.ResultPerm, sqlite.ResultAuth:
		return fmt.Errorf("reading the Nix database: %w: %w", fs.ErrPermission, err)
	case sqlite.ResultBusy, sqlite.ResultLocked:
		return fmt.Errorf("%w: %w", ErrBusy, err)
	case sqlite.ResultCorrupt, sqlite.ResultNotADB, sqlite.ResultError: // an error is such as a table that is not there
		return fmt.Errorf("reading the Nix database: %w: %w", ErrUnsupported, err)
	}
	return fmt.Errorf("reading the Nix database: %w", err)
}
