// Package storecmd is the command store: the libraries below nix/ by themselves,
// each with the question that it answers. The benchmarks time it against the nix
// programs that answer the same, and the demo shows it beside them.
package storecmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"luminousnix/internal/host"
	"luminousnix/nix/daemon"
	"luminousnix/nix/store"
	"luminousnix/nix/storedb"
)

const usage = `usage: store hash FILE…           the hash and size of each file's or folder's archive
       store requisites PATH      the closure of a store path
       store sizes PATH           the closure, each path with its own closure's size
       store dead                 what a collection of garbage would delete
       store dry-run DERIVATION   what a build would build and download
       store set PROFILE PATH     make a store path a generation of a profile
       store add NAME FILE        add a file to the store
       store cat PATH             write the archive of a store path
       store packages [--workers N] [--json] [--allow-all] TREE
                                  the packages of a tree of nixpkgs: attribute,
                                  name and derivation
`

// command is one invocation.
type command struct {
	host *host.Host
	out  *bufio.Writer
	err  io.Writer
	args []string
}

// errUsage means that the words are not those of the usage.
var errUsage = errors.New("usage")

// Main runs the command and returns its exit status: 0, 1 when something failed,
// 2 for wrong usage.
func Main(args []string, stdout, stderr io.Writer) int {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	c := &command{host: host.Find(os.Getenv, ""), out: bufio.NewWriterSize(stdout, 64<<10), err: stderr}
	err := errUsage
	if len(args) > 0 {
		c.args = args[1:]
		err = c.run(ctx, args[0])
	}
	err = errors.Join(err, c.out.Flush())
	switch {
	case errors.Is(err, errUsage):
		fmt.Fprint(stderr, usage)
		return 2
	case err != nil:
		fmt.Fprintln(stderr, err)
		return 1
	}
	return 0
}

func (c *command) run(ctx context.Context, name string) error {
	switch {
	case name == "hash":
		return c.hash()
	case name == "requisites" && len(c.args) == 1:
		return c.requisites(ctx)
	case name == "sizes" && len(c.args) == 1:
		return c.sizes(ctx)
	case name == "dead" && len(c.args) == 0:
		return c.dead(ctx)
	case name == "dry-run" && len(c.args) == 1:
		return c.dryRun(ctx)
	case name == "set" && len(c.args) == 2:
		return c.set(ctx)
	case name == "add" && len(c.args) == 2:
		return c.add(ctx)
	case name == "cat" && len(c.args) == 1:
		return c.cat(ctx)
	case name == "packages":
		return c.packages(ctx)
	}
	return errUsage
}

// path is a word that has to be a store path.
func (c *command) path(word string) (store.Path, error) { return c.host.StoreDir.Parse(word) }

func (c *command) dial(ctx context.Context) (*daemon.Conn, error) {
	return daemon.Dial(ctx, daemon.Options{Socket: c.host.DaemonSocket, StoreDir: c.host.StoreDir})
}

// withDaemon runs do with a connection to the daemon.
func (c *command) withDaemon(ctx context.Context, do func(*daemon.Conn) error) error {
	conn, err := c.dial(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return do(conn)
}

// open opens the store's database, or the daemon in its place.
func (c *command) open(ctx context.Context) (*storedb.DB, error) {
	return storedb.Open(ctx, storedb.Options{
		StoreDir: c.host.StoreDir, StateDir: c.host.StateDir,
		Dial: func(ctx context.Context) (storedb.Daemon, error) { return c.dial(ctx) },
	})
}
