// Package storedb reads Nix's own database of valid store paths, read-only and
// without asking the daemon.
//
// The database is $NIX_STATE_DIR/db/db.sqlite in SQLite's WAL mode. It is opened
// in mode=ro with a bounded wait; never with immutable=1, which ignores the
// write-ahead log and so misses paths. An ordinary user can open it only while
// some process has it open: see [Options.Wake].
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

	"luminousnix/nix/store"
)

// schema is the version of the database that this package knows; it has not
// changed since Nix 2.0.
const schema = "10"

const busyTimeout = 2 * time.Second

// ErrUnsupported means that the database is there but of a form that is not
// known here.
var ErrUnsupported = errors.New("unknown form of the Nix database")

// Options says where the database is.
type Options struct {
	StoreDir store.Dir
	StateDir string
	// Wake, if set, is called when the database cannot be opened at first, and
	// returns after it has made another process open it: a question to the
	// daemon does. Its first result keeps that process at it until closed.
	Wake func(context.Context) (close func(), err error)
}

// DB is an open database. It is not safe for concurrent use.
type DB struct {
	conn  *sqlite.Conn
	dir   store.Dir
	sleep func()
}

// Open opens the database. The error matches fs.ErrNotExist when there is none,
// fs.ErrPermission when this user may not read it, and [ErrUnsupported] when it
// is of an unknown form or damaged.
func Open(ctx context.Context, options Options) (*DB, error) {
	if err := checkSchema(options.StateDir); err != nil {
		return nil, err
	}
	file := filepath.Join(options.StateDir, "db", "db.sqlite")
	conn, err := connect(ctx, file)
	if err == nil {
		return &DB{conn, options.StoreDir, func() {}}, nil
	}
	if options.Wake == nil || !cannotShare(err) {
		return nil, classify(err)
	}
	sleep, wakeErr := options.Wake(ctx)
	if wakeErr != nil {
		return nil, errors.Join(classify(err), wakeErr)
	}
	conn, err = connect(ctx, file)
	if err != nil {
		sleep()
		return nil, classify(err)
	}
	return &DB{conn, options.StoreDir, sleep}, nil
}

// Close closes the database.
func (db *DB) Close() error {
	err := db.conn.Close()
	db.sleep()
	return err
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

// connect opens the file and reads from it once, since SQLite itself opens the
// file only at the first query.
func connect(ctx context.Context, file string) (*sqlite.Conn, error) {
	if _, err := os.Stat(file); err != nil {
		return nil, err
	}
	conn, err := sqlite.OpenConn(file, sqlite.OpenReadOnly)
	if err != nil {
		return nil, err
	}
	conn.SetInterrupt(ctx.Done())
	conn.SetBusyTimeout(busyTimeout)
	if err := probe(conn); err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

func probe(conn *sqlite.Conn) error {
	stmt, _, err := conn.PrepareTransient("select 1 from ValidPaths limit 1")
	if err != nil {
		return err
	}
	defer stmt.Finalize()
	_, err = stmt.Step()
	return err
}

func cannotShare(err error) bool {
	code := sqlite.ErrCode(err).ToPrimary()
	return code == sqlite.ResultReadOnly || code == sqlite.ResultCantOpen
}

func classify(err error) error {
	switch sqlite.ErrCode(err).ToPrimary() {
	case sqlite.ResultReadOnly, sqlite.ResultCantOpen, sqlite.ResultPerm, sqlite.ResultAuth:
		return fmt.Errorf("opening the Nix database: %w: %w", fs.ErrPermission, err)
	case sqlite.ResultCorrupt, sqlite.ResultNotADB, sqlite.ResultError:
		return fmt.Errorf("opening the Nix database: %w: %w", ErrUnsupported, err)
	}
	return fmt.Errorf("opening the Nix database: %w", err)
}
