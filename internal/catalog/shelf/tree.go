package shelf

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"luminousnix/internal/catalog"
	"luminousnix/internal/catalog/listing"
	"luminousnix/internal/catalog/vocabulary"
	"luminousnix/internal/evaluation"
	"luminousnix/nix/eval"
	"luminousnix/nix/nixpkgs"
	"luminousnix/nix/store"
)

// A Tree is a folder of nixpkgs, and how to evaluate it.
type Tree struct {
	// Path is the folder. It may be a symbolic link, as channels are.
	Path string
	// Name is what people call it; its version if "".
	Name string
	// Store is the folder of the store, /nix/store if "".
	Store store.Dir
	// System is what the packages are for, that of this machine if "".
	System string
	// Workers is how many packages are evaluated at once, GOMAXPROCS if 0, and
	// MaxMemory how many bytes the program may come to use for that;
	// [evaluation.MemoryLimit] if 0.
	Workers   int
	MaxMemory int64
	// SearchPath is where <name> is looked for.
	SearchPath []eval.SearchEntry
	// WithoutPaths leaves out where packages are in the store. What only shows when a
	// derivation is made, that it is refused or fails, is then not known either.
	WithoutPaths bool
	// Evaluator evaluates the options; those of the snapshot are taken if it is nil.
	Evaluator evaluation.Evaluator
}

// A PackageError tells why a package cannot be evaluated.
type PackageError struct{ Attribute, Reason string }

func (e *PackageError) Error() string { return e.Attribute + ": " + e.Reason }

// A TreeError tells that a folder cannot be evaluated as one of nixpkgs.
type TreeError struct {
	Path string
	Err  error // an *[eval.Error], or one of the file system
}

func (e *TreeError) Error() string {
	return fmt.Sprintf("the packages in %s cannot be listed: %v", e.Path, e.Err)
}

func (e *TreeError) Unwrap() error { return e.Err }

// Build makes the catalogue of a tree of nixpkgs: its packages, with the programs in
// its programs.sqlite if it has one, its options, and what its aliases.nix says of
// names. If the tree is in the store, or has a .git-revision, and the index was made
// of it already, that is left alone.
//
// For the 24,000 packages of 19.09 it takes half a minute and two to four gigabytes
// of memory, WithoutPaths five seconds and one gigabyte.
//
// Build calls onProgress, if that is not nil, from one goroutine with the number of
// packages that were evaluated so far; the options follow after the last.
//
// If the tree cannot be evaluated at all the error is a *[TreeError].
func (s Shelf) Build(ctx context.Context, t Tree, onProgress func(count int)) (Built, error) {
	if err := t.resolve(); err != nil {
		return Built{}, err
	}
	b := &build{tree: &t, onProgress: onProgress, platforms: make(map[*string]string)}
	src := b.source(ctx)
	if old, same := s.has(Installed, src.ID); same && b.revision.id != "" {
		return Built{Listed: old, Warnings: b.warnings, Unchanged: true}, nil
	}
	if err := catalog.Build(ctx, s.path(Installed), src, nil); err != nil {
		return b.built(Listed{}), err
	}
	made, err := s.made(Installed)
	return b.built(made), err
}

// resolve fills in what is not said.
func (t *Tree) resolve() error {
	path, err := filepath.Abs(t.Path)
	if err == nil {
		path, err = filepath.EvalSymlinks(path)
	}
	if err != nil {
		return &TreeError{t.Path, err}
	}
	t.Path = path
	if t.Store == "" {
		t.Store = store.DefaultDir
	}
	if t.MaxMemory == 0 {
		t.MaxMemory = evaluation.MemoryLimit()
	}
	t.System = systemOr(t.System)
	return nil
}

// build is the making of one catalogue.
type build struct {
	tree       *Tree
	revision   revision
	onProgress func(count int)
	aliases    map[string]bool    // names that stand for others
	platforms  map[*string]string // lists of platforms, which packages share, as text
	failures   []error
	warnings   []string
}

func (b *build) built(l Listed) Built {
	return Built{Listed: l, Failures: b.failures, Warnings: b.warnings}
}

func (b *build) warn(format string, args ...any) {
	b.warnings = append(b.warnings, fmt.Sprintf(format, args...))
}

// source is what the catalogue is made of. Nothing is evaluated yet.
func (b *build) source(ctx context.Context) catalog.Source {
	t := b.tree
	b.revision = revisionOf(t.Path, t.Store)
	src := catalog.Source{Name: t.Name, Parts: []catalog.Part{
		{Read: b.readPackages}, {Read: b.readOptions}, catalog.SnapshotPart(catalog.HomeOptionList),
	}}
	if src.Name == "" {
		src.Name = b.revision.name
	}
	if !b.revision.date.IsZero() {
		src.Date = day(b.revision.date)
	}
	sum := sha256.New()
	fmt.Fprintln(sum, b.revision.id, t.System, t.WithoutPaths, src.Date, catalog.Snapshot().ID)
	src.ID = idOf(src.Name, sum) + "-" + vocabulary.Version

	var err error
	if src.Programs, err = readPrograms(ctx, filepath.Join(t.Path, "programs.sqlite"), t.System); err != nil && !errors.Is(err, fs.ErrNotExist) {
		b.warn("the programs of packages are not known: %v", err)
	}
	if src.Renames, b.aliases, err = readRenames(filepath.Join(t.Path, aliasesFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		b.warn("the aliases of packages are not known: %v", err)
	}
	return src
}

// readPackages is the part of a catalogue with the packages of the tree.
func (b *build) readPackages(ctx context.Context, _ func(int64), yield func(listing.Entry) error) error {
	t, count := b.tree, 0
	for p, err := range nixpkgs.Packages(ctx, t.packages()) {
		var failed *nixpkgs.FailedError
		if b.aliases[p.Attribute] {
			continue // the renames tell what it is
		}
		if errors.As(err, &failed) {
			// Without the error, which holds all that was being evaluated.
			b.failures = append(b.failures, &PackageError{failed.Attribute, firstLine(failed.Err)})
			if p.Name == "" {
				continue // nothing is known of it, such as what a throw replaces
			}
		} else if err != nil {
			return b.treeError(ctx, err)
		}
		e := b.entry(&p)
		// What only Nix itself can evaluate is available all the same.
		var unsupported *eval.NotSupportedError
		e.Unavailable = e.Unavailable || failed != nil && !errors.As(err, &unsupported)
		if err := yield(e); err != nil {
			return err
		}
		if count++; b.onProgress != nil {
			b.onProgress(count)
		}
	}
	if count == 0 {
		return &TreeError{t.Path, errEmpty}
	}
	return nil
}

func (b *build) treeError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return &TreeError{b.tree.Path, err}
}

// packages says how to evaluate the packages.
func (t *Tree) packages() nixpkgs.Options {
	return nixpkgs.Options{
		Tree: t.Path, Config: t.config(), Workers: t.Workers, WithoutPaths: t.WithoutPaths,
		Eval: eval.Options{
			Store:         &eval.DryStore{Directory: t.Store},
			SearchPath:    t.SearchPath,
			BaseDir:       t.Path,
			CurrentSystem: t.System,
			MaxMemory:     max(t.MaxMemory, 0),
		},
	}
}

// config is the configuration with which channels list packages, if the tree has it:
// that looks into sets that nix-env does not look into, and leaves aliases out, which
// would else hide what they stand for where they come first in the alphabet. Packages
// of trees that do not have it may need the aliases, which are then left out here.
func (t *Tree) config() string {
	own := filepath.Join(t.Path, "pkgs/top-level/packages-config.nix")
	if _, err := os.Stat(own); err != nil {
		return nixpkgs.AllowAll
	}
	return "import " + quoteNix(own) + " // " + nixpkgs.AllowAll + " // { allowAliases = false; }"
}

// quoteNix writes a string in the Nix language.
func quoteNix(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "${", "\\${").Replace(s) + `"`
}

// entry is a package as catalogues have it.
func (b *build) entry(p *nixpkgs.Package) listing.Entry {
	e := listing.Entry{
		Kind: listing.Package, Attribute: p.Attribute, Name: p.PName, Version: p.Version,
		Description: p.Description, Position: strings.TrimPrefix(p.Position, b.tree.Path+"/"),
		License: strings.Join(p.Licenses, ", "), MainProgram: p.MainProgram,
		Platforms: b.platformsOf(p.Platforms), OutputPath: string(p.OutputPath),
		Broken: p.Broken, Unfree: p.Unfree, Insecure: p.Insecure(),
	}
	if len(p.Homepage) > 0 {
		e.Homepage = p.Homepage[0]
	}
	foreign := len(p.Platforms) > 0 && !slices.Contains(p.Platforms, b.tree.System)
	e.Unavailable = p.Broken || foreign || p.Refused != ""
	return e
}

func (b *build) platformsOf(list []string) string {
	if len(list) == 0 {
		return ""
	}
	text, known := b.platforms[&list[0]]
	if !known {
		text = strings.Join(list, " ")
		b.platforms[&list[0]] = text
	}
	return text
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}
