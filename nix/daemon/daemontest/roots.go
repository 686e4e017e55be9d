package daemontest

import (
	"crypto/sha1"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"luminousnix/nix/daemon"
	"luminousnix/nix/daemon/internal/wire"
	"luminousnix/nix/store"
)

// autoRoots has links to the links that are indirect roots.
func (s *Server) autoRoots() string { return filepath.Join(s.StateDir, "gcroots", "auto") }

func (c *connection) addTempRoot() error {
	p := c.path()
	return c.work(func() error {
		c.objects.tempRoot(c.id, p)
		return nil
	}, ack)
}

func (c *connection) addIndirectRoot() error {
	link := c.r.Text()
	return c.work(func() error { return c.indirectRoot(link) }, ack)
}

// indirectRoot remembers a link. Daemons do not look at it.
func (s *Server) indirectRoot(link string) error {
	link = filepath.Clean("/" + link)
	sum, err := store.NewHash(store.SHA1, sha1Of(link))
	if err != nil {
		return err
	}
	s.links.Lock()
	defer s.links.Unlock()
	return replaceLink(link, filepath.Join(s.autoRoots(), sum.Nix32()))
}

func sha1Of(text string) []byte {
	sum := sha1.Sum([]byte(text))
	return sum[:]
}

func replaceLink(target, link string) error {
	temp := link + ".new"
	if err := os.Remove(temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Symlink(target, temp); err != nil {
		return err
	}
	return os.Rename(temp, link)
}

// addPermRoot refuses users that are not trusted before it has read the request.
func (c *connection) addPermRoot() error {
	if !c.trusted {
		return fail("you are not privileged to create perm roots\n\nhint: you can just do this client-side without special privileges, and probably want to do that instead.")
	}
	p, link := c.path(), c.r.Text()
	return c.work(func() error { return c.permRoot(p, link) }, func(w *wire.Writer) { w.Text(link) })
}

func (c *connection) permRoot(p store.Path, link string) error {
	link = filepath.Clean("/" + link)
	below := func(dir string) bool { return strings.HasPrefix(link, dir+"/") }
	if below(string(c.StoreDir)) {
		return fail("creating a garbage collector root (%s) in the Nix store is forbidden (are you running nix-build inside the store?)", link)
	}
	if c.options.Fenced && !below(c.dir) {
		return fail("creating symlink '%s': Permission denied", link)
	}
	target, err := os.Readlink(link)
	if _, statErr := os.Lstat(link); statErr == nil && (err != nil || !strings.HasPrefix(target, string(c.StoreDir)+"/")) {
		return fail("cannot create symlink '%s'; already exists", link)
	}
	// The path must not be collected before its root is there.
	c.objects.tempRoot(c.id, p)
	if err := os.MkdirAll(filepath.Dir(link), 0o755); err != nil {
		return err
	}
	if err := replaceLink(string(p), link); err != nil {
		return err
	}
	return c.indirectRoot(link)
}

func (c *connection) findRoots() error {
	var roots []store.Root
	return c.work(func() error {
		roots = append(c.linkRoots(), c.objects.tempRoots(!c.trusted)...)
		return nil
	}, func(w *wire.Writer) {
		w.Uint(uint64(len(roots)))
		for _, root := range roots {
			w.Text(root.Link)
			w.Text(string(root.Path))
		}
	})
}

// tempRoots returns the temporary roots of all connections.
func (o *objects) tempRoots(censor bool) (roots []store.Root) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for connection, paths := range o.temp {
		link := fmt.Sprintf("{temp:%d}", connection)
		if censor {
			link = "{censored}"
		}
		for p := range paths {
			roots = append(roots, store.Root{Link: link, Path: p})
		}
	}
	return roots
}

// linkRoots returns the roots below gcroots and profiles, and those that the
// links in gcroots/auto lead to. Links there that lead nowhere are removed.
func (c *connection) linkRoots() (roots []store.Root) {
	c.links.Lock()
	defer c.links.Unlock()
	for _, dir := range []string{"gcroots", "profiles"} {
		filepath.WalkDir(filepath.Join(c.StateDir, dir), func(link string, entry fs.DirEntry, err error) error {
			if err != nil || entry.Type() != fs.ModeSymlink {
				return nil // what cannot be read is no root
			}
			target, err := os.Readlink(link)
			if err != nil {
				return nil
			}
			if root, ok := c.rootAt(link, target); ok {
				roots = append(roots, root)
			} else if filepath.Dir(link) == c.autoRoots() {
				roots = append(roots, c.indirect(link, target)...)
			}
			return nil
		})
	}
	return roots
}

// rootAt returns the root that a link is, if it leads into the store.
func (c *connection) rootAt(link, target string) (root store.Root, ok bool) {
	if !filepath.IsAbs(target) {
		target = filepath.Join(filepath.Dir(link), target)
	}
	p, _, err := c.StoreDir.Split(target)
	if err != nil {
		return store.Root{}, false
	}
	return store.Root{Link: link, Path: p}, c.objects.isValid(p)
}

// indirect returns the root that a link to a link is.
func (c *connection) indirect(auto, link string) []store.Root {
	target, err := os.Readlink(link)
	if errors.Is(err, fs.ErrNotExist) {
		c.say(daemon.LevelInfo, "removing stale link from '%s' to '%s'", auto, link)
		os.Remove(auto)
	}
	if err != nil {
		return nil
	}
	if root, ok := c.rootAt(link, target); ok {
		return []store.Root{root}
	}
	return nil
}
