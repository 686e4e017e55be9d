// Package shelf keeps the catalogues of a machine side by side in one folder: one
// made from the nixpkgs that the machine is built from, one of the newest channel,
// and the snapshot that came with the program. A search uses the first of them that
// there is; the others tell what is newer.
//
// [Shelf.Update] makes the second, [Shelf.Build] the first. Whatever goes wrong with
// that, the catalogue that was there before stays.
//
// Files: shelf.go finds and opens them, channel.go downloads the listings of a
// channel, of which meter.go watches the requests, tree.go evaluates a folder of
// nixpkgs, options.go its NixOS options, revision.go, renames.go and programs.go
// read what else such a folder tells.
package shelf

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"luminousnix/internal/catalog"
)

// A Role is what a catalogue is for. Each has one place on the shelf.
type Role string

// The roles, the preferred one first.
const (
	Installed Role = "installed" // the nixpkgs that the machine is built from
	Newest    Role = "newest"    // the newest revision of a channel
	Snapshot  Role = "snapshot"  // came with the program
)

// A Shelf is a folder of catalogues. It need not exist.
type Shelf struct{ Dir string }

// path is where the catalogue of a role is; that of the snapshot, which has its
// revision in its name, is left to package catalog.
func (s Shelf) path(role Role) string { return filepath.Join(s.Dir, string(role)+".index") }

func (s Shelf) snapshotPath() string { return filepath.Join(s.Dir, catalog.Snapshot().ID+".index") }

// A Book is an open catalogue and its role.
type Book struct {
	*catalog.Catalog
	Role Role
	// Damaged are the catalogues that would have been preferred but cannot be used.
	Damaged []Damage
}

// A Damage tells that a catalogue on the shelf cannot be used.
type Damage struct {
	Role Role
	Err  error
}

// Open opens the preferred catalogue. Where there is none but the snapshot, that is
// built first if need be, for which see [catalog.Open].
func (s Shelf) Open(ctx context.Context, onBuild func(done, total int64)) (*Book, error) {
	return s.open(ctx, nil, onBuild)
}

// open leaves out what is known to be damaged.
func (s Shelf) open(ctx context.Context, damaged []Damage, onBuild func(done, total int64)) (*Book, error) {
	for _, role := range []Role{Installed, Newest} {
		if slices.ContainsFunc(damaged, func(d Damage) bool { return d.Role == role }) {
			continue
		}
		c, err := catalog.OpenFile(s.path(role))
		if err == nil {
			return &Book{c, role, damaged}, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			damaged = append(damaged, Damage{role, err})
		}
	}
	_, missing := os.Stat(s.snapshotPath())
	c, err := catalog.Open(ctx, s.Dir, catalog.Snapshot(), onBuild)
	if err != nil {
		return nil, err
	}
	if missing != nil {
		s.removeOlder()
	}
	return &Book{c, Snapshot, damaged}, nil
}

// OpenReady is Open where no index has to be built. Its error matches fs.ErrNotExist if
// there is none.
func (s Shelf) OpenReady(ctx context.Context) (*Book, error) {
	for _, path := range []string{s.path(Installed), s.path(Newest), s.snapshotPath()} {
		if _, err := os.Stat(path); err == nil {
			return s.Open(ctx, nil)
		}
	}
	return nil, &fs.PathError{Op: "open", Path: s.Dir, Err: fs.ErrNotExist}
}

// removeOlder removes the indexes of snapshots that came with earlier versions of the
// program, or with an earlier vocabulary. One that cannot be removed only takes
// space.
func (s Shelf) removeOlder() {
	all, _ := filepath.Glob(filepath.Join(s.Dir, catalog.Snapshot().Name+"-*.index")) // only a bad pattern is an error
	for _, path := range all {
		if path != s.snapshotPath() {
			_ = os.Remove(path)
		}
	}
}

// Replace closes a book that turned out to be damaged when it was read, and opens the
// next one. The snapshot is built again; a damaged catalogue that was made from
// something else stays where it is until it is made again.
func (s Shelf) Replace(ctx context.Context, damaged *Book, cause error) (*Book, error) {
	damaged.Close()
	if damaged.Role == Snapshot {
		if err := os.Remove(s.snapshotPath()); err != nil {
			return nil, errors.Join(cause, err)
		}
		return s.open(ctx, damaged.Damaged, nil)
	}
	return s.open(ctx, append(damaged.Damaged, Damage{damaged.Role, cause}), nil)
}

// OpenNewer opens the catalogue of the newest channel if it is of a later day than
// book; else it returns nil.
func (s Shelf) OpenNewer(book *Book) *Book {
	if book.Role != Installed {
		return nil
	}
	c, err := catalog.OpenFile(s.path(Newest))
	if err != nil {
		return nil // it is of no use; List says why
	}
	_, own := book.Source()
	if _, date := c.Source(); date <= own {
		c.Close()
		return nil
	}
	return &Book{c, Newest, nil}
}

// OpenNewest opens the catalogue of the newest channel. Its error matches
// fs.ErrNotExist if there is none.
func (s Shelf) OpenNewest() (*Book, error) {
	c, err := catalog.OpenFile(s.path(Newest))
	if err != nil {
		return nil, err
	}
	return &Book{c, Newest, nil}, nil
}

// Age is how long ago the catalogue of the newest channel was made; ok is false if
// there is none.
func (s Shelf) Age(now time.Time) (age time.Duration, ok bool) {
	info, err := os.Stat(s.path(Newest))
	if err != nil {
		return 0, false
	}
	return now.Sub(info.ModTime()), true
}

// A Listed is a place on the shelf.
type Listed struct {
	Role       Role
	Path       string
	Bytes      int64 // 0 if it is not there
	Name, Date string
	ID         string // of the source that it was made from
	Entries    int
	Err        error // why it cannot be used
}

// List describes the catalogues that are there, all of whose contents it checks. The
// snapshot is always among them, though it may not have been built yet.
func (s Shelf) List() []Listed {
	var all []Listed
	for _, role := range []Role{Installed, Newest} {
		if l, ok := list(role, s.path(role)); ok {
			all = append(all, l)
		}
	}
	src := catalog.Snapshot()
	l, ok := list(Snapshot, s.snapshotPath())
	if !ok {
		l = Listed{Role: Snapshot, Name: src.Name, Date: src.Date}
	}
	return append(all, l)
}

func list(role Role, path string) (l Listed, ok bool) {
	info, err := os.Stat(path)
	if err != nil {
		return l, false
	}
	l = Listed{Role: role, Path: path, Bytes: info.Size()}
	c, err := catalog.OpenFile(path)
	if err != nil {
		l.Err = err
		return l, true
	}
	defer c.Close()
	l.Name, l.Date = c.Source()
	l.ID = c.ID()
	l.Entries = c.Len()
	l.Err = c.Verify()
	return l, true
}

// A Built is a catalogue that was made.
type Built struct {
	Listed
	// Failures are the packages of a tree that could not be evaluated, and why: each
	// is a *[PackageError].
	Failures []error
	// Warnings are sentences about what it lacks, or has from elsewhere.
	Warnings []string
	// Unchanged is set if what is on the shelf was of the same revision already.
	Unchanged bool
}

// has tells whether the catalogue of a role is whole and was made from the source of
// that ID.
func (s Shelf) has(role Role, id string) (Listed, bool) {
	l, ok := list(role, s.path(role))
	return l, ok && l.Err == nil && l.ID == id
}

// made describes a catalogue that was just made.
func (s Shelf) made(role Role) (Listed, error) {
	l, ok := list(role, s.path(role))
	if !ok {
		return l, &fs.PathError{Op: "open", Path: s.path(role), Err: fs.ErrNotExist}
	}
	return l, l.Err
}
