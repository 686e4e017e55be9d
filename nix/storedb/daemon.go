package storedb

import (
	"context"
	"slices"
	"strings"

	"luminousnix/nix/store"
)

// The answers of the daemon in place of the database.

func daemonClosures(ctx context.Context, d Daemon, paths []store.Path) (closures [][]Object, err error) {
	closures = make([][]Object, len(paths))
	for i, path := range paths {
		if closures[i], err = daemonClosure(ctx, d, path); err != nil {
			return nil, err
		}
	}
	return closures, nil
}

// daemonClosure asks for all paths of the same distance from the first at once.
func daemonClosure(ctx context.Context, d Daemon, path store.Path) ([]Object, error) {
	var closure []Object
	seen := map[store.Path]bool{path: true}
	for wave := []store.Path{path}; len(wave) > 0; {
		infos, err := d.PathInfos(ctx, wave)
		if err != nil {
			return nil, err
		}
		wave = nil
		for _, info := range infos {
			if info == nil {
				continue // collected since; the first one never was there
			}
			closure = append(closure, Object{info.Path, info.NarSize})
			for _, reference := range info.References {
				if !seen[reference] {
					seen[reference] = true
					wave = append(wave, reference)
				}
			}
		}
	}
	return closure, nil
}

func daemonReferences(ctx context.Context, d Daemon, path store.Path) ([]Object, error) {
	infos, err := d.PathInfos(ctx, []store.Path{path})
	if err != nil || infos[0] == nil {
		return nil, err
	}
	return daemonObjects(ctx, d, infos[0].References)
}

func daemonReferrers(ctx context.Context, d Daemon, path store.Path) ([]Object, error) {
	referrers, err := d.Referrers(ctx, path)
	if err != nil {
		return nil, err
	}
	return daemonObjects(ctx, d, referrers)
}

func daemonUsage(ctx context.Context, d Daemon) (Usage, error) {
	paths, err := d.AllValidPaths(ctx)
	if err != nil {
		return Usage{}, err
	}
	objects, err := daemonObjects(ctx, d, paths)
	return Sum(objects), err
}

// daemonOutputs keeps to those outputs whose path is known. The daemon takes the
// question about a path that is no valid derivation as an error.
func daemonOutputs(ctx context.Context, d Daemon, drv store.Path) (map[string]store.Path, error) {
	outputs := map[string]store.Path{}
	if !isDerivation(drv) {
		return outputs, nil
	}
	if valid, err := d.IsValidPath(ctx, drv); err != nil || !valid {
		return outputs, err
	}
	all, err := d.DerivationOutputs(ctx, drv)
	for name, path := range all {
		if path != "" {
			outputs[name] = path
		}
	}
	return outputs, err
}

// daemonObjects returns those of the paths that are valid, by path.
func daemonObjects(ctx context.Context, d Daemon, paths []store.Path) ([]Object, error) {
	infos, err := d.PathInfos(ctx, paths)
	if err != nil {
		return nil, err
	}
	var objects []Object
	for _, info := range infos {
		if info != nil {
			objects = append(objects, Object{info.Path, info.NarSize})
		}
	}
	slices.SortFunc(objects, func(a, b Object) int { return strings.Compare(string(a.Path), string(b.Path)) })
	return objects, nil
}

func sorted(paths []store.Path, err error) ([]store.Path, error) {
	slices.Sort(paths)
	return paths, err
}

func isDerivation(path store.Path) bool { return strings.HasSuffix(string(path), ".drv") }
