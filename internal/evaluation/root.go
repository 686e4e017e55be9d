package evaluation

import (
	"context"
	"errors"
	"fmt"
	"os"

	"luminousnix/nix/daemon"
	"luminousnix/nix/store"
)

// linkName is the link to the n-th derivation, from 1: x, x-2, x-3 and so on.
func linkName(first string, n int) string {
	if n == 1 {
		return first
	}
	return fmt.Sprintf("%s-%d", first, n)
}

// addRoot makes a link to the path and a root of the link. Something else that
// is there is not replaced.
func addRoot(ctx context.Context, conn *daemon.Conn, link string, p store.Path) error {
	if info, err := os.Lstat(link); err == nil {
		if info.Mode()&os.ModeSymlink == 0 {
			return fmt.Errorf("cannot create symlink '%s'; already exists", link)
		}
		if err := os.Remove(link); err != nil {
			return err
		}
	} else if !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.Symlink(string(p), link); err != nil {
		return err
	}
	return conn.AddIndirectRoot(ctx, link)
}
