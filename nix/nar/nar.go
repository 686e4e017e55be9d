// Package nar reads and writes Nix archives (NAR), the form in which Nix hashes,
// copies and downloads a store object.
//
// An archive holds one tree: a regular file, a directory or a symbolic link.
// It has no times, no owners and no permissions but whether a file is
// executable, and the entries of a directory are sorted; so equal trees have
// equal archives, and the hash of the archive is the hash of the tree.
//
// [Hash] and [Pack] go from a tree to a hash or an archive, and [Unpack] back.
// [Reader] and [Writer] handle single entries in the manner of archive/tar.
// All work in a stream: memory does not grow with the size of files, and no
// length in an archive is believed before its bytes are there.
//
// The format is accepted only as Nix writes it. Beyond that, names that no file
// can have, names with Nix's mark for case-insensitive file systems
// (~nix~case~hack~), and paths that are longer than Linux takes are refused.
package nar

import (
	"fmt"
	"strings"
)

// Type is the kind of a file, as the archive spells it.
type Type string

// The three types of files.
const (
	Regular   Type = "regular"
	Directory Type = "directory"
	Symlink   Type = "symlink"
)

// Header describes one entry of an archive.
type Header struct {
	Path       string // with slashes and relative to the root, which is ""
	Type       Type
	Executable bool   // of a regular file
	Size       int64  // of a regular file, in bytes
	Target     string // of a symbolic link
}

// Limits of Linux, without the final NUL.
const (
	maxName   = 255
	maxTarget = 4095
	maxPath   = 4095
)

const (
	magic    = "nix-archive-1"
	caseHack = "~nix~case~hack~"
	align    = 8 // strings and contents are padded with zeros to this many bytes
)

// Error says where an archive that is read is wrong, or ends too early, or what
// its source failed with.
type Error struct {
	Offset int64  // in the archive: where the wrong item begins, or where the source failed
	Path   string // of the entry
	Why    string
	Err    error // io.ErrUnexpectedEOF or the source's own error, or nil
}

func (e *Error) Error() string {
	return fmt.Sprintf("nar: at byte %d, entry %q: %s", e.Offset, e.Path, e.Why)
}

func (e *Error) Unwrap() error { return e.Err }

// HeaderError says why an entry cannot be written or cannot be written now.
type HeaderError struct {
	Path string
	Why  string
}

func (e *HeaderError) Error() string { return fmt.Sprintf("nar: entry %q: %s", e.Path, e.Why) }

// checkName returns why no entry may have the name, or "".
func checkName(name string) string {
	switch {
	case name == "" || name == "." || name == "..":
		return fmt.Sprintf("%q is not the name of a file", name)
	case len(name) > maxName:
		return fmt.Sprintf("the name has %d bytes, more than %d", len(name), maxName)
	case strings.IndexByte(name, '/') >= 0:
		return fmt.Sprintf("the name %q has a slash", name)
	case strings.IndexByte(name, 0) >= 0:
		return fmt.Sprintf("the name %q has a NUL", name)
	case strings.Contains(name, caseHack):
		return fmt.Sprintf("the name %q has %s, which Nix keeps for itself", name, caseHack)
	}
	return ""
}

// checkTarget returns why no symbolic link may have the target, or "".
func checkTarget(target string) string {
	switch {
	case target == "":
		return "the target is empty"
	case len(target) > maxTarget:
		return fmt.Sprintf("the target has %d bytes, more than %d", len(target), maxTarget)
	case strings.IndexByte(target, 0) >= 0:
		return fmt.Sprintf("the target %q has a NUL", target)
	}
	return ""
}

// directory is one that is open: its entries are being read or written.
type directory struct {
	path string
	last string // name of the latest entry, "" if there was none
}

// enter checks that name may be the next entry of d and returns its path.
func (d *directory) enter(name string) (path, why string) {
	if why := checkName(name); why != "" {
		return "", why
	}
	if name <= d.last {
		return "", fmt.Sprintf("the name %q is not sorted after %q", name, d.last)
	}
	path = name
	if d.path != "" {
		path = d.path + "/" + name
	}
	if len(path) > maxPath {
		return "", fmt.Sprintf("the path is longer than %d bytes", maxPath)
	}
	d.last = name
	return path, ""
}

// paddingOf returns how many zeros follow size bytes.
func paddingOf(size int64) int { return int(-size & (align - 1)) }

// splitPath splits the path of an entry that is not the root.
func splitPath(path string) (parent, name string) {
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		return path[:i], path[i+1:]
	}
	return "", path
}
