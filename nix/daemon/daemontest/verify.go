package daemontest

import (
	"os"

	"luminousnix/nix/daemon"
	"luminousnix/nix/daemon/internal/wire"
	"luminousnix/nix/nar"
	"luminousnix/nix/store"
)

// optimiseStore only says that it is done: nothing that a client can see follows
// from hard links.
func (c *connection) optimiseStore() error { return c.work(nil, ack) }

// verifyStore finds paths that are gone, and with contents those that changed.
// Repair downloads them again if it can.
func (c *connection) verifyStore() error {
	contents, repair := c.r.Bool(), c.r.Bool()
	remain := false
	return c.work(func() error {
		if repair && !c.trusted {
			return fail("you are not privileged to repair paths")
		}
		c.say(daemon.LevelInfo, "reading the Nix store...")
		if contents {
			c.say(daemon.LevelInfo, "checking link hashes...")
		}
		for _, p := range c.objects.all() {
			info := c.objects.info(p)
			if info == nil {
				continue
			}
			if !isThere(p) {
				remain = !c.verifyGone(p, map[store.Path]bool{}) || remain
				continue
			}
			if !contents {
				continue
			}
			got, _, err := nar.Hash(string(p))
			if err == nil && got == info.NarHash {
				continue
			}
			c.say(daemon.LevelError, "path '%s' was modified! expected hash '%s', got '%s'", p, info.NarHash, got)
			if !repair || !c.repaired(p) {
				remain = true
			}
		}
		return nil
	}, func(w *wire.Writer) { w.Bool(remain) })
}

// verifyGone looks at a path whose tree is gone: it stops to be valid, unless
// something refers to it whose tree is there. It reports whether all is well now.
func (c *connection) verifyGone(p store.Path, seen map[store.Path]bool) bool {
	if seen[p] {
		return true
	}
	seen[p] = true
	for _, referrer := range c.objects.sorted(c.objects.referrers, p) {
		if referrer == p {
			continue
		}
		if isThere(referrer) || !c.verifyGone(referrer, seen) {
			c.say(daemon.LevelError, "path '%s' disappeared, but it still has valid referrers!", p)
			return false
		}
	}
	c.say(daemon.LevelError, "path '%s' disappeared, removing from database...", p)
	c.objects.mu.Lock()
	defer c.objects.mu.Unlock()
	c.objects.forget(p)
	return true
}

func isThere(p store.Path) bool {
	_, err := os.Lstat(string(p))
	return err == nil
}

// repaired puts what the substituter has in place of a path that was modified.
func (c *connection) repaired(p store.Path) bool {
	info := c.offered(p)
	if info == nil {
		return false
	}
	return c.download(info, true) == nil
}
