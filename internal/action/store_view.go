package action

import (
	"context"
	"errors"
	"path/filepath"

	"luminousnix/internal/backend"
	"luminousnix/internal/host"
	"luminousnix/internal/operation"
	"luminousnix/nix/daemon"
	"luminousnix/nix/profile"
	"luminousnix/nix/store"
	"luminousnix/nix/storedb"
)

// storeView is the whole store, and what keeps its paths alive, at one moment.
type storeView struct {
	graph    *storedb.Graph
	roots    []store.Root
	liveness storedb.Liveness
}

// database opens Nix's database. Not even that can be done on a full disk: SQLite and
// the daemon need a little space to read.
func database(ctx context.Context, h *host.Host) (*storedb.DB, error) {
	db, err := backend.Database(ctx, h)
	if err == nil {
		return db, nil
	}
	if disk, spaceErr := space(h.StateDir); spaceErr == nil && disk.Free == 0 {
		return nil, diskFull(err)
	}
	return nil, err
}

// diskFull is the error for what failed since there is no space.
func diskFull(err error) error {
	return operation.Errorf(operation.CodeFailed, "the disk is full, so that Nix itself cannot work: %w", &operation.SpaceError{Err: err}).
		WithHint(FreeALittle)
}

// FreeALittle is what to do where nothing is free at all, so that not even a clean-up works.
const FreeALittle = "Free a few megabytes outside of the store first, such as old logs or downloads; then `ask-nix clean-up` frees the rest."

// NoRoom is the error of what Nix's daemon could not do as nothing is free where Nix has its
// database: it hangs up then, and does not say why. It is nil where that was not the cause.
func NoRoom(h *host.Host, err error) *operation.Error {
	var known *operation.SpaceError
	if !errors.Is(err, daemon.ErrHungUp) || errors.As(err, &known) {
		return nil
	}
	if disk, spaceErr := space(filepath.Join(h.StateDir, "db")); spaceErr != nil || disk.Free > 0 {
		return nil
	}
	return operation.AsError(diskFull(err))
}

// viewStore reads Nix's database and the roots, natively; what it cannot read itself
// it asks the daemon for.
func viewStore(ctx context.Context, h *host.Host) (view *storeView, err error) {
	view, db, err := viewRoots(ctx, h)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	view.graph, err = db.Graph(ctx)
	return view, err
}

// viewRoots reads the roots only, and leaves the database open for the rest.
func viewRoots(ctx context.Context, h *host.Host) (*storeView, *storedb.DB, error) {
	db, err := database(ctx, h)
	if err != nil {
		return nil, nil, err
	}
	derivations, outputs := h.Keeps()
	view := &storeView{liveness: storedb.Liveness{DropDerivations: !derivations, KeepOutputs: outputs}}
	if view.roots, err = db.Roots(ctx); err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return view, db, nil
}

// without are the roots that are left when generations are gone. Of a link both
// spellings may differ in the folder.
func (v *storeView) without(going []profile.Generation) []store.Path {
	real := realFolders{}
	gone := make(map[string]bool, len(going))
	names := make(map[string]bool, len(going))
	for _, g := range going {
		gone[real.link(g.Link)] = true
		names[filepath.Base(g.Link)] = true
	}
	paths := make([]store.Path, 0, len(v.roots))
	for _, root := range v.roots {
		if names[filepath.Base(root.Link)] && gone[real.link(root.Link)] {
			continue
		}
		paths = append(paths, root.Path)
	}
	return paths
}

// realFolders are folders with the links in them resolved.
type realFolders map[string]string

// link is a link with the links in its folder resolved.
func (r realFolders) link(link string) string {
	folder, name := filepath.Split(link)
	real, known := r[folder]
	if !known {
		real = folder
		if resolved, err := filepath.EvalSymlinks(folder); err == nil {
			real = resolved
		}
		r[folder] = real
	}
	return filepath.Join(real, name)
}

// freed sums up what a collection would free once generations are gone: what is dead
// already, too.
func (v *storeView) freed(going []profile.Generation) storedb.Usage {
	return storedb.Sum(v.graph.Dead(v.without(going), v.liveness))
}
