package daemontest

import (
	"maps"
	"slices"

	"luminousnix/nix/daemon"
	"luminousnix/nix/daemon/internal/wire"
	"luminousnix/nix/derivation"
	"luminousnix/nix/store"
)

// derivedPaths reads what is to be built.
func (c *connection) derivedPaths() (paths []daemon.DerivedPath) {
	for range c.r.Items() {
		text := c.r.Text()
		if c.r.Err() != nil {
			break
		}
		p, err := daemon.ParseDerivedPath(c.StoreDir, text)
		if err != nil {
			c.r.Fail(badPath(c.StoreDir, text))
			break
		}
		paths = append(paths, p)
	}
	return paths
}

func (c *connection) queryMissing() error {
	paths := c.derivedPaths()
	m := newMissing(c)
	return c.work(func() error {
		for _, p := range paths {
			m.derived(p)
		}
		return nil
	}, func(w *wire.Writer) {
		for _, set := range []map[store.Path]bool{m.build, m.substitute, m.unknown} {
			w.Paths(slices.Sorted(maps.Keys(set)))
		}
		w.Uint(uint64(m.size))
		w.Uint(uint64(m.size))
	})
}

// missing finds out what has to be done.
type missing struct {
	*connection
	build, substitute, unknown map[store.Path]bool
	seen                       map[string]bool
	size                       int64
}

func newMissing(c *connection) *missing {
	return &missing{
		connection: c, seen: map[string]bool{},
		build: map[store.Path]bool{}, substitute: map[store.Path]bool{}, unknown: map[store.Path]bool{},
	}
}

func (m *missing) derived(p daemon.DerivedPath) {
	if m.seen[p.String()] {
		return
	}
	m.seen[p.String()] = true
	if len(p.Outputs) == 0 {
		m.path(p.Path)
		return
	}
	if !m.objects.isValid(p.Path) {
		m.unknown[p.Path] = true
		return
	}
	drv, err := m.objects.readDerivation(p.Path)
	if err != nil {
		m.unknown[p.Path] = true
		return
	}
	invalid, known := m.invalid(drv, p.Outputs)
	if known && len(invalid) == 0 {
		return
	}
	if known && m.allOffered(invalid) {
		for _, output := range invalid {
			m.path(output)
		}
		return
	}
	m.build[p.Path] = true
	for _, input := range drv.Inputs() {
		m.derived(daemon.DerivedPath{Path: input, Outputs: drv.InputDerivations[input]})
	}
}

// path is a path that nothing is known to build.
func (m *missing) path(p store.Path) {
	if m.objects.isValid(p) || m.substitute[p] {
		return
	}
	info := m.offered(p)
	if info == nil {
		m.unknown[p] = true
		return
	}
	m.substitute[p] = true
	m.size += info.NarSize
	for _, reference := range info.References {
		m.path(reference)
	}
}

// invalid returns the wanted outputs that are not valid; known is false when a
// path will be known only after the build.
func (c *connection) invalid(drv *derivation.Derivation, wanted []string) (invalid []store.Path, known bool) {
	for _, name := range drv.OutputNames() {
		if !slices.Contains(wanted, name) && !slices.Contains(wanted, daemon.AllOutputs) {
			continue
		}
		p := c.outputPath(drv, name)
		if p == "" {
			return nil, false
		}
		if !c.objects.isValid(p) {
			invalid = append(invalid, p)
		}
	}
	return invalid, true
}

func (c *connection) allOffered(paths []store.Path) bool {
	return !slices.ContainsFunc(paths, func(p store.Path) bool { return c.offered(p) == nil })
}
