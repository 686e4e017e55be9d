package daemon

import (
	"context"

	"luminousnix/nix/daemon/internal/wire"
	"luminousnix/nix/store"
)

// IsValidPath asks whether a store path is valid.
func (c *Conn) IsValidPath(ctx context.Context, p store.Path) (valid bool, err error) {
	err = c.call(ctx, wire.IsValidPath, onePath(p), func(r *wire.Reader) { valid = r.Bool() })
	return valid, err
}

// ValidPaths returns those of the paths that are valid, in no particular order.
// With substitute those that can be downloaded are, and count as valid.
func (c *Conn) ValidPaths(ctx context.Context, paths []store.Path, substitute bool) (valid []store.Path, err error) {
	err = c.call(ctx, wire.QueryValidPaths, func(w *wire.Writer) {
		w.Paths(paths)
		w.Bool(substitute)
	}, c.readPaths(&valid))
	return valid, err
}

// AllValidPaths returns all valid paths, in no particular order.
func (c *Conn) AllValidPaths(ctx context.Context) (valid []store.Path, err error) {
	err = c.call(ctx, wire.QueryAllValidPaths, nil, c.readPaths(&valid))
	return valid, err
}

// PathInfo returns what is known of a valid path; the error is a
// [*store.NotValidError] when it is not valid.
func (c *Conn) PathInfo(ctx context.Context, p store.Path) (info *store.PathInfo, err error) {
	err = c.call(ctx, wire.QueryPathInfo, onePath(p), func(r *wire.Reader) { info = c.readPathInfo(r, p) })
	if err == nil && info == nil {
		err = &store.NotValidError{Path: p}
	}
	return info, err
}

// Referrers returns the valid paths that refer to p, in no particular order; p
// itself is one if it refers to itself.
func (c *Conn) Referrers(ctx context.Context, p store.Path) (referrers []store.Path, err error) {
	err = c.call(ctx, wire.QueryReferrers, onePath(p), c.readPaths(&referrers))
	return referrers, err
}

// ValidDerivers returns the valid derivations that have p as an output.
func (c *Conn) ValidDerivers(ctx context.Context, p store.Path) (derivers []store.Path, err error) {
	err = c.call(ctx, wire.QueryValidDerivers, onePath(p), c.readPaths(&derivers))
	return derivers, err
}

// DerivationOutputs returns the paths of a valid derivation's outputs, by name.
// They need not be valid; one is "" if only a build can tell it.
func (c *Conn) DerivationOutputs(ctx context.Context, drv store.Path) (outputs map[string]store.Path, err error) {
	err = c.call(ctx, wire.QueryDerivationOutputMap, onePath(drv), func(r *wire.Reader) {
		outputs = map[string]store.Path{}
		for range r.Items() {
			name := r.Text()
			outputs[name] = r.OptionalPath(c.dir)
		}
	})
	return outputs, err
}

// PathFromHashPart returns the valid path that begins with the 32 characters, or
// "" if there is none.
func (c *Conn) PathFromHashPart(ctx context.Context, hashPart string) (p store.Path, err error) {
	err = c.call(ctx, wire.QueryPathFromHashPart,
		func(w *wire.Writer) { w.Text(hashPart) },
		func(r *wire.Reader) { p = r.OptionalPath(c.dir) })
	return p, err
}

func onePath(p store.Path) func(*wire.Writer) {
	return func(w *wire.Writer) { w.Text(string(p)) }
}

func (c *Conn) readPaths(paths *[]store.Path) func(*wire.Reader) {
	return func(r *wire.Reader) { *paths = r.Paths(c.dir) }
}

// readPathInfo reads whether a path is valid and what is known of it.
func (c *Conn) readPathInfo(r *wire.Reader, p store.Path) *store.PathInfo {
	if !r.Bool() {
		return nil
	}
	return r.PathInfo(c.dir, p)
}

// readAck reads the word by which the daemon tells that it is done.
func readAck(r *wire.Reader) {
	if n := r.Uint(); r.Err() == nil && n != 1 {
		r.Refuse("%d in place of 1 for done", n)
	}
}
