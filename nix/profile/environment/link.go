package environment

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"luminousnix/nix/store"
)

// Package is a store path to link.
type Package struct {
	Path store.Path
	// Priority decides between packages that have the same file: the one with
	// the lower number provides it.
	Priority int
}

const (
	// propagatedFile lists packages that must be in a profile together with the
	// package that the file is in.
	propagatedFile = "nix-support/propagated-user-env-packages"
	// propagatedPriority is the priority of the first of them. Each further
	// one has the next number.
	propagatedPriority = 1000
	// maxPropagated is the longest list of them in bytes.
	maxPropagated = 1 << 20
	// maxEntries is how many files are visited. Links in packages that lead
	// in circles have no end otherwise.
	maxEntries = 1 << 22
)

// Link makes the tree of the packages, whose order does not matter.
//
// A directory that only one package has is one link; where several packages
// have it, it is a directory with links to what is in theirs. Not in the tree
// are names that begin with a dot, links to nothing, and what only the making
// of packages needs or each package has for itself, such as nix-support and
// share/info/dir. Packages that others ask to have with them, in their
// nix-support/propagated-user-env-packages, are linked after all others, with
// priorities from 1000 on.
//
// Its error is a [*ConflictError], a [*KindError], a [*TooManyError], that of ctx, or
// the file system's.
func Link(ctx context.Context, packages []Package) (*Tree, error) {
	l := linker{
		tree:      &Tree{Root: newDirectory()},
		done:      make(map[store.Path]bool),
		postponed: make(map[store.Path]bool),
	}
	sorted := slices.Clone(packages)
	slices.SortFunc(sorted, func(a, b Package) int {
		return cmp.Or(cmp.Compare(a.Priority, b.Priority), cmp.Compare(a.Path, b.Path))
	})
	for _, p := range sorted {
		if err := l.add(ctx, p); err != nil {
			return nil, fmt.Errorf("environment: %w", err)
		}
	}
	for priority := propagatedPriority; len(l.postponed) > 0; {
		paths := slices.Sorted(maps.Keys(l.postponed))
		clear(l.postponed)
		for _, path := range paths {
			if err := l.add(ctx, Package{path, priority}); err != nil {
				return nil, fmt.Errorf("environment: %w", err)
			}
			priority++
		}
	}
	return l.tree, nil
}

type linker struct {
	tree            *Tree
	done, postponed map[store.Path]bool
	visited         int
}

func newDirectory() *Node { return &Node{Entries: make(map[string]*Node)} }

// add links a package, unless that was done, and notes what it propagates.
func (l *linker) add(ctx context.Context, p Package) error {
	if l.done[p.Path] {
		return nil
	}
	l.done[p.Path] = true
	if err := l.merge(ctx, string(p.Path), l.tree.Root, p); err != nil {
		return err
	}
	propagated, err := readPropagated(string(p.Path))
	if err != nil {
		return err
	}
	for _, path := range propagated {
		if !l.done[path] {
			l.postponed[path] = true
		}
	}
	return nil
}

func readPropagated(dir string) ([]store.Path, error) {
	f, err := os.Open(filepath.Join(dir, propagatedFile))
	if isNothing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxPropagated+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxPropagated {
		return nil, &fs.PathError{Op: "read", Path: f.Name(), Err: syscall.EFBIG}
	}
	var paths []store.Path
	separates := func(r rune) bool { return r == ' ' || r == '\n' }
	for _, path := range strings.FieldsFunc(string(text), separates) {
		if !filepath.IsAbs(path) {
			return nil, &fs.PathError{Op: "link", Path: path, Err: errors.New("not an absolute path, in " + f.Name())}
		}
		paths = append(paths, store.Path(path))
	}
	return paths, nil
}

// isNothing says whether an error means that there is no such file.
func isNothing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// merge links what is in the directory src of package p into dst.
func (l *linker) merge(ctx context.Context, src string, dst *Node, p Package) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	entries, err := os.ReadDir(src)
	if errors.Is(err, syscall.ENOTDIR) {
		l.skip(src, NotDirectory)
		return nil
	}
	if err != nil {
		return err
	}
	if l.visited += len(entries); l.visited > maxEntries {
		return &TooManyError{p.Path}
	}
	for _, entry := range entries {
		name := entry.Name()
		if name[0] == '.' {
			continue
		}
		path := src + "/" + name
		isDir, err := leadsToDirectory(path, entry)
		if isNothing(err) {
			l.skip(path, Dangling)
			continue
		}
		if err != nil {
			return err
		}
		if isLeftOut(path) {
			continue
		}
		if isDir {
			err = l.placeDirectory(ctx, path, dst, name, p)
		} else {
			err = placeFile(path, dst, name, p)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (l *linker) skip(path string, why SkipReason) {
	l.tree.Skipped = append(l.tree.Skipped, Skipped{path, why})
}

// leadsToDirectory says whether an entry is a directory or a link to one. Only
// for links it asks the file system again.
func leadsToDirectory(path string, entry fs.DirEntry) (bool, error) {
	if entry.Type()&fs.ModeSymlink == 0 {
		return entry.IsDir(), nil
	}
	info, err := os.Stat(path)
	return err == nil && info.IsDir(), err
}

// isLeftOut says whether a file or directory is in no profile, though it is in
// a package.
func isLeftOut(path string) bool {
	for _, suffix := range [...]string{
		"/propagated-build-inputs", "/nix-support", "/perllocal.pod",
		"/info/dir", "/log", "/manifest.nix", "/manifest.json",
	} {
		if strings.HasSuffix(path, suffix) {
			return true
		}
	}
	return false
}

func (l *linker) placeDirectory(ctx context.Context, path string, dst *Node, name string, p Package) error {
	old := dst.Entries[name]
	if old == nil {
		dst.Entries[name] = &Node{Target: path, from: p.Path, priority: p.Priority}
		return nil
	}
	if !old.IsDir() {
		opened, err := l.open(ctx, old, path, p)
		if err != nil {
			return err
		}
		dst.Entries[name] = opened
		old = opened
	}
	return l.merge(ctx, path, old, p)
}

// open returns, in place of a link to a directory, a directory with links to
// what is in there. Those have the path without any links in it.
func (l *linker) open(ctx context.Context, link *Node, path string, p Package) (*Node, error) {
	target, err := filepath.EvalSymlinks(link.Target)
	if err != nil {
		return nil, err
	}
	info, err := os.Lstat(target)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, &KindError{Directory: path, DirectoryOf: p.Path, File: link.Target, FileOf: link.from}
	}
	opened := newDirectory()
	opened.from, opened.origin = link.from, link.Target
	return opened, l.merge(ctx, target, opened, Package{link.from, link.priority})
}

func placeFile(path string, dst *Node, name string, p Package) error {
	old := dst.Entries[name]
	switch {
	case old == nil:
	case old.IsDir():
		return &KindError{Directory: old.origin, DirectoryOf: old.from, File: path, FileOf: p.Path}
	case old.priority == p.Priority:
		return &ConflictError{
			First: old.Target, FirstPackage: old.from,
			Second: path, SecondPackage: p.Path, Priority: p.Priority,
		}
	case old.priority < p.Priority:
		return nil
	}
	dst.Entries[name] = &Node{Target: path, from: p.Path, priority: p.Priority}
	return nil
}
