package daemontest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"luminousnix/nix/derivation"
	"luminousnix/nix/store"
)

// objects is what a daemon keeps in its database: which paths are valid, and
// what is known of them. The trees are in the store directory.
type objects struct {
	dir store.Dir

	mu        sync.Mutex
	valid     map[store.Path]*store.PathInfo // which are never changed, but replaced
	referrers map[store.Path]map[store.Path]bool
	derivers  map[store.Path]map[store.Path]bool // output → valid derivations
	real      map[string]string                  // ID of an output → JSON of its realisation
	temp      map[int]map[store.Path]bool        // temporary roots by connection
	busy      map[store.Path]chan struct{}       // locked, closed when unlocked
}

func newObjects(dir store.Dir) *objects {
	return &objects{
		dir: dir, valid: map[store.Path]*store.PathInfo{}, referrers: map[store.Path]map[store.Path]bool{},
		derivers: map[store.Path]map[store.Path]bool{}, real: map[string]string{},
		temp: map[int]map[store.Path]bool{}, busy: map[store.Path]chan struct{}{},
	}
}

func notValid(p store.Path) error { return fail("path '%s' is not valid", p) }

// info returns what is known of a path, nil if it is not valid.
func (o *objects) info(p store.Path) *store.PathInfo {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.valid[p]
}

func (o *objects) isValid(p store.Path) bool { return o.info(p) != nil }

// all returns the valid paths, sorted.
func (o *objects) all() []store.Path {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Sorted(maps.Keys(o.valid))
}

// register makes paths valid whose trees are there. They may refer to each
// other, and otherwise only to what is valid.
func (o *objects) register(infos ...*store.PathInfo) error {
	derivations := map[store.Path]*derivation.Derivation{}
	for _, info := range infos {
		if _, ok := derivation.NameOf(info.Path); ok {
			drv, err := o.readDerivation(info.Path)
			if err != nil {
				return err
			}
			derivations[info.Path] = drv
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	together := map[store.Path]bool{}
	for _, info := range infos {
		together[info.Path] = true
	}
	for _, info := range infos {
		for _, reference := range info.References {
			if o.valid[reference] == nil && !together[reference] {
				return notValid(reference)
			}
		}
	}
	for _, info := range infos {
		o.enter(info, derivations[info.Path])
	}
	return nil
}

func (o *objects) enter(info *store.PathInfo, drv *derivation.Derivation) {
	o.forget(info.Path)
	entry := *info
	entry.References = slices.Compact(slices.Sorted(slices.Values(info.References)))
	entry.Signatures = slices.Compact(slices.Sorted(slices.Values(info.Signatures)))
	if entry.Registered.IsZero() {
		entry.Registered = time.Now().Truncate(time.Second)
	}
	o.valid[entry.Path] = &entry
	for _, reference := range entry.References {
		add(o.referrers, reference, entry.Path)
	}
	if drv != nil {
		for _, output := range drv.Outputs {
			if output.Path != "" {
				add(o.derivers, output.Path, entry.Path)
			}
		}
	}
}

func add(index map[store.Path]map[store.Path]bool, key, value store.Path) {
	if index[key] == nil {
		index[key] = map[store.Path]bool{}
	}
	index[key][value] = true
}

// forget makes a path invalid. The caller holds o.mu.
func (o *objects) forget(p store.Path) {
	info := o.valid[p]
	if info == nil {
		return
	}
	for _, reference := range info.References {
		delete(o.referrers[reference], p)
	}
	if _, ok := derivation.NameOf(p); ok {
		for _, drvs := range o.derivers {
			delete(drvs, p)
		}
	}
	delete(o.valid, p)
}

// readDerivation reads a derivation whose tree is there.
func (o *objects) readDerivation(p store.Path) (*derivation.Derivation, error) {
	drv, err := derivation.FromStore(o.dir)(context.Background(), p)
	if err != nil {
		return nil, &failure{message: fmt.Sprintf("error parsing derivation '%s': %v", p, err)}
	}
	return drv, nil
}

// lock waits until nobody else makes or changes one of the paths.
func (o *objects) lock(ctx context.Context, paths ...store.Path) (unlock func(), err error) {
	paths = slices.Compact(slices.Sorted(slices.Values(paths)))
	mine := make(chan struct{})
	for {
		o.mu.Lock()
		var wait chan struct{}
		for _, p := range paths {
			if theirs := o.busy[p]; theirs != nil {
				wait = theirs
			}
		}
		if wait == nil {
			for _, p := range paths {
				o.busy[p] = mine
			}
			o.mu.Unlock()
			break
		}
		o.mu.Unlock()
		select {
		case <-wait:
		case <-ctx.Done():
			return nil, errHungUp
		}
	}
	return func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		for _, p := range paths {
			delete(o.busy, p)
		}
		close(mine)
	}, nil
}

func (o *objects) tempRoot(connection int, paths ...store.Path) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.temp[connection] == nil {
		o.temp[connection] = map[store.Path]bool{}
	}
	for _, p := range paths {
		o.temp[connection][p] = true
	}
}

func (o *objects) dropTempRoots(connection int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.temp, connection)
}

// closure returns what the paths refer to, directly or not, and those of them
// that are valid themselves.
func (o *objects) closure(paths ...store.Path) map[store.Path]bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	seen := map[store.Path]bool{}
	for todo := slices.Clone(paths); len(todo) > 0; {
		p := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if info := o.valid[p]; info != nil && !seen[p] {
			seen[p] = true
			todo = append(todo, info.References...)
		}
	}
	return seen
}
