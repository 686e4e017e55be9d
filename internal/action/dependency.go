package action

import (
	"context"
	"fmt"
	"strings"

	"luminousnix/internal/nixos"
	"luminousnix/internal/operation"
	"luminousnix/nix/derivation"
	"luminousnix/nix/profile"
	"luminousnix/nix/store"
	"luminousnix/nix/storedb"
)

// explainDependency says why the paths of a package are here: the shortest way along
// references from the current generation; where it does not need the package, from
// whatever else keeps it.
func explainDependency(ctx context.Context, m *Machine, args operation.Arguments, _ operation.Observer) (Answer, error) {
	chosen := m.Host.Profile(args.Profile)
	target, err := currentTarget(ctx, m, chosen.Profile)
	if err != nil {
		return Answer{}, err
	}
	if target == "" && args.Profile != "" {
		return Answer{}, fmt.Errorf("%s: %w", chosen.Profile, profile.ErrNotExist)
	}
	view, err := viewStore(ctx, m.Host)
	if err != nil {
		return Answer{}, err
	}
	name := string(args.Packages[0])
	if len(args.Packages) > 1 {
		return Answer{}, operation.Errorf(operation.CodeUsage, "one package at a time can be explained").
			WithHint("Ask for each by itself, such as: ask-nix why-depends " + name)
	}
	data := &operation.Dependency{Package: name, Root: target, Ways: []operation.Way{}}
	answer := Answer{Data: data, Warnings: note(chosen)}
	if path, err := m.Host.StoreDir.Parse(target); err == nil {
		if closure, err := view.graph.Closure(path); err == nil {
			data.Ways, err = view.ways([]store.Path{path}, called(closure, name))
			if err != nil {
				return Answer{}, err
			}
		}
	}
	if n := len(data.Ways); n > 0 {
		answer.Message = fmt.Sprintf("%s is needed by the current generation.", name)
		if n > 1 {
			answer.Message = fmt.Sprintf("%s is needed by the current generation, in %d store paths.", name, n)
		}
		return answer, nil
	}
	return elsewhere(view, answer, data)
}

// called are the paths of a package: those of just that name, or else those whose name
// it begins, with a version right behind it, as python3 is called python too.
func called(objects []storedb.Object, name string) []store.Path {
	var exact, near []store.Path
	for _, o := range objects {
		pname, _ := nixos.PackageOf(o.Path)
		rest, begins := strings.CutPrefix(strings.ToLower(pname), strings.ToLower(name))
		switch {
		case strings.HasSuffix(o.Path.Name(), derivation.Extension):
		case begins && rest == "" || o.Path.Name() == name:
			exact = append(exact, o.Path)
		case begins && strings.Trim(rest, "0123456789._-") == "":
			near = append(near, o.Path)
		}
	}
	if len(exact) > 0 {
		return exact
	}
	return near
}

// ways are the shortest ways from the roots to each of the paths that can be reached.
func (v *storeView) ways(roots, paths []store.Path) ([]operation.Way, error) {
	ways := []operation.Way{}
	for i, way := range v.graph.Ways(roots, paths) {
		if way == nil {
			continue
		}
		users, err := v.graph.Referrers(paths[i])
		if err != nil {
			return nil, err
		}
		found := operation.Way{Path: string(paths[i]), UsedBy: []string{}}
		for _, path := range way {
			found.Chain = append(found.Chain, string(path))
		}
		for _, user := range users {
			if user.Path != paths[i] {
				found.UsedBy = append(found.UsedBy, string(user.Path))
			}
		}
		ways = append(ways, found)
	}
	return ways, nil
}

// elsewhere explains a package that the current generation does not need: by another
// root, or by nothing at all.
func elsewhere(view *storeView, answer Answer, data *operation.Dependency) (Answer, error) {
	found := called(view.graph.Objects(), data.Package)
	if len(found) == 0 {
		return Answer{}, operation.Errorf(operation.CodeNotFound, "nothing in the store is called %s", data.Package).
			WithHint(fmt.Sprintf("`ask-nix installed %s` and `ask-nix search %s` look for similar names.", data.Package, data.Package))
	}
	links := map[store.Path]string{}
	var roots []store.Path
	for _, root := range view.roots {
		if links[root.Path] == "" {
			links[root.Path] = root.Link
			roots = append(roots, root.Path)
		}
	}
	var err error
	if data.Ways, err = view.ways(roots, found); err != nil {
		return Answer{}, err
	}
	data.Root = ""
	for i := range data.Ways {
		data.Ways[i].Root = links[store.Path(data.Ways[i].Chain[0])]
	}
	answer.Message = fmt.Sprintf("The current generation does not need %s, but something else does.", data.Package)
	if len(data.Ways) == 0 {
		answer.Message = fmt.Sprintf("%s is in the store, but nothing that is kept refers to it.", data.Package)
		answer.Suggestions = []string{"ask-nix collect-garbage --dry-run"}
	}
	return answer, nil
}
