// Package narinfo is what a binary cache says of a store path, and who vouches
// for it.
//
// For each store path a cache has a small text, <hash part>.narinfo: where the
// path's archive (NAR) lies and how it is compressed, the hashes and sizes of
// both, what the path refers to, and signatures. [Parse] reads it and
// [NarInfo.MarshalText] prints it, byte for byte as Nix does. [CacheInfo] is the
// text nix-cache-info that speaks for the cache as a whole.
//
// A signature covers the path, the hash and size of its archive and its
// references, as [store.PathInfo.Fingerprint] puts them. [SecretKey.Sign] makes
// one and [Verify] says which keys did. A path whose name follows from its
// content needs none; see [ContentAddressed].
//
// Nothing here reads files or the network; luminousnix/nix/narinfo/cachedir
// keeps a cache in a directory.
package narinfo

import (
	"fmt"

	"luminousnix/nix/store"
)

// Limits of what [Parse] takes. A reference takes some 60 bytes, so that there is
// room for a path that refers to all packages of Nixpkgs; signatures are few, and
// each costs time to verify.
const (
	MaxSize       = 16 << 20
	maxSignatures = 1024
)

// Compression names how an archive in a cache is compressed.
type Compression string

// The compressions that are in use. Nix writes XZ unless told otherwise, and
// takes a text that does not tell for BZip2.
const (
	None  Compression = "none"
	Zstd  Compression = "zstd"
	Gzip  Compression = "gzip"
	BZip2 Compression = "bzip2"
	XZ    Compression = "xz"
)

// NarInfo is what a binary cache says of one store path. A text tells nothing of
// PathInfo's Registered and Ultimate.
type NarInfo struct {
	store.PathInfo
	// URL is where the compressed archive is, relative to the cache's own URL.
	// It is whatever the cache says: not signed, and not always within the cache.
	URL         string
	Compression Compression
	// FileHash and FileSize are those of the compressed archive. Caches that
	// compress on demand leave both out; then they are zero.
	FileHash store.Hash
	FileSize int64
	// System is the platform it was built for, such as x86_64-linux. Caches
	// rarely tell.
	System string
}

// FileName returns the name of the text about p in a cache.
func FileName(p store.Path) string { return p.HashPart() + ".narinfo" }

// ParseError says why a text is not a narinfo, or not a nix-cache-info.
type ParseError struct {
	Line  int    // from 1, or 0 when something is missing or the text is too long
	Field string // such as NarHash, or "" when the line has no field
	Why   string
	Err   error // a *store.HashError, *store.ParseError or *store.ContentAddressError, or nil
}

func (e *ParseError) Error() string {
	place := "narinfo"
	if e.Line > 0 {
		place = fmt.Sprintf("narinfo, line %d", e.Line)
	}
	if e.Field != "" {
		place += ", " + e.Field
	}
	return place + ": " + e.Why
}

func (e *ParseError) Unwrap() error { return e.Err }

// FieldError says why a NarInfo or a CacheInfo cannot be printed.
type FieldError struct {
	Field string // such as NarHash
	Why   string
	Err   error // like ParseError's, or nil
}

func (e *FieldError) Error() string { return "narinfo, " + e.Field + ": " + e.Why }

func (e *FieldError) Unwrap() error { return e.Err }
