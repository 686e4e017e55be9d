package daemontest

import (
	"maps"
	"slices"
	"strings"

	"luminousnix/nix/daemon/internal/wire"
	"luminousnix/nix/nar"
	"luminousnix/nix/store"
)

// path reads a store path; one that is none ends the connection, in Nix's words.
func (c *connection) path() store.Path {
	text := c.r.Text()
	if c.r.Err() != nil {
		return ""
	}
	p, err := c.StoreDir.Parse(text)
	if err != nil {
		c.r.Fail(badPath(c.StoreDir, text))
	}
	return p
}

// badPath says why a text is not a store path.
func badPath(dir store.Dir, text string) error {
	base, below := strings.CutPrefix(text, string(dir)+"/")
	switch {
	case !below || strings.Contains(base, "/"):
		return fail("path '%s' is not in the Nix store", text)
	case len(base) < store.HashLength+1:
		return fail("'%s' is too short to be a valid store path", base)
	}
	return fail("store path '%s' contains illegal character", base)
}

func (c *connection) isValidPath() error {
	p, valid := c.path(), false
	return c.work(func() error {
		valid = c.objects.isValid(p)
		return nil
	}, func(w *wire.Writer) { w.Bool(valid) })
}

func (c *connection) queryValidPaths() error {
	paths, substitute := c.r.Paths(c.StoreDir), c.r.Bool()
	var valid []store.Path
	return c.work(func() error {
		for _, p := range unique(paths) {
			if substitute && !c.objects.isValid(p) {
				c.substitute(p) // if it fails it is not valid
			}
			if c.objects.isValid(p) {
				valid = append(valid, p)
			}
		}
		return nil
	}, func(w *wire.Writer) { w.Paths(valid) })
}

func (c *connection) queryAllValidPaths() error {
	return c.work(nil, func(w *wire.Writer) { w.Paths(c.objects.all()) })
}

func (c *connection) queryPathInfo() error {
	p := c.path()
	return c.work(nil, func(w *wire.Writer) {
		info := c.objects.info(p)
		w.Bool(info != nil)
		if info != nil {
			w.PathInfo(info)
		}
	})
}

func (c *connection) queryReferrers() error {
	p := c.path()
	return c.work(nil, func(w *wire.Writer) { w.Paths(c.objects.sorted(c.objects.referrers, p)) })
}

func (c *connection) queryValidDerivers() error {
	p := c.path()
	return c.work(nil, func(w *wire.Writer) { w.Paths(c.objects.sorted(c.objects.derivers, p)) })
}

func (o *objects) sorted(index map[store.Path]map[store.Path]bool, p store.Path) []store.Path {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Sorted(maps.Keys(index[p]))
}

func (c *connection) queryPathFromHashPart() error {
	hashPart := c.r.Text()
	var found store.Path
	return c.work(func() error {
		if len(hashPart) != store.HashLength {
			return fail("invalid hash part")
		}
		for _, p := range c.objects.all() {
			if p.HashPart() == hashPart {
				found = p
			}
		}
		return nil
	}, func(w *wire.Writer) { w.Text(string(found)) })
}

func (c *connection) queryDerivationOutputMap() error {
	p := c.path()
	outputs := map[string]string{}
	return c.work(func() error {
		if !c.objects.isValid(p) {
			return notValid(p)
		}
		drv, err := c.objects.readDerivation(p)
		if err != nil {
			return err
		}
		for _, name := range drv.OutputNames() {
			outputs[name] = string(c.outputPath(drv, name))
		}
		return nil
	}, func(w *wire.Writer) { w.Map(outputs) })
}

// narFromPath has no length before the archive and no word after it, so what
// fails within it comes in the midst of it, where no client can know it.
func (c *connection) narFromPath() error {
	p := c.path()
	var broken error
	err := c.work(nil, func(w *wire.Writer) {
		if !c.objects.isValid(p) {
			broken = notValid(p)
			return
		}
		broken = nar.Pack(w, string(p))
	})
	if err == nil && broken != nil {
		return &failure{message: broken.Error()}
	}
	return err
}

// unique returns the paths sorted and each once, as a set.
func unique(paths []store.Path) []store.Path {
	return slices.Compact(slices.Sorted(slices.Values(paths)))
}
