package instantiate

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"luminousnix/nix/daemon"
	"luminousnix/nix/eval"
	"luminousnix/nix/store"
)

// instantiate writes the derivations of an operand into the store and prints
// their paths; with --dry-run it only prints them.
func (c *command) instantiate(ctx context.Context, operand string) error {
	return c.withStore(ctx, c.dryRun, func(st eval.Store, conn *daemon.Conn) error {
		return c.derivations(ctx, st, conn, operand)
	})
}

// derivations prints the path of each derivation that the operand gives.
func (c *command) derivations(ctx context.Context, st eval.Store, conn *daemon.Conn, operand string) error {
	ev, err := c.evaluator(st)
	if err != nil {
		return err
	}
	set, err := c.argumentSet(ev)
	if err != nil {
		return err
	}
	return c.values(ctx, ev, operand, func(v eval.Value) error {
		all, err := ev.Derivations(ctx, v, set)
		if err != nil {
			return err
		}
		for _, found := range all {
			if err := c.printDerivation(ctx, conn, found); err != nil {
				return err
			}
		}
		return nil
	})
}

// printDerivation prints where a derivation is, and makes it a root first if that
// is asked for.
func (c *command) printDerivation(ctx context.Context, conn *daemon.Conn, found eval.Found) error {
	printed := string(found.DrvPath)
	if len(c.roots) > 0 && conn != nil {
		link, err := filepath.Abs(c.rootFor())
		if err != nil {
			return err
		}
		if err := addRoot(ctx, conn, link, found.DrvPath); err != nil {
			return err
		}
		printed = link
	}
	if found.Output != "out" {
		printed += "!" + found.Output
	}
	fmt.Fprintln(c.out, printed)
	return nil
}

// rootFor is the link for the next derivation: with --add-root x these are x, x-2,
// x-3 and so on.
func (c *command) rootFor() string {
	c.rooted++
	name := c.roots[0]
	if c.rooted > 1 {
		name = fmt.Sprintf("%s-%d", name, c.rooted)
	}
	return name
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
