package environment

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"luminousnix/nix/profile/manifest"
	"luminousnix/nix/store"
)

// maxManifest is the greatest size of a manifest in bytes; 10,000 packages need
// three million.
const maxManifest = 64 << 20

// Load reads the manifest of what a profile points at, or returns that of an
// empty profile for the path "". A profile of nix-env is taken over as `nix
// profile` does it, see [manifest.FromNixEnv].
//
// A manifest.json says which format it has; otherwise it gets the format fresh.
//
// Its error is a [*NoManifestError], a [*manifest.VersionError],
// [*manifest.ParseError] or [*manifest.LiteralError], or the file system's.
func Load(dir store.Dir, current store.Path, fresh manifest.Format) (*manifest.Manifest, error) {
	m := &manifest.Manifest{Format: fresh}
	if current == "" {
		return m, nil
	}
	data, err := readFile(filepath.Join(string(current), manifestName))
	if err == nil {
		m, err = manifest.Parse(dir, data)
		if err != nil {
			return nil, fmt.Errorf("environment: %s: %w", current, err)
		}
		return m, nil
	}
	if !isNothing(err) {
		return nil, fmt.Errorf("environment: %w", err)
	}
	data, err = readFile(filepath.Join(string(current), "manifest.nix"))
	if isNothing(err) {
		return nil, noManifest(current)
	}
	if err != nil {
		return nil, fmt.Errorf("environment: %w", err)
	}
	installed, err := manifest.ParseNixEnv(dir, data)
	if err != nil {
		return nil, fmt.Errorf("environment: %s: %w", current, err)
	}
	m = manifest.FromNixEnv(installed)
	m.Format = fresh
	return m, nil
}

// noManifest tells a path without a manifest from one that does not exist.
func noManifest(path store.Path) error {
	if _, err := os.Lstat(string(path)); err != nil {
		return fmt.Errorf("environment: %w", err)
	}
	return &NoManifestError{path}
}

func readFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxManifest+1))
	if err == nil && len(data) > maxManifest {
		err = &fs.PathError{Op: "read", Path: name, Err: syscall.EFBIG}
	}
	return data, err
}

// Options says how a profile is changed.
type Options struct {
	// Priority is that of packages that are added, nil for
	// manifest.DefaultPriority.
	Priority *int
	// Format is that of a profile that was empty or made by nix-env. The zero
	// value is the one of Nix 2.20 and later, which earlier ones cannot read.
	Format manifest.Format
	// Convert says that a profile that has another format gets Format, too:
	// each Nix does so with the format of its own.
	Convert bool
}

// Add makes the environment of the profile at current, "" for none, with each
// of the paths added as an element: what `nix profile install PATH…`, later `nix
// profile add`, makes of it. Like these it adds a path again that is there
// already, under another name.
//
// Its error is that of Load or Build, or [ErrNoPriorities].
func Add(ctx context.Context, dir store.Dir, current store.Path, paths []store.Path, options Options) (*Environment, error) {
	m, err := options.load(dir, current)
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		e := manifest.ForPaths(path)
		if options.Priority != nil {
			e.Priority = *options.Priority
		}
		if e.Priority != manifest.DefaultPriority && !m.Format.HasPriorities() {
			return nil, ErrNoPriorities
		}
		m.Add(e)
	}
	return Build(ctx, dir, m)
}

// Remove makes the environment of the profile at current without the elements
// that one of the functions matches, such as [manifest.Named]. It returns these,
// too.
//
// Its error is that of Load or Build, or [ErrNoMatch].
func Remove(ctx context.Context, dir store.Dir, current store.Path, options Options, match ...func(*manifest.Element) bool) (*Environment, []manifest.Element, error) {
	m, err := options.load(dir, current)
	if err != nil {
		return nil, nil, err
	}
	removed := m.Remove(match...)
	if len(removed) == 0 {
		return nil, nil, ErrNoMatch
	}
	e, err := Build(ctx, dir, m)
	if err != nil {
		return nil, nil, err
	}
	return e, removed, nil
}

func (o Options) load(dir store.Dir, current store.Path) (*manifest.Manifest, error) {
	m, err := Load(dir, current, o.Format)
	if err == nil && o.Convert {
		m.Format = o.Format
	}
	return m, err
}
