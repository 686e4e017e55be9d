package storecmd

import (
	"context"
	"fmt"
	"os"

	"luminousnix/nix/daemon"
	"luminousnix/nix/profile"
	"luminousnix/nix/store"
)

func (c *command) set(ctx context.Context) error {
	path, err := c.path(c.args[1])
	if err != nil {
		return err
	}
	return c.withDaemon(ctx, func(conn *daemon.Conn) error {
		options := profile.CreateOptions{StateDir: profile.StateDir(c.host.StateDir)}
		generation, err := profile.Profile(c.args[0]).Create(ctx, conn, path, options)
		if err != nil {
			return err
		}
		fmt.Fprintln(c.out, "generation", generation.Number)
		return nil
	})
}

// add adds a file as it is, in one stream.
func (c *command) add(ctx context.Context) error {
	file, err := os.Open(c.args[1])
	if err != nil {
		return err
	}
	defer file.Close()
	return c.withDaemon(ctx, func(conn *daemon.Conn) error {
		info, err := conn.AddToStore(ctx, c.args[0], store.Flat, store.SHA256, nil, file)
		if err != nil {
			return err
		}
		fmt.Fprintln(c.out, info.Path)
		return nil
	})
}

func (c *command) cat(ctx context.Context) error {
	path, err := c.path(c.args[0])
	if err != nil {
		return err
	}
	return c.withDaemon(ctx, func(conn *daemon.Conn) error { return conn.NarFromPath(ctx, path, c.out) })
}
