package daemontest

import (
	"luminousnix/nix/daemon"
	"luminousnix/nix/daemon/internal/wire"
)

const notTrusted = daemon.NotTrusted

// greet shakes hands. Daemons hang up without a word on what does not speak the
// protocol, or speaks one that is too old.
func (c *connection) greet() error {
	if err := c.strike(OpHandshake); err != nil {
		return err
	}
	magic := c.r.Uint()
	if c.r.Err() != nil || magic != wire.ClientMagic {
		return errHungUp
	}
	// The server's version does not depend on the client's.
	version := c.options.Version
	c.w.Uint(wire.DaemonMagic)
	c.w.Uint(uint64(version.Major)<<8 | uint64(version.Minor))
	if err := c.w.Flush(); err != nil {
		return err
	}
	theirs := c.r.Uint()
	if c.r.Err() != nil || theirs>>8 != uint64(version.Major) || int(theirs&0xff) < daemon.Oldest().Minor {
		return errHungUp
	}
	// A daemon does not know what came after it, even if, like those before
	// 1.35, it goes on with the client's number as it was sent.
	c.minor = min(version.Minor, int(theirs&0xff))
	if c.minor >= wire.SinceFeatures {
		c.r.Texts()
		c.w.Texts(nil)
		if err := c.w.Flush(); err != nil {
			return err
		}
	}
	if c.r.Bool() { // CPU affinity: a mask follows
		c.r.Uint()
	}
	c.r.Bool() // reserved space
	if c.minor >= wire.SinceNixVersion {
		c.w.Text(c.options.NixVersion)
	}
	if c.minor >= wire.SinceTrust {
		trust := daemon.Trusted
		if !c.trusted {
			trust = daemon.NotTrusted
		}
		c.w.Uint(uint64(trust))
	}
	return c.work(nil, nil)
}
