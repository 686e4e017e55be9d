// Package resultcache keeps results of evaluations in an SQLite database, each
// with the trace of what it depends on.
//
//	cache, err := resultcache.Open(ctx, path, resultcache.Options{})
//	result, miss, err := cache.Find(ctx, key, eval.Host{}, valid)
//	if miss != nil {
//		… evaluate with a trace.Recorder …
//		err = cache.Put(ctx, key, recorder.Trace(), result)
//	}
//
// A key is everything that a result depends on and that is not in its trace: the
// expression, its arguments, the search path, the system, features, and the version
// of the evaluator. It is best a digest. Under one key there can be several
// results, for example of several branches of one configuration.
//
// # It is only a cache
//
// The file may be deleted at any time. A damaged one, or one of an older form, is
// replaced by an empty one. Whatever is wrong, an error of this package means no
// more than that there is no cache now: [ErrBusy], [ErrForeign] and [ErrNewer] say
// why, other errors are those of the file system. Several processes, and several
// goroutines, can use one file. It is readable by its owner only, and not used
// where others could write to it.
//
// Nothing is synced to the disk: what a power failure damages is noticed by
// SQLite, or by the checksum of each entry.
package resultcache

import (
	"context"
	"errors"
	"sync"
	"time"

	"zombiezen.com/go/sqlite"
)

// ErrBusy means that another process kept the database locked.
var ErrBusy = errors.New("the cache of evaluations is busy")

// ErrForeign means that the file is not a cache of evaluations, or that others can
// write to it. It is left alone.
var ErrForeign = errors.New("not a cache of evaluations of this user")

// ErrNewer means that the file was made by a newer version of this package. It is
// left alone.
var ErrNewer = errors.New("the cache of evaluations has a newer form")

// ErrTooLarge means that a result and its trace would fill more than half of the
// cache.
var ErrTooLarge = errors.New("too large for the cache of evaluations")

// Options are how much is kept. The zero value is ready.
type Options struct {
	// MaxBytes bounds the keys, traces and results together, and so, but for a few
	// percent, the file. 64 MiB if 0.
	MaxBytes int64
}

const (
	defaultMaxBytes = 64 << 20
	alternatives    = 4 // results under one key
	busyTimeout     = 250 * time.Millisecond
	touchInterval   = time.Hour // how exactly it is known when an entry was used
)

// Cache is an open database. It is safe for concurrent use.
type Cache struct {
	path     string
	maxBytes int64

	mu   sync.Mutex
	conn *sqlite.Conn // nil after Close, or if the database could not be opened again
}

// Open opens the database, which is made if there is none.
func Open(ctx context.Context, path string, options Options) (*Cache, error) {
	if options.MaxBytes <= 0 {
		options.MaxBytes = defaultMaxBytes
	}
	c := &Cache{path: path, maxBytes: options.MaxBytes}
	conn, err := open(ctx, path)
	if isDamage(err) {
		conn, err = replace(ctx, path)
	}
	if err != nil {
		return nil, classify(ctx, err)
	}
	c.conn = conn
	return c, nil
}

// Close closes the database.
func (c *Cache) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.conn == nil {
		return nil
	}
	err := c.conn.Close()
	c.conn = nil
	return err
}

// errClosed is the error after Close.
var errClosed = errors.New("the cache of evaluations is closed")

// do calls f, and again with an empty database if this one is damaged or was
// deleted.
func (c *Cache) do(ctx context.Context, f func(*sqlite.Conn) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.conn == nil {
		return errClosed
	}
	err := interruptible(ctx, c.conn, f)
	again := replace
	switch {
	case isDamage(err):
	case isMoved(err):
		again = open
	default:
		return classify(ctx, err)
	}
	c.conn.Close() // what it says now is no news
	if c.conn, err = again(ctx, c.path); err != nil {
		return classify(ctx, err)
	}
	return classify(ctx, interruptible(ctx, c.conn, f))
}

// interruptible lets f end when ctx does.
func interruptible(ctx context.Context, conn *sqlite.Conn, f func(*sqlite.Conn) error) error {
	conn.SetInterrupt(ctx.Done())
	defer conn.SetInterrupt(nil)
	return f(conn)
}
