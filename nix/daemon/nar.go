package daemon

import (
	"bufio"
	"context"
	"errors"
	"io"

	"luminousnix/nix/daemon/internal/wire"
	"luminousnix/nix/nar"
	"luminousnix/nix/store"
)

// NarFromPath writes the archive of a valid path to w, as it comes; the error is
// a [*store.NotValidError] when it is not valid. An archive has no length before
// it: it is parsed to find its end. When w fails the connection is closed.
func (c *Conn) NarFromPath(ctx context.Context, p store.Path, w io.Writer) error {
	// Daemons before protocol 1.38 look only after they have promised the
	// archive, so that an error comes in the midst of it.
	if valid, err := c.IsValidPath(ctx, p); err != nil {
		return err
	} else if !valid {
		return &store.NotValidError{Path: p}
	}
	return c.call(ctx, wire.NarFromPath, onePath(p), func(r *wire.Reader) {
		buffered := bufio.NewWriterSize(w, 64<<10)
		err := skipArchive(nar.NewReader(io.TeeReader(r, buffered)))
		r.Fail(errors.Join(err, buffered.Flush()))
	})
}

// skipArchive reads an archive to its end.
func skipArchive(archive *nar.Reader) error {
	for {
		if _, err := archive.Next(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}
