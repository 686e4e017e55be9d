package storedb_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"luminousnix/nix/store"
	"luminousnix/nix/storedb"
)

// fakeDaemon answers from the rows that a database was written from.
type fakeDaemon struct {
	rows          []row
	dialed, asked int
	closed        bool
}

func (d *fakeDaemon) dial(context.Context) (storedb.Daemon, error) {
	d.dialed++
	return d, nil
}

func (d *fakeDaemon) index(path store.Path) int {
	for i, r := range d.rows {
		if r.path == path {
			return i
		}
	}
	return -1
}

func (d *fakeDaemon) IsValidPath(_ context.Context, path store.Path) (bool, error) {
	d.asked++
	return d.index(path) >= 0, nil
}

func (d *fakeDaemon) AllValidPaths(context.Context) (paths []store.Path, err error) {
	for _, r := range d.rows {
		paths = append(paths, r.path)
	}
	return paths, nil
}

func (d *fakeDaemon) PathInfos(_ context.Context, paths []store.Path) ([]*store.PathInfo, error) {
	hash, err := store.ParseHash("sha256:" + strings.Repeat("0a", 32))
	infos := make([]*store.PathInfo, len(paths))
	for i, path := range paths {
		at := d.index(path)
		if at < 0 {
			continue
		}
		r := d.rows[at]
		infos[i] = &store.PathInfo{
			Path: path, Deriver: r.deriver, NarHash: hash, NarSize: r.size, Registered: time.Unix(1700000000, 0),
			Ultimate: true, Signatures: []string{"cache-1:" + strings.Repeat("A", 88)},
		}
		for _, reference := range r.references {
			infos[i].References = append(infos[i].References, d.rows[reference].path)
		}
	}
	return infos, err
}

func (d *fakeDaemon) Referrers(_ context.Context, path store.Path) (referrers []store.Path, err error) {
	for _, r := range d.rows {
		for _, reference := range r.references {
			if d.rows[reference].path == path {
				referrers = append(referrers, r.path)
			}
		}
	}
	return referrers, nil
}

func (d *fakeDaemon) ValidDerivers(_ context.Context, path store.Path) (derivers []store.Path, err error) {
	for _, r := range d.rows {
		for _, output := range r.outputs {
			if output == path {
				derivers = append(derivers, r.path)
			}
		}
	}
	return derivers, nil
}

func (d *fakeDaemon) DerivationOutputs(_ context.Context, drv store.Path) (map[string]store.Path, error) {
	outputs := map[string]store.Path{"later": ""}
	for i, output := range d.rows[d.index(drv)].outputs {
		outputs[fmt.Sprintf("out%d", i)] = output
	}
	return outputs, nil
}

func (d *fakeDaemon) FindRoots(context.Context) ([]store.Root, error) {
	return []store.Root{{Link: "{censored}", Path: d.rows[0].path}}, nil
}

func (d *fakeDaemon) Close() error {
	d.closed = true
	return nil
}
