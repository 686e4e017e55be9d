package store

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// PathInfo is what Nix keeps about a valid store path.
type PathInfo struct {
	Path Path
	// Deriver is the derivation that it was built from, "" when unknown.
	Deriver Path
	// NarHash is the SHA-256 of its archive, NarSize the archive's size in
	// bytes; 0 when an old database does not tell.
	NarHash Hash
	NarSize int64
	// References are the store paths that occur in it, by path; it may refer to
	// itself.
	References []Path
	// Registered is when it became valid, to the second.
	Registered time.Time
	// Ultimate says that it was built here and not copied from elsewhere.
	Ultimate bool
	// Signatures have the form NAME:BASE64.
	Signatures []string
	// ContentAddress is set when the path's name follows from its content, so
	// that it needs no signature.
	ContentAddress ContentAddress
}

// Fingerprint is the text that a signature of the path signs: its path, hash,
// size and references, which must be sorted.
func (i *PathInfo) Fingerprint() string {
	var b strings.Builder
	b.WriteString("1;" + string(i.Path) + ";" + i.NarHash.String() + ";" + strconv.FormatInt(i.NarSize, 10) + ";")
	for n, reference := range i.References {
		if n > 0 {
			b.WriteByte(',')
		}
		b.WriteString(string(reference))
	}
	return b.String()
}

// NotValidError means that a path is not, or no longer, valid in the store.
type NotValidError struct{ Path Path }

func (e *NotValidError) Error() string { return fmt.Sprintf("%s is not valid in the store", e.Path) }
