// Package daemon is a client of the Nix daemon: it speaks the worker protocol
// over the daemon's Unix socket, versions 1.32 to 1.38.
//
// What is here so far is the connection itself (handshake, versions, trust,
// log messages, errors) and the question whether a path is valid; it is what a
// health check needs. The protocol is that of Nix's libstore
// worker-protocol.hh, checked against daemons 2.8, 2.26 and 2.34.
package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"luminousnix/nix/store"
)

const (
	clientMagic = 0x6e697863
	daemonMagic = 0x6478696f

	opIsValidPath = 1
)

// Version is a version of the protocol.
type Version struct{ Major, Minor int }

func (v Version) String() string { return fmt.Sprintf("%d.%d", v.Major, v.Minor) }

// The versions that this client speaks.
var (
	oldest = Version{1, 32}
	newest = Version{1, 38}
)

// Trust is whether the daemon trusts this user.
type Trust int

// The kinds of trust; daemons before protocol 1.35 do not tell.
const (
	TrustUnknown Trust = iota
	Trusted
	NotTrusted
)

// Conn is a connection to a daemon. One request is made at a time; it is not
// safe for concurrent use.
type Conn struct {
	// Version is the version spoken: the lower of both sides'.
	Version Version
	// NixVersion is the daemon's own version, "" before protocol 1.33.
	NixVersion string
	// Trust is whether the daemon trusts this user.
	Trust Trust

	net  net.Conn
	wire *wire
}

// Dial connects to the daemon's socket and shakes hands. A ctx with a deadline
// bounds the whole of it: a daemon that hangs does not answer. When nobody
// listens the error wraps the one from [net]; an unusable protocol is a
// [*ProtocolError].
func Dial(ctx context.Context, socket string) (*Conn, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unix", socket)
	if err != nil {
		return nil, fmt.Errorf("connecting to the Nix daemon: %w", err)
	}
	c := &Conn{net: conn, wire: newWire(conn)}
	if err := c.bounded(ctx, c.handshake); err != nil {
		conn.Close()
		return nil, fmt.Errorf("greeting the Nix daemon: %w", err)
	}
	return c, nil
}

// Close ends the connection, and with it whatever the daemon does for it.
func (c *Conn) Close() error { return c.net.Close() }

// IsValidPath asks whether a store path is valid.
func (c *Conn) IsValidPath(ctx context.Context, path store.Path) (valid bool, err error) {
	err = c.bounded(ctx, func() error {
		c.wire.writeUint(opIsValidPath)
		c.wire.writeString(string(path))
		if err := c.wire.flush(); err != nil {
			return err
		}
		if err := c.drain(); err != nil {
			return err
		}
		valid, err = c.wire.readBool()
		return err
	})
	return valid, err
}

// bounded runs do, making every read and write fail when ctx ends.
func (c *Conn) bounded(ctx context.Context, do func() error) error {
	stop := context.AfterFunc(ctx, func() { c.net.SetDeadline(time.Unix(1, 0)) })
	err := do()
	if !stop() && ctx.Err() != nil {
		return fmt.Errorf("the Nix daemon did not answer: %w", ctx.Err())
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("the Nix daemon hung up: %w", err)
	}
	return err
}

func (c *Conn) handshake() error {
	c.wire.writeUint(clientMagic)
	c.wire.writeUint(newest.word())
	if err := c.wire.flush(); err != nil {
		return err
	}
	if err := c.agree(); err != nil {
		return err
	}
	if c.Version.Minor >= 38 {
		c.wire.writeUint(0) // we offer no features
		if err := c.wire.flush(); err != nil {
			return err
		}
		if _, err := c.wire.readStrings(); err != nil {
			return err
		}
	}
	c.wire.writeUint(0) // CPU affinity, obsolete
	c.wire.writeUint(0) // reserved space, obsolete
	if err := c.wire.flush(); err != nil {
		return err
	}
	if err := c.readIdentity(); err != nil {
		return err
	}
	return c.drain()
}

// agree reads the daemon's version and settles on the lower one. Old daemons
// use the client's number as it was sent, so that the client must cap it.
func (c *Conn) agree() error {
	magic, err := c.wire.readUint()
	if err != nil {
		return err
	}
	if magic != daemonMagic {
		return &ProtocolError{"the socket is not a Nix daemon's"}
	}
	word, err := c.wire.readUint()
	if err != nil {
		return err
	}
	theirs := Version{int(word >> 8 & 0xff), int(word & 0xff)}
	if theirs.Major != newest.Major || theirs.Minor < oldest.Minor {
		return &ProtocolError{fmt.Sprintf("the daemon speaks version %s; %s to %s are supported", theirs, oldest, newest)}
	}
	c.Version = Version{newest.Major, min(theirs.Minor, newest.Minor)}
	return nil
}

func (c *Conn) readIdentity() (err error) {
	if c.Version.Minor >= 33 {
		if c.NixVersion, err = c.wire.readString(); err != nil {
			return err
		}
	}
	if c.Version.Minor >= 35 {
		trust, err := c.wire.readUint()
		if err != nil {
			return err
		}
		c.Trust = Trust(trust)
	}
	return nil
}

func (v Version) word() uint64 { return uint64(v.Major)<<8 | uint64(v.Minor) }
