package buildtimes

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// Name is the name of the file, in the folder of state.
const Name = "build-times.sqlite"

// Aside is added to the name of a damaged file.
const Aside = ".damaged"

// application marks the files of this package, in SQLite's application_id, and version is
// the form of the tables, in its user_version.
const (
	application = 0x4e784254
	version     = 1
)

const schema = `
create table builds (
	id integer primary key,
	name text not null,       -- of the package
	ended integer not null,   -- Unix time
	seconds real not null
);
create index byName on builds (name, ended);
create table packages (name text primary key, median real not null, ended integer not null);
create index byTime on packages (ended);
create table transfers (id integer primary key, ended integer not null, bytes integer not null, seconds real not null);
create table counts (id integer primary key, what text not null unique, count integer not null);
create table imports (path text primary key, size integer not null, modified integer not null);
`

// busyTimeout is how long another process is waited for.
const busyTimeout = 2 * time.Second

// errForeign means that the file is something else, or newer, or that others can write to
// it. It is left alone.
var errForeign = errors.New("not the build times of this user")

// File is where the database is.
type File struct{ Path string }

// Open opens the database, which is made if there is none. A damaged one is put aside.
func (f File) Open(ctx context.Context) (*DB, error) {
	if err := f.prepare(); err != nil {
		return nil, fmt.Errorf("build times: %w", err)
	}
	conn, err := f.open(ctx)
	if damaged(err) {
		if err = f.putAside(); err == nil {
			conn, err = f.open(ctx)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("build times: %w", err)
	}
	return &DB{conn}, nil
}

// Exists reports whether there is a database.
func (f File) Exists() bool {
	_, err := os.Lstat(f.Path)
	return err == nil
}

// prepare makes the file and its folder, readable by their owner only, and looks that they
// are.
func (f File) prepare() error {
	dir := filepath.Dir(f.Path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := private(dir, fs.ModeDir); err != nil {
		return err
	}
	file, err := os.OpenFile(f.Path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		return file.Close()
	}
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	return private(f.Path, 0)
}

// private fails unless path is of the type and nobody else can write to it.
func private(path string, kind fs.FileMode) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if info.Mode().Type() != kind || !ok || int(stat.Uid) != os.Geteuid() || info.Mode()&0o022 != 0 {
		return fmt.Errorf("%s: %w", path, errForeign)
	}
	return nil
}

func (f File) open(ctx context.Context) (conn *sqlite.Conn, err error) {
	conn, err = sqlite.OpenConn(f.Path, sqlite.OpenReadWrite)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, conn.Close())
		}
	}()
	conn.SetInterrupt(ctx.Done())
	defer conn.SetInterrupt(nil)
	conn.SetBusyTimeout(busyTimeout)
	return conn, tables(conn)
}

// tables makes the tables in an empty file, and looks that they are ours in another.
func tables(conn *sqlite.Conn) (err error) {
	end, err := sqlitex.ImmediateTransaction(conn)
	if err != nil {
		return err
	}
	defer end(&err)
	found, err := numbers(conn, "select application_id from pragma_application_id union all select user_version from pragma_user_version union all select count(*) from sqlite_schema")
	switch {
	case err != nil:
		return err
	case len(found) != 3:
		return errForeign
	case found[0] == 0 && found[1] == 0 && found[2] == 0:
		return sqlitex.ExecuteScript(conn, fmt.Sprintf("%s pragma application_id = %d; pragma user_version = %d;", schema, application, version), nil)
	case found[0] != application || found[1] != version:
		return errForeign
	}
	_, err = numbers(conn, "select count(*) from builds, packages, transfers, counts, imports limit 0")
	return err
}

// damaged reports whether an error means that the file is of no use.
func damaged(err error) bool {
	if err == nil || errors.Is(err, errForeign) {
		return false
	}
	switch sqlite.ErrCode(err).ToPrimary() {
	case sqlite.ResultCorrupt, sqlite.ResultNotADB, sqlite.ResultError: // an error is such as a table that is not there
		return true
	}
	return false
}

// putAside takes a damaged file out of the way, once: of several processes that find it so
// the others find a good one.
func (f File) putAside() error {
	lock, err := os.OpenFile(f.Path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX); err != nil {
		return err
	}
	if conn, err := f.open(context.Background()); err == nil {
		return conn.Close()
	}
	// The journal first: it must not be taken for that of the new file.
	if err := os.Remove(f.Path + "-journal"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Rename(f.Path, f.Path+Aside); err != nil {
		return err
	}
	return f.prepare()
}

// Recover puts the file aside if an error of the database means that it is damaged.
func (f File) Recover(err error) error {
	if !damaged(err) {
		return nil
	}
	return f.putAside()
}
