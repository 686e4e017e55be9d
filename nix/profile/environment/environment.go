// Package environment makes the store object that a Nix profile points at: a
// tree of links to the files of all packages in the profile, with a
// manifest.json in it that lists them.
//
// The tree is no output of a derivation. Its store path follows from its
// content, so any user may add it to the store, and whoever makes the same tree
// of the same packages gets the same path: [Build] returns what `nix profile`
// would have made. [Link] is the first half of that, the tree alone.
//
// [Add] and [Remove] change the profile that has a given store path:
//
//	e, err := environment.Add(ctx, dir, current, []store.Path{hello}, environment.Options{})
//	err = conn.AddToStoreNar(ctx, e.Info, bytes.NewReader(e.NAR), daemon.AddOptions{})
//
// Whoever calls them adds the archive to the store, as above with package
// daemon, and makes e.Info.Path a generation of the profile, with package
// profile. The packages have to stay in the store meanwhile: hold temporary
// roots for them, or have them in the profile already.
//
// Facts are from Nix's buildenv.cc and profile.cc, checked against Nix 2.8, 2.26
// and 2.34.
package environment

import (
	"bytes"
	"context"
	"slices"

	"luminousnix/nix/profile/manifest"
	"luminousnix/nix/store"
)

// pathName is the name part of a profile's store path.
const pathName = "profile"

// Environment is the store object of a profile, ready to be added to a store.
type Environment struct {
	// Info describes it: path, hash and size of NAR, the packages as
	// references, and a content address, so that it needs no signature. The
	// store sets the time.
	Info *store.PathInfo
	// NAR is its archive. It has links only: some 200 bytes for each.
	NAR      []byte
	Tree     *Tree
	Manifest *manifest.Manifest
}

// Build makes the environment of a profile with that manifest. It reads the
// packages in the file system, so that their paths have to be valid.
//
// Its error is that of Link, a [*manifest.MarshalError], a [*nar.HeaderError] for
// a file name that no archive may have, or a [*store.MakeError].
func Build(ctx context.Context, dir store.Dir, m *manifest.Manifest) (*Environment, error) {
	text, err := m.Marshal()
	if err != nil {
		return nil, err
	}
	packages, references := contents(m)
	tree, err := Link(ctx, packages)
	if err != nil {
		return nil, err
	}
	var archive bytes.Buffer
	if err := tree.WriteNAR(&archive, text); err != nil {
		return nil, err
	}
	info, err := describe(dir, archive.Bytes(), references)
	if err != nil {
		return nil, err
	}
	return &Environment{Info: info, NAR: archive.Bytes(), Tree: tree, Manifest: m}, nil
}

// contents returns what is to be linked, and all that the manifest mentions.
func contents(m *manifest.Manifest) (packages []Package, references []store.Path) {
	for i := range m.Elements {
		e := &m.Elements[i]
		references = append(references, e.StorePaths...)
		if !e.Active {
			continue
		}
		priority := e.Priority
		if !m.Format.HasPriorities() {
			priority = manifest.DefaultPriority
		}
		for _, path := range e.StorePaths {
			packages = append(packages, Package{Path: path, Priority: priority})
		}
	}
	slices.Sort(references)
	return packages, slices.Compact(references)
}

// describe makes the info. A profile never refers to itself.
func describe(dir store.Dir, archive []byte, references []store.Path) (*store.PathInfo, error) {
	hash := store.Sum(store.SHA256, archive)
	address := store.ContentAddress{Method: store.Recursive, Hash: hash}
	path, err := dir.FixedOutputPath(pathName, address, store.References{Others: references})
	if err != nil {
		return nil, err
	}
	return &store.PathInfo{
		Path: path, NarHash: hash, NarSize: int64(len(archive)),
		References: references, ContentAddress: address,
	}, nil
}
