// Package catalog finds packages and options: by name, by part of a name, by what
// they are for, and in spite of typing errors. It works offline on the listings of
// a channel, or on what a tree of nixpkgs evaluates to.
//
// [Build] turns a [Source] into an index: one file that all processes map into
// memory and share. [OpenFile] opens one, [Open] builds it first where it is
// missing. Opening costs microseconds, since nothing is read before it is needed.
// [Catalog.Search] ranks packages and options for words, [Catalog.Lookup] finds
// those that go by exactly a name, [Catalog.WithProgram] those that have a program,
// and [Catalog.Nearest] helps with a name that was mistyped.
//
// A search takes the words of a query one by one and gathers evidence for each
// document: its name, a part of it, its set or path, the beginning of its
// description, a synonym, a concept, a similar spelling. Rare words count more than
// frequent ones. To that it adds the document's standing: how often others mention
// it, where it lies, whether it works. See rank.go for the weights.
//
// The vocabulary of aliases, synonyms and concepts (package vocabulary) is resolved
// when an index is built and lies in it.
//
// The index is data on disk that another program may have damaged: every block is
// checked before it is used, and a search that met a damaged one says so by a
// [*DamagedError].
package catalog

import (
	"context"
	"errors"
	"os"
	"sync"

	"luminousnix/internal/catalog/listing"
)

// A Kind tells packages and options apart.
type Kind = listing.Kind

// The kinds of entries.
const (
	Package    = listing.Package
	Option     = listing.Option     // of NixOS
	HomeOption = listing.HomeOption // of home-manager
)

// An Entry is a package or an option. Texts are as the packager wrote them, without
// control characters; one that is not known is "".
type Entry struct {
	Kind Kind
	// Attribute is the path below nixpkgs, such as "python313Packages.numpy", or
	// that of the option.
	Attribute   string
	Description string
	// Position is where it is declared: a file, for a package with its line.
	Position string

	// Name is the package's own name (pname), such as "numpy".
	Name, Version, Homepage string
	// License has short names joined by ", ".
	License string
	// MainProgram is what `nix run` would start, and Programs are others of the
	// package, as far as they are known.
	MainProgram string
	Programs    []string
	// Platforms are systems such as x86_64-linux, none if that is not known.
	Platforms  []string
	OutputPath string
	Broken     bool
	Unfree     bool
	Insecure   bool
	// Available is false if Nix would refuse to build it on the system that the
	// listing was made for: broken, not for it, in some listings unfree or insecure.
	Available bool

	// Type of an option, in words, and expressions for its default and an example.
	Type, Default, Example string
	// Package is the attribute of the package that an option is about.
	Package string
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
// when there is none, or when the one there can't be used. If dir can't be
// written, the index is built in memory: slower, with the same answers. Of several
// processes that find none one builds it, and the others wait for that.
//
// While building it calls onBuild, if that isn't nil, from one goroutine, with
// the bytes of the source that were read and their total (0 if unknown).
//
// If the source isn't a whole listing the error is a *[CorruptError].
func Open(ctx context.Context, dir string, src Source, onBuild func(done, total int64)) (*Catalog, error) {
	path, err := indexPath(dir, src.ID)
	if err != nil {
		return nil, err
	}
	c, err := openOf(path, src)
	if c != nil {
		return c, nil
	}
	if builder := awaitBuilder(ctx, path); builder != nil {
		defer doneBuilding(builder)
		if c, err = openOf(path, src); c != nil {
			return c, nil
		}
	}
	var damaged *DamagedError
	if err != nil && !errors.As(err, &damaged) && !errors.Is(err, os.ErrNotExist) {
		onBuild = nil // it won't be kept: people need not know of it each time
	}
	b, err := build(ctx, src, onBuild)
	if err != nil {
		return nil, err
	}
	// Not being able to keep the index is no reason not to answer.
	_ = writeIndex(path, b)
	return newCatalog(b, func() error { return nil })
}

// Build makes an index of a source at path. Whoever opens path sees the index that
// was there before, or the new one, whole. See [Open] for onBuild and errors.
func Build(ctx context.Context, path string, src Source, onBuild func(done, total int64)) error {
	b, err := build(ctx, src, onBuild)
	if err != nil {
		return err
	}
	return writeIndex(path, b)
}

func newCatalog(b []byte, release func() error) (*Catalog, error) {
	m, err := parseImage(b)
	if err != nil {
		return nil, err
	}
	c := &Catalog{image: m, source: m.source(), release: release}
	return c, m.err()
}

// Close unmaps the index.
func (c *Catalog) Close() error {
	c.image = nil
	return c.release()
}

// Len is the number of packages and options, variants and copies included.
func (c *Catalog) Len() int { return int(c.image.documents) }

// Source tells where the entries are from: the channel's name, and the day of its
// revision as YYYY-MM-DD.
func (c *Catalog) Source() (name, date string) { return c.source.name, c.source.date }

// Verify compares all of the index with its checksums. Its error is a
// *[DamagedError].
func (c *Catalog) Verify() error { return c.image.verify() }

// Err is a *[DamagedError] if something that was read so far turned out to be
// damaged. Answers may then lack something.
func (c *Catalog) Err() error { return c.image.err() }
