package daemon

import (
	"context"

	"luminousnix/nix/daemon/internal/wire"
	"luminousnix/nix/store"
)

// window is how many requests are on their way at once. All of them have to fit
// into the buffer of a socket: the daemon does not read the next while it cannot
// send an answer, and we do not read answers while we send.
const window = 256

// PathInfos returns what is known of each path, nil for those that are not
// valid. The requests are sent ahead of the answers, so that thousands of paths
// take little longer than the daemon's own work.
func (c *Conn) PathInfos(ctx context.Context, paths []store.Path) ([]*store.PathInfo, error) {
	infos := make([]*store.PathInfo, 0, len(paths))
	sent := 0
	send := func(upTo int) error {
		for ; sent < min(upTo, len(paths)); sent++ {
			c.request(wire.QueryPathInfo, onePath(paths[sent]))
		}
		return c.w.Flush()
	}
	err := c.exchange(ctx, func() error {
		for len(infos) < len(paths) {
			if len(infos)%window == 0 {
				if err := send(len(infos) + 2*window); err != nil {
					return c.lastWords(err)
				}
			}
			p := paths[len(infos)]
			if err := c.reply(func(r *wire.Reader) { infos = append(infos, c.readPathInfo(r, p)) }); err != nil {
				return c.abandon(err, sent-len(infos)-1)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return infos, nil
}

// abandon reads the answers of requests that were sent after the one that
// failed, so that the next request gets its own.
func (c *Conn) abandon(err error, outstanding int) error {
	for range outstanding {
		if c.reply(func(r *wire.Reader) { c.readPathInfo(r, "") }) != nil {
			break
		}
	}
	return err
}

// Closure returns the paths and all they refer to, directly or not, each once
// and in no particular order. The error is a [*store.NotValidError] when one of
// them is not valid.
func (c *Conn) Closure(ctx context.Context, paths ...store.Path) ([]*store.PathInfo, error) {
	var closure []*store.PathInfo
	seen := map[store.Path]bool{}
	wave := unseen(nil, paths, seen)
	for len(wave) > 0 {
		infos, err := c.PathInfos(ctx, wave)
		if err != nil {
			return nil, err
		}
		var next []store.Path
		for i, info := range infos {
			if info == nil {
				return nil, &store.NotValidError{Path: wave[i]}
			}
			next = unseen(next, info.References, seen)
		}
		closure = append(closure, infos...)
		wave = next
	}
	return closure, nil
}

// unseen appends those of the paths that are met for the first time.
func unseen(list, paths []store.Path, seen map[store.Path]bool) []store.Path {
	for _, p := range paths {
		if !seen[p] {
			seen[p] = true
			list = append(list, p)
		}
	}
	return list
}
