// Package daemon is a client of the Nix daemon: it speaks the worker protocol
// over the daemon's Unix socket, versions 1.32 to 1.38 (Nix 2.4 and later).
//
// [Dial] makes a connection, whose methods are the operations of the protocol:
//
//	conn, err := daemon.Dial(ctx, daemon.Options{Socket: "/nix/var/nix/daemon-socket/socket"})
//	if err != nil {
//		return err
//	}
//	defer conn.Close()
//	info, err := conn.PathInfo(ctx, path)
//
// A connection does one request at a time; a [Pool] has as many connections as
// are needed and makes new ones in place of those that broke. What the daemon
// tells while it works goes to [Options.Observer] as [Event]s, and is read and
// let go when there is none.
//
// When ctx ends before the answer is there, the connection is closed, and the
// daemon ends what it did for it, builds included. There is no other way to
// cancel, so give every request that must not hang a ctx with a deadline.
//
// # Errors
//
// What the daemon refuses or fails at is an [*Error], of some [Kind]. After one
// the connection can be used on, unless the daemon has hung up, which
// [ErrClosed] tells at the next request. All other errors end the connection: an
// [*UnsupportedError] or [*ProtocolError], an error from [net], or that of ctx.
//
// Facts are from Nix's libstore (worker-protocol, remote-store, daemon.cc) and
// were checked against daemons 2.8, 2.26 and 2.34.
package daemon

import (
	"context"
	"errors"
	"fmt"
	"net"

	"luminousnix/nix/daemon/internal/wire"
	"luminousnix/nix/network"
	"luminousnix/nix/store"
)

// Version is a version of the protocol.
type Version struct{ Major, Minor int }

func (v Version) String() string { return fmt.Sprintf("%d.%d", v.Major, v.Minor) }

func (v Version) word() uint64 { return uint64(v.Major)<<8 | uint64(v.Minor) }

func versionOf(word uint64) Version { return Version{int(word >> 8 & 0xff), int(word & 0xff)} }

// Oldest and Newest are the versions that this client speaks.
func Oldest() Version { return Version{1, 32} }

// Newest is the version that this client offers.
func Newest() Version { return Version{1, 38} }

// Trust is whether the daemon trusts this user.
type Trust int

// The kinds of trust; daemons before protocol 1.35 do not tell.
const (
	TrustUnknown Trust = iota
	Trusted
	NotTrusted
)

// Options says how to connect.
type Options struct {
	// Socket is the absolute path of the daemon's socket.
	Socket string
	// StoreDir is the daemon's store directory, [store.DefaultDir] if empty. A
	// daemon of another one hangs up at the first path.
	StoreDir store.Dir
	// Newest is the newest version to offer, by default that of [Newest].
	Newest Version
	// Settings, if set, are sent first; otherwise those of the daemon's own
	// nix.conf hold.
	Settings *Settings
	// Connect, if set, makes the connection in place of dialling Socket: to a
	// `nix-daemon --stdio`, say. A [Pool] needs a *net.UnixConn.
	Connect func(context.Context) (net.Conn, error)
	// Closed, if set, is called once [Conn.Close] has closed the connection.
	Closed func()
	// Observer, if set, is given what the daemon tells while it works, in
	// order, and from one goroutine at a time. The daemon waits for it.
	Observer func(Event)
}

// Conn is a connection to a daemon. It is not safe for concurrent use.
type Conn struct {
	// Version is the version spoken: the lower of both sides'.
	Version Version
	// NixVersion is the daemon's own version, "" before protocol 1.33.
	NixVersion string
	// Trust is whether the daemon trusts this user.
	Trust Trust

	dir     store.Dir
	observe func(Event)
	onClose func()
	net     net.Conn
	r       *wire.Reader
	w       *wire.Writer
	// closed says why the connection cannot be used any more.
	closed error
	// doubtful is set after an error of the daemon, which may have hung up
	// after it.
	doubtful bool
}

// Dial connects to the daemon's socket and shakes hands. When nobody listens the
// error wraps the one from [net]; a version that is not known here is an
// [*UnsupportedError]; what is not a Nix daemon at all is a [*ProtocolError].
func Dial(ctx context.Context, options Options) (*Conn, error) {
	connect := options.Connect
	if connect == nil {
		connect = func(ctx context.Context) (net.Conn, error) {
			return network.Dialer{}.DialContext(ctx, "unix", options.Socket)
		}
	}
	conn, err := connect(ctx)
	if err != nil {
		return nil, fmt.Errorf("connecting to the Nix daemon: %w", err)
	}
	c := &Conn{
		dir: options.StoreDir, observe: options.Observer, onClose: options.Closed,
		net: conn, r: wire.NewReader(conn), w: wire.NewWriter(conn),
	}
	if c.dir == "" {
		c.dir = store.DefaultDir
	}
	if options.Newest == (Version{}) {
		options.Newest = Newest()
	}
	if err := c.bounded(ctx, func() error { return c.handshake(options.Newest) }); err != nil {
		c.end(err)
		return nil, fmt.Errorf("greeting the Nix daemon: %w", err)
	}
	if options.Settings == nil {
		return c, nil
	}
	if err := c.SetOptions(ctx, *options.Settings); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// Close ends the connection, and with it whatever the daemon does for it and the
// temporary roots that it holds. Closing twice does no harm.
func (c *Conn) Close() error {
	if c.closed != nil {
		return nil
	}
	c.closed = net.ErrClosed
	err := c.net.Close()
	if c.onClose != nil {
		c.onClose()
	}
	return err
}

func (c *Conn) handshake(newest Version) error {
	c.w.Uint(wire.ClientMagic)
	c.w.Uint(newest.word())
	if err := c.w.Flush(); err != nil {
		return err
	}
	if err := c.agree(newest); err != nil {
		return err
	}
	if c.Version.Minor >= wire.SinceFeatures {
		c.w.Uint(0) // we offer no features
		if err := c.w.Flush(); err != nil {
			return err
		}
		c.r.Texts() // and need none of theirs
	}
	c.w.Uint(0) // CPU affinity, obsolete
	c.w.Uint(0) // reserved space, obsolete
	if err := c.w.Flush(); err != nil {
		return err
	}
	if c.Version.Minor >= wire.SinceNixVersion {
		c.NixVersion = c.r.Text()
	}
	if c.Version.Minor >= wire.SinceTrust {
		c.Trust = Trust(c.r.Uint())
	}
	return c.drain()
}

// agree reads the daemon's version and settles on the lower one. Old daemons
// use the client's number as it was sent, so that the client must cap it.
func (c *Conn) agree(newest Version) error {
	magic, word := c.r.Uint(), c.r.Uint()
	if err := c.r.Err(); err != nil && magic == 0 {
		return err
	}
	if magic != wire.DaemonMagic {
		return &ProtocolError{"the socket is not a Nix daemon's"}
	}
	if err := c.r.Err(); err != nil {
		return err
	}
	theirs := versionOf(word)
	if theirs.Major != newest.Major || theirs.Minor < Oldest().Minor {
		return &UnsupportedError{Version: theirs, Needs: Oldest(), What: "this client"}
	}
	c.Version = Version{newest.Major, min(theirs.Minor, newest.Minor)}
	return nil
}
