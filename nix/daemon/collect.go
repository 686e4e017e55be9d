package daemon

import (
	"context"
	"math"

	"luminousnix/nix/daemon/internal/wire"
	"luminousnix/nix/store"
)

// AddTempRoot keeps a path, which need not be valid yet, from being collected
// for as long as the connection is open.
func (c *Conn) AddTempRoot(ctx context.Context, p store.Path) error {
	return c.call(ctx, wire.AddTempRoot, onePath(p), readAck)
}

// AddIndirectRoot makes a root of a symbolic link to a store path: an absolute
// path outside of the store. It is one for as long as the link is there.
func (c *Conn) AddIndirectRoot(ctx context.Context, link string) error {
	return c.call(ctx, wire.AddIndirectRoot, func(w *wire.Writer) { w.Text(link) }, readAck)
}

// AddPermRoot makes the symbolic link to p and registers it as a root, for
// trusted users and since protocol 1.36; the error is an [*UnsupportedError]
// before.
func (c *Conn) AddPermRoot(ctx context.Context, p store.Path, link string) error {
	if c.Version.Minor < wire.SincePermRoot {
		return &UnsupportedError{Version: c.Version, Needs: Version{1, wire.SincePermRoot}, What: "adding a permanent root"}
	}
	return c.call(ctx, wire.AddPermRoot, func(w *wire.Writer) {
		w.Text(string(p))
		w.Text(link)
	}, func(r *wire.Reader) { r.Text() })
}

// FindRoots returns what keeps paths from being collected. Users that are not
// trusted see some as {censored}.
func (c *Conn) FindRoots(ctx context.Context) (roots []store.Root, err error) {
	err = c.call(ctx, wire.FindRoots, nil, func(r *wire.Reader) {
		for range r.Items() {
			roots = append(roots, store.Root{Link: r.Text(), Path: r.Path(c.dir)})
		}
	})
	return roots, err
}

// GCAction is what the garbage collector does.
type GCAction int

// The actions.
const (
	ReturnLive     GCAction = iota // list what is reachable from a root
	ReturnDead                     // list what is not
	DeleteDead                     // delete what is not
	DeleteSpecific                 // delete the given paths; an error if a root needs one
)

// GCOptions says what to collect.
type GCOptions struct {
	Action GCAction
	Paths  []store.Path // for [DeleteSpecific]
	// MaxFreed stops the collection after about that many bytes; 0 is no limit.
	MaxFreed uint64
}

// GCResult is what the collector found or did.
type GCResult struct {
	// Paths are those that were asked for or deleted, absolute. Some may be
	// remains that are not store paths.
	Paths      []string
	BytesFreed uint64
}

// CollectGarbage runs the garbage collector.
func (c *Conn) CollectGarbage(ctx context.Context, options GCOptions) (result GCResult, err error) {
	limit := options.MaxFreed
	if limit == 0 {
		limit = math.MaxUint64 // the daemon takes 0 as it is, and frees nothing
	}
	err = c.call(ctx, wire.CollectGarbage, func(w *wire.Writer) {
		w.Uint(uint64(options.Action))
		w.Paths(options.Paths)
		w.Bool(false) // ignore liveness: always refused
		w.Uint(limit)
		w.Uint(0)
		w.Uint(0)
		w.Uint(0)
	}, func(r *wire.Reader) {
		result = GCResult{Paths: r.Texts(), BytesFreed: r.Uint()}
		r.Uint()
	})
	return result, err
}

// OptimiseStore replaces equal files in the store by hard links.
func (c *Conn) OptimiseStore(ctx context.Context) error {
	return c.call(ctx, wire.OptimiseStore, nil, readAck)
}

// VerifyStore checks that what the database says is there, and with contents
// that it is what it was; repair, for trusted users, mends what it can. It
// reports whether errors remain; what they are comes as [Line]s.
func (c *Conn) VerifyStore(ctx context.Context, contents, repair bool) (errorsRemain bool, err error) {
	err = c.call(ctx, wire.VerifyStore, func(w *wire.Writer) {
		w.Bool(contents)
		w.Bool(repair)
	}, func(r *wire.Reader) { errorsRemain = r.Bool() })
	return errorsRemain, err
}
