package storecmd

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"luminousnix/nix/daemon"
	"luminousnix/nix/nar"
	"luminousnix/nix/store"
	"luminousnix/nix/storedb"
)

func (c *command) hash() error {
	for _, path := range c.args {
		hash, size, err := nar.Hash(path)
		if err != nil {
			return err
		}
		fmt.Fprintln(c.out, hash, size, path)
	}
	return nil
}

func (c *command) requisites(ctx context.Context) error {
	path, err := c.path(c.args[0])
	if err != nil {
		return err
	}
	return c.withStore(ctx, func(db *storedb.DB) error {
		closure, err := db.Closure(ctx, path)
		if err != nil {
			return err
		}
		for _, object := range closure {
			c.out.WriteString(string(object.Path))
			c.out.WriteByte('\n')
		}
		return nil
	})
}

func (c *command) sizes(ctx context.Context) error {
	path, err := c.path(c.args[0])
	if err != nil {
		return err
	}
	return c.withStore(ctx, func(db *storedb.DB) error {
		graph, err := db.Graph(ctx)
		if err != nil {
			return err
		}
		sizes, err := graph.ClosureSizes(path)
		if err != nil {
			return err
		}
		for _, member := range sizes {
			fmt.Fprintf(c.out, "%s\t%d\n", member.Path, member.ClosureSize)
		}
		return nil
	})
}

// dead lists dead paths, and what else lies in the store's folder.
func (c *command) dead(ctx context.Context) error {
	return c.withStore(ctx, func(db *storedb.DB) error {
		roots, err := db.Roots(ctx)
		if err != nil {
			return err
		}
		graph, err := db.Graph(ctx)
		if err != nil {
			return err
		}
		invalid, err := graph.Invalid(ctx, roots)
		if err != nil {
			return err
		}
		paths := make([]store.Path, len(roots))
		for i, root := range roots {
			paths[i] = root.Path
		}
		for _, object := range graph.Dead(paths, storedb.Liveness{}) {
			c.out.WriteString(string(object.Path))
			c.out.WriteByte('\n')
		}
		for _, name := range invalid {
			fmt.Fprintf(c.out, "%s/%s\n", c.host.StoreDir, name)
		}
		return nil
	})
}

func (c *command) dryRun(ctx context.Context) error {
	drv, err := c.path(c.args[0])
	if err != nil {
		return err
	}
	return c.withDaemon(ctx, func(conn *daemon.Conn) error {
		missing, err := conn.Missing(ctx, []daemon.DerivedPath{daemon.Outputs(drv)})
		if err != nil {
			return err
		}
		c.list("build", missing.WillBuild)
		c.list("download", missing.WillSubstitute)
		c.list("unknown", missing.Unknown)
		return nil
	})
}

// list prints what is to be done with each path, by path.
func (c *command) list(what string, paths []store.Path) {
	slices.Sort(paths)
	for _, path := range paths {
		fmt.Fprintln(c.out, what, path)
	}
}

// withStore runs read with the store's database.
func (c *command) withStore(ctx context.Context, read func(*storedb.DB) error) error {
	db, err := c.open(ctx)
	if err != nil {
		return err
	}
	return errors.Join(read(db), db.Close())
}
