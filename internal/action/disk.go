package action

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"luminousnix/internal/nixos"
	"luminousnix/internal/operation"
	"luminousnix/nix/derivation"
	"luminousnix/nix/profile"
	"luminousnix/nix/store"
	"luminousnix/nix/storedb"
)

func diskUsage(ctx context.Context, m *Machine, args operation.Arguments, _ operation.Observer) (Answer, error) {
	var data operation.Disk
	for _, path := range []string{string(m.Host.StoreDir), m.Host.Path("boot")} {
		fileSystem, err := space(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue // not every machine has a /boot, or a store
		}
		if err != nil {
			return Answer{}, err
		}
		data.FileSystems = append(data.FileSystems, fileSystem)
	}
	if len(data.FileSystems) == 0 || data.FileSystems[0].Path != string(m.Host.StoreDir) {
		return Answer{}, operation.Errorf(operation.CodeNotFound, "there is no Nix store at %s", m.Host.StoreDir).
			WithHint("Install Nix, or set NIX_STORE_DIR to where the store is.")
	}
	usage, err := m.Backend.Usage(ctx)
	if err != nil {
		return Answer{}, err
	}
	data.StorePaths, data.StoreBytes = usage.Paths, usage.NarSize
	answer := Answer{
		Message: fmt.Sprintf("%s free of %s; the store holds %d paths of %s.", operation.Size(data.FileSystems[0].Free),
			operation.Size(data.FileSystems[0].Total), usage.Paths, operation.Size(usage.NarSize)),
		Data:        &data,
		Suggestions: []string{"ask-nix clean-up --dry-run"},
	}
	err = diskDetails(ctx, m, args, &data)
	if errors.Is(err, profile.ErrNotExist) {
		return Answer{}, err
	}
	if err != nil {
		answer.Warnings = append(answer.Warnings, fmt.Sprintf("what takes the space cannot be told: %v", err))
	}
	return answer, nil
}

// diskDetails finds what takes the space of the store: generations and packages.
func diskDetails(ctx context.Context, m *Machine, args operation.Arguments, data *operation.Disk) error {
	view, err := viewStore(ctx, m.Host)
	if err != nil {
		return err
	}
	data.Dead = view.freed(nil).NarSize
	data.Packages = largestPackages(view.graph.Objects(), rows(args))
	chosen := m.Host.Profile(args.Profile)
	state, err := m.Backend.Profile(ctx, chosen.Profile)
	if errors.Is(err, profile.ErrNotExist) && args.Profile == "" {
		return nil // Nix without any generation
	}
	if err != nil {
		return err
	}
	data.Profile = string(chosen.Profile)
	owners := make([][]store.Path, len(state.Generations))
	for i, g := range state.Generations {
		if path, err := m.Host.StoreDir.Parse(g.Target); err == nil { // else it keeps nothing
			owners[i] = []store.Path{path}
		}
	}
	shares := view.graph.Shares(owners, view.without(state.Generations), view.liveness)
	for i, g := range slices.Backward(state.Generations) {
		data.Generations = append(data.Generations, operation.GenerationSpace{
			Generation: operation.GenerationNumber(g.Number),
			Exclusive:  shares[i].Exclusive.NarSize, Shared: shares[i].Total.NarSize - shares[i].Exclusive.NarSize,
		})
	}
	return nil
}

// largestPackages sums up the paths of each package, derivations aside, and returns the
// largest first.
func largestPackages(objects []storedb.Object, most int) []operation.PackageSpace {
	byName := map[string]*operation.PackageSpace{}
	for _, o := range objects {
		if strings.HasSuffix(o.Path.Name(), derivation.Extension) {
			continue
		}
		name, version := nixos.PackageOf(o.Path)
		p := byName[name]
		if p == nil {
			p = &operation.PackageSpace{Name: name, Versions: []string{}}
			byName[name] = p
		}
		p.Paths++
		p.Bytes += o.NarSize
		if version != "" && !slices.Contains(p.Versions, version) {
			p.Versions = append(p.Versions, version)
		}
	}
	packages := make([]operation.PackageSpace, 0, len(byName))
	for _, p := range byName {
		slices.Sort(p.Versions)
		packages = append(packages, *p)
	}
	slices.SortFunc(packages, func(a, b operation.PackageSpace) int {
		return cmp.Or(cmp.Compare(b.Bytes, a.Bytes), cmp.Compare(a.Name, b.Name))
	})
	return packages[:min(most, len(packages))]
}

func space(path string) (operation.FileSystem, error) {
	var stat unix.Statfs_t
	if err := unix.Statfs(path, &stat); err != nil {
		return operation.FileSystem{}, fmt.Errorf("asking for the space of %s: %w", path, err)
	}
	block := stat.Frsize
	if block == 0 {
		block = stat.Bsize
	}
	return operation.FileSystem{
		Path:  path,
		Total: int64(stat.Blocks) * block,
		Used:  int64(stat.Blocks-stat.Bfree) * block,
		Free:  int64(stat.Bavail) * block,
	}, nil
}
