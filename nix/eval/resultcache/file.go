package resultcache

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// application marks the files of this package, in SQLite's application_id.
const application = 0x4e784576

// version is the form of the tables, in SQLite's user_version. Other forms are
// thrown away.
const version = 1

const schema = `
create table entries (
	id integer primary key,   -- later ones are greater
	key blob not null,
	digest blob not null,     -- of the trace, without what lstat said
	used integer not null,    -- seconds of Unix time, roughly
	size integer not null,    -- of key, trace and result
	checksum integer not null,
	trace blob not null,
	result blob not null
);
create index byKey on entries (key, id);
create index byUse on entries (used, id, size);
`

// errUseless means that the file has an older form, or is damaged in a way that
// SQLite has no error for.
var errUseless = errors.New("the cache of evaluations is of no use")

// open opens the file, made if it is not there.
func open(ctx context.Context, path string) (*sqlite.Conn, error) {
	if err := prepare(path); err != nil {
		return nil, err
	}
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite)
	if err != nil {
		return nil, err
	}
	conn.SetBusyTimeout(busyTimeout)
	if err := interruptible(ctx, conn, settle); err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

// prepare makes the file and its directory if they are not there, and else looks
// whether they are only this user's. A file that is there is not opened: closing
// it would take the locks of other connections of this process away.
func prepare(path string) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if err := private(dir, info, fs.ModeDir); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		return file.Close()
	}
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	if info, err = os.Lstat(path); err != nil {
		return err
	}
	return private(path, info, 0)
}

// private fails unless path is of the type and this user alone can write to it.
func private(path string, info fs.FileInfo, kind fs.FileMode) error {
	if info.Mode().Type() != kind {
		return fmt.Errorf("%w: %s is of another type", ErrForeign, path)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || int(stat.Uid) != os.Geteuid() || info.Mode()&0o022 != 0 {
		return fmt.Errorf("%w: others can write to %s", ErrForeign, path)
	}
	return nil
}

// settle looks what the file is, and makes the tables in an empty one.
func settle(conn *sqlite.Conn) error {
	owner, form, err := identify(conn)
	if err != nil {
		return err
	}
	if owner == 0 && form == 0 {
		if err := create(conn); err != nil {
			return err
		}
		owner, form = application, version
	}
	switch {
	case owner != application:
		return ErrForeign
	case form > version:
		return ErrNewer
	case form < version:
		return errUseless
	}
	return sqlitex.ExecuteTransient(conn, "pragma synchronous = off", nil)
}

// identify returns the application_id and user_version of the database.
func identify(conn *sqlite.Conn) (owner, form int64, err error) {
	err = sqlitex.ExecuteTransient(conn, "select application_id, user_version from pragma_application_id, pragma_user_version",
		&sqlitex.ExecOptions{ResultFunc: func(row *sqlite.Stmt) error {
			owner, form = row.ColumnInt64(0), row.ColumnInt64(1)
			return nil
		}})
	return owner, form, err
}

// create makes the tables, unless there are some.
func create(conn *sqlite.Conn) (err error) {
	end, err := sqlitex.ImmediateTransaction(conn)
	if err != nil {
		return err
	}
	defer end(&err)
	tables := int64(0)
	count := &sqlitex.ExecOptions{ResultFunc: func(row *sqlite.Stmt) error {
		tables = row.ColumnInt64(0)
		return nil
	}}
	if err := sqlitex.ExecuteTransient(conn, "select count(*) from sqlite_schema", count); err != nil {
		return err
	}
	if tables > 0 {
		return checkOwner(conn) // another process was faster, or it never was ours
	}
	return sqlitex.ExecuteScript(conn, fmt.Sprintf("%s pragma application_id = %d; pragma user_version = %d;",
		schema, application, version), nil)
}

func checkOwner(conn *sqlite.Conn) error {
	owner, _, err := identify(conn)
	if err == nil && owner != application {
		err = ErrForeign
	}
	return err
}

// replace puts an empty database in the place of a damaged one. If another process
// did so meanwhile, it only opens the new one.
func replace(ctx context.Context, path string) (*sqlite.Conn, error) {
	lock, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX); err != nil {
		return nil, &fs.PathError{Op: "flock", Path: lock.Name(), Err: err}
	}
	if err := checkHeader(path); err != nil {
		return nil, err
	}
	conn, err := open(ctx, path)
	if err == nil {
		if err = interruptible(ctx, conn, examine); err == nil {
			return conn, nil
		}
		conn.Close()
	}
	if !isDamage(err) {
		return nil, err
	}
	// The journal first: it must not be taken for that of the new file.
	for _, suffix := range []string{"-journal", "-wal", "-shm", ""} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return open(ctx, path)
}

// checkHeader fails if the file is something else than a database, which is not to
// be deleted. One that begins with zeros may be what a power failure left.
func checkHeader(path string) error {
	const magic = "SQLite format 3\x00"
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	header := make([]byte, len(magic))
	n, err := io.ReadFull(file, header)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	if header := string(header[:n]); strings.Trim(header, "\x00") == "" || strings.HasPrefix(magic, header) {
		return nil
	}
	return fmt.Errorf("%w: %s is not a database", ErrForeign, path)
}

// examine reads all of the database.
func examine(conn *sqlite.Conn) error {
	err := sqlitex.ExecuteTransient(conn, "select id, key, digest, used, size, checksum, trace, result from entries limit 0", nil)
	if err != nil {
		return err
	}
	return sqlitex.ExecuteTransient(conn, "pragma integrity_check(1)", &sqlitex.ExecOptions{
		ResultFunc: func(row *sqlite.Stmt) error {
			if row.ColumnText(0) != "ok" {
				return errUseless
			}
			return nil
		},
	})
}

// isDamage says whether an error means that the database is to be replaced.
func isDamage(err error) bool {
	var file *fs.PathError
	if errors.Is(err, ErrForeign) || errors.Is(err, ErrNewer) || errors.As(err, &file) {
		return false
	}
	switch sqlite.ErrCode(err).ToPrimary() {
	case sqlite.ResultCorrupt, sqlite.ResultNotADB, sqlite.ResultError: // an error is such as a table that is not there
		return true
	}
	return false
}

// isMoved says whether an error means that the file was deleted.
func isMoved(err error) bool { return sqlite.ErrCode(err) == sqlite.ResultReadOnlyDBMoved }

// classify gives an error the kinds that the package's comment promises.
func classify(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	switch sqlite.ErrCode(err).ToPrimary() {
	case sqlite.ResultBusy, sqlite.ResultLocked:
		return fmt.Errorf("%w: %w", ErrBusy, err)
	case sqlite.ResultReadOnly, sqlite.ResultCantOpen, sqlite.ResultPerm, sqlite.ResultAuth:
		return fmt.Errorf("cache of evaluations: %w: %w", fs.ErrPermission, err)
	}
	return fmt.Errorf("cache of evaluations: %w", err)
}
