package daemontest

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"luminousnix/nix/daemon"
	"luminousnix/nix/daemon/internal/wire"
	"luminousnix/nix/derivation"
	"luminousnix/nix/store"
)

// collectGarbage does what Nix does with keep-derivations, its default: a
// derivation lives as long as an output that was built from it.
func (c *connection) collectGarbage() error {
	run := &collection{connection: c, action: daemon.GCAction(c.r.Uint()), specific: unique(c.r.Paths(c.StoreDir))}
	ignoreLiveness := c.r.Bool()
	run.limit = c.r.Uint()
	c.r.Uint()
	c.r.Uint()
	c.r.Uint()
	return c.work(func() error {
		if ignoreLiveness {
			return fail("you are not allowed to ignore liveness")
		}
		err := run.do()
		for _, line := range run.lines {
			c.say(daemon.LevelInfo, "%s", line)
		}
		return err
	}, func(w *wire.Writer) {
		w.Texts(slices.Sorted(maps.Keys(run.paths)))
		w.Uint(run.freed)
		w.Uint(0)
	})
}

// collection is one run of the garbage collector.
type collection struct {
	*connection
	action   daemon.GCAction
	specific []store.Path
	limit    uint64

	live  map[store.Path]bool
	paths map[string]bool
	freed uint64
	lines []string // for the log, once nothing is locked any more
}

// tell says something when the collection is over: a client that does not read
// must not stop all others.
func (g *collection) tell(format string, values ...any) {
	g.lines = append(g.lines, fmt.Sprintf(format, values...))
}

// do holds the lock of all objects, so that nothing changes but files that are
// being made, which are locked themselves.
func (g *collection) do() error {
	g.paths = map[string]bool{}
	g.say(daemon.LevelInfo, "finding garbage collector roots...")
	roots := append(g.linkRoots(), g.objects.tempRoots(false)...)
	g.objects.mu.Lock()
	defer g.objects.mu.Unlock()
	g.findLive(roots)
	switch g.action {
	case daemon.ReturnLive:
		for p := range g.live {
			g.paths[string(p)] = true
		}
		return nil
	case daemon.ReturnDead, daemon.DeleteDead:
		if g.limit == 0 {
			return nil
		}
		return g.dead()
	case daemon.DeleteSpecific:
		return g.deleteSpecific()
	}
	return fail("invalid garbage collection action")
}

func (g *collection) findLive(roots []store.Root) {
	g.live = map[store.Path]bool{}
	var todo []store.Path
	for _, root := range roots {
		todo = append(todo, root.Path)
	}
	for len(todo) > 0 {
		p := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		info := g.objects.valid[p]
		if info == nil || g.live[p] {
			continue
		}
		g.live[p] = true
		todo = append(todo, info.References...)
		if info.Deriver != "" {
			todo = append(todo, info.Deriver)
		}
	}
}

// dead lists or deletes what is not alive, and what is in the directory without
// being valid.
func (g *collection) dead() error {
	deletes := g.action == daemon.DeleteDead
	if deletes {
		g.tell("deleting garbage...")
	} else {
		g.tell("determining live/dead paths...")
	}
	entries, err := os.ReadDir(string(g.StoreDir))
	if err != nil {
		return err
	}
	for _, entry := range entries {
		p := store.Path(filepath.Join(string(g.StoreDir), entry.Name()))
		if g.live[p] || g.objects.busy[p] != nil || g.isTempRoot(p) {
			continue
		}
		if !deletes {
			g.paths[string(p)] = true
			continue
		}
		if err := g.deleteWithReferrers(p); err != nil {
			return err
		}
		if g.freed > g.limit {
			g.tell("deleted more than %d bytes; stopping", g.limit)
			return nil
		}
	}
	return nil
}

// isTempRoot says whether something that is not valid yet is a temporary root.
func (g *collection) isTempRoot(p store.Path) bool {
	for _, paths := range g.objects.temp {
		if paths[p] {
			return true
		}
	}
	return false
}

// holders are the paths that keep p alive while they are.
func (g *collection) holders(p store.Path) []store.Path {
	holders := slices.Collect(maps.Keys(g.objects.referrers[p]))
	if _, ok := derivation.NameOf(p); ok {
		for output, info := range g.objects.valid {
			if info.Deriver == p {
				holders = append(holders, output)
			}
		}
	}
	return slices.DeleteFunc(holders, func(holder store.Path) bool { return holder == p })
}

// deleteWithReferrers deletes a dead path after those that refer to it, which
// are dead too.
func (g *collection) deleteWithReferrers(p store.Path) error {
	if g.paths[string(p)] {
		return nil
	}
	g.paths[string(p)] = true
	for _, holder := range g.holders(p) {
		if err := g.deleteWithReferrers(holder); err != nil {
			return err
		}
	}
	g.tell("deleting '%s'", p)
	g.objects.forget(p)
	g.freed += diskUsage(string(p))
	return removeTree(string(p))
}

// deleteSpecific deletes the paths that were asked for, if all that refers to
// them is among them.
func (g *collection) deleteSpecific() error {
	for _, p := range g.specific {
		if g.paths[string(p)] {
			continue
		}
		if g.held(p, map[store.Path]bool{}) {
			return fail("Cannot delete path '%s' since it is still alive. To find out why, use: nix-store --query --roots", p)
		}
		if err := g.deleteWithReferrers(p); err != nil {
			return err
		}
	}
	return nil
}

// held says whether p cannot be deleted: it or something that refers to it is
// alive, or was not asked for.
func (g *collection) held(p store.Path, seen map[store.Path]bool) bool {
	if seen[p] {
		return false
	}
	seen[p] = true
	if g.live[p] || g.objects.busy[p] != nil || g.isTempRoot(p) || !slices.Contains(g.specific, p) {
		return true
	}
	return slices.ContainsFunc(g.holders(p), func(holder store.Path) bool { return g.held(holder, seen) })
}
