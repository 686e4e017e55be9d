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
	answer := Answer{Data: &data, Suggestions: []string{"ask-nix clean-up --dry-run"}}
	err := storeDisk(ctx, m, args, &data, &answer)
	var untold *untoldError
	if err != nil && !errors.As(err, &untold) {
		return Answer{}, err
	}
	answer.Message = fmt.Sprintf("%s free of %s; the store holds %d paths of %s.", operation.Size(data.FileSystems[0].Free),
		operation.Size(data.FileSystems[0].Total), data.StorePaths, operation.Size(data.StoreBytes))
	if untold != nil {
		answer.Warnings = append(answer.Warnings, fmt.Sprintf("what takes the space cannot be told: %v", untold.err))
	}
	return answer, nil
}

// untoldError is why it cannot be told what takes the space, where all else can.
type untoldError struct{ err error }

func (e *untoldError) Error() string { return e.err.Error() }

// storeDisk finds out how large the store is and what takes its space. Reading all of the
// store takes long, so that is kept: see diskKey. The answer is told whether the cache was
// asked, and had it.
func storeDisk(ctx context.Context, m *Machine, args operation.Arguments, data *operation.Disk, answer *Answer) error {
	version, versionErr := storedb.Version(m.Host.StateDir)
	keeps := versionErr == nil && m.Backend.Name() != "command"
	answer.CacheAsked = keeps && m.recalls()
	lately := diskKey(m, args, version, "lately")
	if answer.Cached = keeps && recallLately(m, lately, data); answer.Cached {
		return nil
	}
	links := rootLinks(ctx, m, args)
	state, err := diskProfile(ctx, m, args, data)
	if errors.Is(err, profile.ErrNotExist) {
		return err
	}
	var view *storeView
	var db *storedb.DB
	if err == nil {
		view, db, err = viewRoots(ctx, m.Host)
	}
	if err != nil {
		if usageErr := storeUsage(ctx, m, data); usageErr != nil {
			return usageErr
		}
		return &untoldError{err}
	}
	defer db.Close() // it was only read
	keeps = keeps && db.Fallback() == nil
	key := diskKey(m, args, version, exactly(view, state)...)
	if answer.Cached = keeps && recallDisk(m, key, data); !answer.Cached {
		if err := measureDisk(ctx, m, args, db, view, state, data); err != nil {
			return err
		}
		// Roots and graph were read one after the other, and have to be of one version.
		after, err := storedb.Version(m.Host.StateDir)
		if keeps = keeps && err == nil && after == version && db.Fallback() == nil; keeps {
			m.Remember(key, encodeDisk(data))
		}
	}
	if keeps && storedb.SameLinks(links) {
		m.RememberForAWhile(lately, withLinks(links, encodeDisk(data)))
	}
	return nil
}

func measureDisk(ctx context.Context, m *Machine, args operation.Arguments, db *storedb.DB, view *storeView, state profile.State, data *operation.Disk) (err error) {
	if view.graph, err = db.Graph(ctx); err != nil {
		if usageErr := storeUsage(ctx, m, data); usageErr != nil {
			return usageErr
		}
		return &untoldError{err}
	}
	usage := storedb.Sum(view.graph.Objects())
	data.StorePaths, data.StoreBytes = usage.Paths, usage.NarSize
	diskDetails(m, args, view, state, data)
	return nil
}

func storeUsage(ctx context.Context, m *Machine, data *operation.Disk) error {
	usage, err := m.Backend.Usage(ctx)
	data.StorePaths, data.StoreBytes = usage.Paths, usage.NarSize
	return err
}

// diskProfile reads the profile whose generations are told.
func diskProfile(ctx context.Context, m *Machine, args operation.Arguments, data *operation.Disk) (profile.State, error) {
	chosen := m.Host.Profile(args.Profile)
	state, err := profileLinks(ctx, m, chosen.Profile)
	switch {
	case errors.Is(err, profile.ErrNotExist) && args.Profile == "":
		return profile.State{}, nil // Nix without any generation
	case err == nil:
		data.Profile = string(chosen.Profile)
	}
	return state, err
}

// diskDetails tells what takes the space of the store: generations and packages.
func diskDetails(m *Machine, args operation.Arguments, view *storeView, state profile.State, data *operation.Disk) {
	data.Dead = view.freed(nil).NarSize
	data.Packages = largestPackages(view.graph.Objects(), rows(args))
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
		if version != "" {
			p.Versions = append(p.Versions, version)
		}
	}
	packages := make([]operation.PackageSpace, 0, len(byName))
	for _, p := range byName {
		slices.Sort(p.Versions)
		p.Versions = slices.Compact(p.Versions)
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
