// Package catalog finds packages: by name, by part of a name, by what they are
// for, and in spite of typing errors. It works offline on the package listing
// of a channel.
//
// [Open] turns a listing ([Source]) into an index: one file that all processes
// map into memory and share. The first Open of a source builds it, in about a
// second; after that opening costs microseconds, since nothing is read before
// it is needed. [Catalog.Search] ranks packages for words, [Catalog.Lookup]
// finds the packages that go by exactly a name, and [Catalog.Nearest] helps
// with a name that was mistyped.
//
// A search takes the words of a query one by one and gathers evidence for each
// package: its name, a part of it, its set, the beginning of its description,
// a synonym, a concept of the vocabulary (synonyms.txt), a similar spelling.
// Rare words count more than frequent ones. To that it adds the package's
// standing: how often others mention it, whether it lies at the top level of
// nixpkgs, whether it works. See rank.go for the weights.
//
// The index is data on disk that another program may have damaged. Everything
// in it is checked before use, and an index that is damaged, truncated or of
// another version is built again.
package catalog

import (
	"context"
	"sync"
)

// A Package is one entry of the catalogue. Texts are as the packager wrote
// them, without control characters.
type Package struct {
	// Attribute is the path below nixpkgs, such as "python313Packages.numpy".
	Attribute string
	// Name is the package's own name (pname), such as "numpy".
	Name string
	// Version is "" if the packager gave none.
	Version     string
	Description string
	Homepage    string
	// License has short names joined by ", ", or "" if the source has none.
	License string
	// MainProgram is what `nix run` would start, or "" if unknown.
	MainProgram string
	Broken      bool
	Unfree      bool
	Insecure    bool
	// Available is false if Nix would refuse to build it here: broken, not for
	// this platform, and in some listings unfree or insecure.
	Available bool
}

// A Catalog is an open index. Its methods may be called concurrently, but not
// during or after Close.
type Catalog struct {
	image   *image
	source  sourceText
	release func() error
	scratch sync.Pool // of *scratch
}

// Open maps the index of src in the directory dir. It builds the index first
// when there is none, or when the one there is damaged or of another version of
// the format. If dir can't be written, the index is built in memory: slower,
// with the same answers.
//
// While building it calls onBuild, if that isn't nil, from one goroutine, with
// the bytes of the source that were read and their total (0 if unknown).
//
// If the source isn't a whole package listing the error is a *[CorruptError].
func Open(ctx context.Context, dir string, src Source, onBuild func(done, total int64)) (*Catalog, error) {
	path, err := indexPath(dir, src.ID)
	if err != nil {
		return nil, err
	}
	if c, err := openIndex(path, src.ID); err == nil {
		return c, nil
	}
	b, err := build(ctx, src, onBuild)
	if err != nil {
		return nil, err
	}
	// Not being able to keep the index is no reason not to answer.
	_ = writeIndex(path, b)
	return newCatalog(b, func() error { return nil })
}

func newCatalog(b []byte, release func() error) (*Catalog, error) {
	m, err := parseImage(b)
	if err != nil {
		return nil, err
	}
	return &Catalog{image: m, source: m.source(), release: release}, nil
}

// Close unmaps the index.
func (c *Catalog) Close() error {
	c.image = nil
	return c.release()
}

// Len is the number of packages, variants and copies included.
func (c *Catalog) Len() int { return int(c.image.documents) }

// Source tells where the packages are from: the channel's name, and the day of
// its revision as YYYY-MM-DD.
func (c *Catalog) Source() (name, date string) { return c.source.name, c.source.date }
