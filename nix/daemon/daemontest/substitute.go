package daemontest

import (
	"os"
	"path/filepath"

	"luminousnix/nix/daemon"
	"luminousnix/nix/daemon/internal/wire"
	"luminousnix/nix/store"
)

// offered returns what the substituter knows of a path, nil if it has not got it
// or if the client does not want any. Its store directory is another one: paths
// are told apart by their base names.
func (c *connection) offered(p store.Path) *store.PathInfo {
	from := c.options.Substituter
	if from == nil || !c.settings.substitute {
		return nil
	}
	info := from.objects.info(moved(p, from.StoreDir))
	if info == nil {
		return nil
	}
	here := *info
	here.Path, here.Ultimate = p, false
	here.References = nil
	for _, reference := range info.References {
		here.References = append(here.References, moved(reference, c.StoreDir))
	}
	if info.Deriver != "" {
		here.Deriver = moved(info.Deriver, c.StoreDir)
	}
	return &here
}

func moved(p store.Path, dir store.Dir) store.Path { return store.Path(string(dir) + "/" + p.Base()) }

// substitute copies a path and all it refers to from the substituter, unless it
// is valid. found is false when the substituter has not got it.
func (c *connection) substitute(p store.Path) (found bool, err error) {
	return c.substituteAll(p, map[store.Path]bool{})
}

func (c *connection) substituteAll(p store.Path, seen map[store.Path]bool) (found bool, err error) {
	c.objects.tempRoot(c.id, p)
	if c.objects.isValid(p) || seen[p] {
		return true, nil
	}
	seen[p] = true
	info := c.offered(p)
	if info == nil {
		return false, nil
	}
	for _, reference := range info.References {
		found, err := c.substituteAll(reference, seen)
		if err != nil || !found {
			return found, err
		}
	}
	return true, c.download(info, false)
}

// download copies one path. The archive is that of the other store, so a path
// that contains its directory keeps the other's; names and hashes do.
func (c *connection) download(info *store.PathInfo, repair bool) error {
	from := c.options.Substituter
	uri := "daemontest://" + from.dir
	text := "copying path '" + string(info.Path) + "' from '" + uri + "'"
	substitution := c.start(daemon.LevelInfo, daemon.ActivitySubstitute, "", string(info.Path), uri)
	defer c.stop(substitution)
	copying := c.start(daemon.LevelInfo, daemon.ActivityCopyPath, text, string(info.Path), uri, "daemon")
	defer c.stop(copying)

	dir, err := os.MkdirTemp(c.scratch(), "get-")
	if err != nil {
		return err
	}
	defer removeTree(dir)
	tree := filepath.Join(dir, "x")
	c.result(copying, daemon.ResultProgress, 0, info.NarSize, 0, 0)
	if err := copyTree(string(moved(info.Path, from.StoreDir)), tree); err != nil {
		return err
	}
	c.result(copying, daemon.ResultProgress, info.NarSize, info.NarSize, 0, 0)
	return c.moveIn(tree, info, repair)
}

func (c *connection) querySubstitutablePaths() error {
	paths := c.r.Paths(c.StoreDir)
	return c.work(nil, func(w *wire.Writer) {
		var found []store.Path
		for _, p := range unique(paths) {
			if c.offered(p) != nil {
				found = append(found, p)
			}
		}
		w.Paths(found)
	})
}

func (c *connection) querySubstitutablePathInfo() error {
	p := c.path()
	return c.work(nil, func(w *wire.Writer) {
		info := c.offered(p)
		w.Bool(info != nil)
		if info != nil {
			sendSubstitutable(w, info)
		}
	})
}

func (c *connection) querySubstitutablePathInfos() error {
	var infos []*store.PathInfo
	for range c.r.Items() {
		p := c.path()
		c.r.ContentAddress() // by which it would be found under another name
		if c.r.Err() == nil {
			if info := c.offered(p); info != nil {
				infos = append(infos, info)
			}
		}
	}
	return c.work(nil, func(w *wire.Writer) {
		w.Uint(uint64(len(infos)))
		for _, info := range infos {
			w.Text(string(info.Path))
			sendSubstitutable(w, info)
		}
	})
}

// sendSubstitutable tells that a download is as large as what comes of it.
func sendSubstitutable(w *wire.Writer, info *store.PathInfo) {
	w.Text(string(info.Deriver))
	w.Paths(info.References)
	w.Uint(uint64(info.NarSize))
	w.Uint(uint64(info.NarSize))
}
