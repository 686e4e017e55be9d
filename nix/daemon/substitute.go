package daemon

import (
	"context"
	"maps"
	"slices"

	"luminousnix/nix/daemon/internal/wire"
	"luminousnix/nix/store"
)

// SubstitutableInfo is what a substituter knows of a path.
type SubstitutableInfo struct {
	Path         store.Path
	Deriver      store.Path // "" when unknown
	References   []store.Path
	DownloadSize int64 // bytes, 0 when unknown
	NarSize      int64 // bytes, 0 when unknown
}

// SubstitutablePaths returns those of the paths that a substituter has.
func (c *Conn) SubstitutablePaths(ctx context.Context, paths []store.Path) (found []store.Path, err error) {
	err = c.call(ctx, wire.QuerySubstitutablePaths, func(w *wire.Writer) { w.Paths(paths) }, c.readPaths(&found))
	return found, err
}

// SubstitutablePathInfos returns what substituters know of the paths, which may
// have a content address by which another store's directory does not matter.
// Paths that nobody has are left out.
func (c *Conn) SubstitutablePathInfos(ctx context.Context, paths map[store.Path]store.ContentAddress) (infos []SubstitutableInfo, err error) {
	err = c.call(ctx, wire.QuerySubstitutablePathInfos, func(w *wire.Writer) {
		w.Uint(uint64(len(paths)))
		for _, p := range slices.Sorted(maps.Keys(paths)) {
			w.Text(string(p))
			w.Text(paths[p].String())
		}
	}, func(r *wire.Reader) {
		for range r.Items() {
			infos = append(infos, c.readSubstitutable(r, r.Path(c.dir)))
		}
	})
	return infos, err
}

// SubstitutablePathInfo is SubstitutablePathInfos for one path; ok is false when
// nobody has it.
func (c *Conn) SubstitutablePathInfo(ctx context.Context, p store.Path) (info SubstitutableInfo, ok bool, err error) {
	err = c.call(ctx, wire.QuerySubstitutablePathInfo, onePath(p), func(r *wire.Reader) {
		if ok = r.Bool(); ok {
			info = c.readSubstitutable(r, p)
		}
	})
	return info, ok, err
}

func (c *Conn) readSubstitutable(r *wire.Reader, p store.Path) SubstitutableInfo {
	return SubstitutableInfo{
		Path: p, Deriver: r.OptionalPath(c.dir), References: r.Paths(c.dir),
		DownloadSize: r.Int(), NarSize: r.Int(),
	}
}

// Missing is what has to be done before paths are there.
type Missing struct {
	WillBuild      []store.Path // derivations
	WillSubstitute []store.Path
	Unknown        []store.Path // that nobody has and nothing builds
	DownloadSize   int64        // bytes
	NarSize        int64        // bytes, unpacked
}

// Missing asks what a build of the paths would do; it does none of it.
func (c *Conn) Missing(ctx context.Context, paths []DerivedPath) (missing Missing, err error) {
	err = c.call(ctx, wire.QueryMissing, sendDerived(paths), func(r *wire.Reader) {
		missing = Missing{
			WillBuild: r.Paths(c.dir), WillSubstitute: r.Paths(c.dir), Unknown: r.Paths(c.dir),
			DownloadSize: r.Int(), NarSize: r.Int(),
		}
	})
	return missing, err
}
