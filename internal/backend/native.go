package backend

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"luminousnix/internal/host"
	"luminousnix/nix/daemon"
	"luminousnix/nix/profile"
	"luminousnix/nix/store"
	"luminousnix/nix/storedb"
)

// daemonDeadline bounds the wait for a daemon that hangs.
const daemonDeadline = 2 * time.Second

// lockDeadline bounds the wait for a profile that somebody else is changing.
const lockDeadline = 30 * time.Second

// Native does Nix's work in this process. It remembers whether it could read
// Nix's database, so one is made for each operation. It is not safe for
// concurrent use.
type Native struct {
	host   *host.Host
	reason string
}

// NewNative returns the native backend of a host.
func NewNative(h *host.Host) *Native { return &Native{host: h} }

// Name returns "native".
func (n *Native) Name() string { return "native" }

// Reason says why the daemon was asked in place of the database.
func (n *Native) Reason() string { return n.reason }

// Profile reads the profile's links. No lock is taken and no process asked.
func (n *Native) Profile(_ context.Context, p profile.Profile) (profile.State, error) {
	return p.Read()
}

// Numbers reads the names of the profile's links.
func (n *Native) Numbers(_ context.Context, p profile.Profile) ([]int, int, error) {
	return p.Numbers()
}

// Generation reads one of the profile's links.
func (n *Native) Generation(_ context.Context, p profile.Profile, number int) (profile.Generation, error) {
	return p.Generation(number)
}

// Switch renames the profile's link under Nix's lock, which it waits for; the
// error matches [profile.ErrLocked] when that takes too long.
func (n *Native) Switch(ctx context.Context, p profile.Profile, number int) error {
	ctx, cancel := context.WithTimeout(ctx, lockDeadline)
	defer cancel()
	return p.Switch(ctx, number)
}

// Set makes the generation under Nix's lock, with a connection to the daemon that keeps
// the path until then.
func (n *Native) Set(ctx context.Context, p profile.Profile, path store.Path) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, lockDeadline)
	defer cancel()
	conn, err := n.host.Dial(ctx, daemon.Options{})
	if err != nil {
		return 0, unsupported(err)
	}
	defer conn.Close()
	generation, err := p.Create(ctx, conn, path, profile.CreateOptions{StateDir: profile.StateDir(n.host.StateDir)})
	return generation.Number, err
}

// Closures walks the references in Nix's database.
func (n *Native) Closures(ctx context.Context, paths ...store.Path) ([][]storedb.Object, error) {
	return withDB(ctx, n, func(db *storedb.DB) ([][]storedb.Object, error) { return db.Closures(ctx, paths...) })
}

// References reads the references of one path in Nix's database.
func (n *Native) References(ctx context.Context, path store.Path) ([]storedb.Object, error) {
	return withDB(ctx, n, func(db *storedb.DB) ([]storedb.Object, error) { return db.References(ctx, path) })
}

// Usage sums up Nix's database.
func (n *Native) Usage(ctx context.Context) (storedb.Usage, error) {
	return withDB(ctx, n, func(db *storedb.DB) (storedb.Usage, error) { return db.Usage(ctx) })
}

// Health greets the daemon.
func (n *Native) Health(ctx context.Context) Health {
	ctx, cancel := context.WithTimeout(ctx, daemonDeadline)
	defer cancel()
	conn, err := daemon.Dial(ctx, daemon.Options{Socket: n.host.DaemonSocket, StoreDir: n.host.StoreDir})
	if err != nil {
		return Health{Daemon: err.Error()}
	}
	defer conn.Close()
	return Health{NixVersion: conn.NixVersion, Daemon: "protocol " + conn.Version.String(), Reachable: true}
}

func withDB[T any](ctx context.Context, n *Native, read func(*storedb.DB) (T, error)) (T, error) {
	var none T
	db, err := Database(ctx, n.host)
	if err != nil {
		return none, unsupported(err)
	}
	result, err := read(db)
	if fallback := db.Fallback(); fallback != nil {
		n.reason = "the daemon is asked, as the database cannot be read: " + fallback.Error()
	}
	if err != nil {
		return none, errors.Join(unsupported(err), db.Close())
	}
	return result, db.Close()
}

// Database opens Nix's database of a host, natively. The daemon is asked for an
// ordinary user, who can read the database only while the daemon has it open, and in
// place of a database that cannot be read.
func Database(ctx context.Context, h *host.Host) (*storedb.DB, error) {
	return storedb.Open(ctx, storedb.Options{
		StoreDir: h.StoreDir, StateDir: h.StateDir,
		Dial: func(ctx context.Context) (storedb.Daemon, error) {
			ctx, cancel := context.WithTimeout(ctx, daemonDeadline)
			defer cancel()
			conn, err := h.Dial(ctx, daemon.Options{})
			if err != nil {
				return nil, err // no conn: a nil *daemon.Conn would be a Daemon
			}
			return conn, nil
		},
	})
}

// nobody is a store path that nobody has, to ask for.
func nobody(h *host.Host) store.Path {
	return store.Path(string(h.StoreDir) + "/00000000000000000000000000000000-nobody")
}

// unsupported marks the errors of a database that another program may be able
// to read, and of a daemon that it may be able to talk to.
func unsupported(err error) error {
	if errors.Is(err, storedb.ErrUnsupported) || errors.Is(err, fs.ErrPermission) || host.DaemonIsBroken(err) {
		return fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	return err
}
