// Package storedb is a read-only view of a Nix store: which paths are valid,
// what Nix keeps about each, how they refer to each other, what keeps them from
// being collected and what a collection would free.
//
// [Open] opens Nix's own database, and [DB] answers from it:
//
//   - [DB.PathInfo], [DB.AllPaths], [DB.Usage]: what is there
//   - [DB.References], [DB.Referrers], [DB.Closure]: one path and its neighbours
//   - [DB.ValidDerivers], [DB.DerivationOutputs]: derivations and what they make
//   - [DB.Roots]: what keeps paths alive
//   - [DB.Graph]: all of the store in memory, for questions about many paths:
//     closure sizes, what only some roots keep, what is alive and what is dead, and
//     why a path is
//
// # How the database is read
//
// The database is $NIX_STATE_DIR/db/db.sqlite, in SQLite's WAL mode. It is opened
// for reading only and with a bounded wait, never with immutable=1, which ignores
// the write-ahead log and so misses paths. An ordinary user can open it only
// while some other process has it open: if [Options.Dial] is set, the daemon is
// asked something first, so that it has.
//
// When the database cannot be read — it is missing, damaged, locked, of an
// unknown schema, or not for this user — everything is answered through the
// daemon instead, more slowly and all the same. [DB.Fallback] tells why. Without
// Dial the reason is an error.
//
// # Errors
//
// Asking for a path that the store does not have is a [*store.NotValidError],
// where this has no sensible answer. Errors about the database match
// fs.ErrNotExist when there is none, fs.ErrPermission when this user may not read
// it, [ErrBusy] when it was locked for too long, and [ErrUnsupported] when it is
// of an unknown form or damaged. When ctx ends, its error is returned. Errors of
// the daemon come as they are.
package storedb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"zombiezen.com/go/sqlite"

	"luminousnix/nix/store"
)

// ErrUnsupported means that the database is there but of a form that is not
// known here, or damaged.
var ErrUnsupported = errors.New("unknown form of the Nix database")

// ErrBusy means that another process kept the database locked.
var ErrBusy = errors.New("the Nix database is busy")

// wakeTimeout bounds the wait for a daemon that is only asked so that it opens
// the database.
const wakeTimeout = 5 * time.Second

// Options says where the database is.
type Options struct {
	// StoreDir is the store's directory, [store.DefaultDir] if empty.
	StoreDir store.Dir
	// StateDir is Nix's state directory, usually /nix/var/nix.
	StateDir string
	// Dial, if set, connects to the daemon. It is called only when the database
	// cannot be opened without its help, or for a question that only the daemon
	// can answer, and at most once while that connection is needed.
	Dial func(context.Context) (Daemon, error)
}

// Daemon is what is asked of the Nix daemon. *daemon.Conn of package
// luminousnix/nix/daemon is one.
type Daemon interface {
	IsValidPath(context.Context, store.Path) (bool, error)
	AllValidPaths(context.Context) ([]store.Path, error)
	// PathInfos returns one info for each path, nil when it is not valid.
	PathInfos(context.Context, []store.Path) ([]*store.PathInfo, error)
	Referrers(context.Context, store.Path) ([]store.Path, error)
	ValidDerivers(context.Context, store.Path) ([]store.Path, error)
	// DerivationOutputs returns the outputs of a valid derivation by name, ""
	// for one whose path is not known.
	DerivationOutputs(context.Context, store.Path) (map[string]store.Path, error)
	FindRoots(context.Context) ([]store.Root, error)
	Close() error
}

// DB is an open database, or the daemon in its place. It is not safe for
// concurrent use; a [Graph] made from it is.
type DB struct {
	options Options
	conn    *sqlite.Conn // nil when the daemon answers in its place
	daemon  Daemon       // nil until it is needed
	reason  error        // why conn is nil
}

// Open opens the database, or a connection to the daemon if that fails. See the
// package's comment for its errors.
func Open(ctx context.Context, options Options) (*DB, error) {
	if options.StoreDir == "" {
		options.StoreDir = store.DefaultDir
	}
	db := &DB{options: options}
	err := db.connect(ctx)
	if cannotShare(err) && options.Dial != nil {
		if wakeErr := db.wake(ctx); wakeErr != nil {
			return nil, errors.Join(classify(err), wakeErr)
		}
		err = db.connect(ctx)
	}
	if err != nil {
		err = db.fallBack(ctx, classify(err))
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// Close closes the database and the connection to the daemon, if there is one.
func (db *DB) Close() error {
	var errs []error
	if db.conn != nil {
		errs = append(errs, db.conn.Close())
	}
	if db.daemon != nil {
		errs = append(errs, db.daemon.Close())
	}
	return errors.Join(errs...)
}

// Fallback returns why the daemon is asked in place of the database, and nil as
// long as the database itself is read. It can change with any question: damage
// may be met in the middle.
func (db *DB) Fallback() error { return db.reason }

// fallBack lets the daemon answer from now on. Its error is the reason when
// there is no daemon to ask.
func (db *DB) fallBack(ctx context.Context, reason error) error {
	if db.options.Dial == nil || ctx.Err() != nil {
		return reason
	}
	if err := db.dial(ctx); err != nil {
		return fmt.Errorf("%w; %w", reason, err)
	}
	if db.conn != nil {
		db.conn.Close() // it failed already; what it says now is no news
		db.conn = nil
	}
	db.reason = reason
	return nil
}

// wake makes the daemon open the database, by asking about some path, and keeps
// the connection, so that it stays open.
func (db *DB) wake(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, wakeTimeout)
	defer cancel()
	if err := db.dial(ctx); err != nil {
		return err
	}
	nobody := store.Path(string(db.options.StoreDir) + "/00000000000000000000000000000000-nobody")
	if _, err := db.daemon.IsValidPath(ctx, nobody); err != nil {
		err = fmt.Errorf("asking the Nix daemon: %w", err)
		return errors.Join(err, db.hangUp())
	}
	return nil
}

func (db *DB) dial(ctx context.Context) error {
	if db.daemon != nil {
		return nil
	}
	daemon, err := db.options.Dial(ctx)
	if err != nil {
		return err
	}
	db.daemon = daemon
	return nil
}

func (db *DB) hangUp() error {
	err := db.daemon.Close()
	db.daemon = nil
	return err
}

// ask lets the database answer, and the daemon when that fails.
func ask[T any](ctx context.Context, db *DB, read func(*sqlite.Conn) (T, error), otherwise func(Daemon) (T, error)) (T, error) {
	if db.conn != nil {
		result, err := snapshot(ctx, db.conn, read)
		if err == nil {
			return result, nil
		}
		if err := db.fallBack(ctx, err); err != nil {
			var none T
			return none, err
		}
	}
	return otherwise(db.daemon)
}
