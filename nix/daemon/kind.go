package daemon

import "strings"

// Kind is what kind of trouble an [*Error] is. The protocol has only words, in
// which the kinds are recognised here, so that nobody else has to; words that
// are not known are [KindOther].
type Kind int

// The kinds of errors.
const (
	KindOther           Kind = iota
	KindBuildFailed          // a builder failed, or something that a build needs
	KindHashMismatch         // a download or a copy has another content than was said
	KindInvalidPath          // a path is not valid in the store
	KindBadPath              // a text is not a store path of this store
	KindStillAlive           // a path cannot be deleted, as something needs it
	KindUntrusted            // the daemon does that for trusted users only
	KindUnsigned             // a path has no signature by a trusted key
	KindNoSubstituter        // nobody has the path and nothing builds it
	KindDiskFull             // no space is left
	KindReadOnly             // the store's file system is read-only
	KindPermission           // the daemon itself may not do it
	KindNetwork              // a download failed
	KindTimedOut             // a build took too long, or was silent too long
	KindBusy                 // the database is locked by somebody else
	KindDatabase             // the database is damaged
	KindUnsupported          // the daemon cannot do that at all
	KindInterrupted          // the daemon was told to stop
	KindNotReproducible      // a check gave another result
	KindOutOfMemory          // a build took more memory than there is, or was killed as if it did
)

func (k Kind) String() string {
	switch k {
	case KindBuildFailed:
		return "build failed"
	case KindHashMismatch:
		return "hash mismatch"
	case KindInvalidPath:
		return "invalid path"
	case KindBadPath:
		return "not a store path"
	case KindStillAlive:
		return "still alive"
	case KindUntrusted:
		return "not trusted"
	case KindUnsigned:
		return "not signed"
	case KindNoSubstituter:
		return "no substituter"
	case KindDiskFull:
		return "disk full"
	case KindReadOnly:
		return "read-only file system"
	case KindPermission:
		return "permission denied"
	case KindNetwork:
		return "network"
	case KindTimedOut:
		return "timed out"
	case KindBusy:
		return "database busy"
	case KindDatabase:
		return "database damaged"
	case KindUnsupported:
		return "not supported"
	case KindInterrupted:
		return "interrupted"
	case KindNotReproducible:
		return "not reproducible"
	case KindOutOfMemory:
		return "out of memory"
	}
	return "other"
}

// kindOf recognises the words of Nix 2.4 to 2.34. Where a message has the words
// of two kinds, the cause comes before what it led to.
func kindOf(message string) Kind {
	has := func(words ...string) bool {
		for _, word := range words {
			if !strings.Contains(message, word) {
				return false
			}
		}
		return true
	}
	switch {
	case has("No space left on device"), has("database or disk is full"), has("disk I/O error"), has("Disk quota exceeded"):
		return KindDiskFull
	case has("Read-only file system"), has("attempt to write a readonly database"):
		return KindReadOnly
	case has("hash mismatch"):
		return KindHashMismatch
	case has("may not be deterministic"), has("was not deterministic"), has("not deterministic", "differs"):
		return KindNotReproducible
	case has("lacks a signature by a trusted key"), has("lacks a valid signature"), has("is not signed by any of the keys"):
		return KindUnsigned
	case has("timed out after"), has("seconds of silence"):
		return KindTimedOut
	case has("failed due to signal 9"), has("Cannot allocate memory"):
		return KindOutOfMemory // signal 9 is what the kernel kills with when memory runs out
	case has("some substitutes for the outputs of derivation", "failed"):
		return KindNetwork
	case has("unable to download"), has("Couldn't resolve host"), has("Could not resolve host"), has("Couldn't connect to server"), has("cannot connect to"):
		return KindNetwork
	case has("is still alive"), has("cannot delete path"), has("since it is in use by"):
		return KindStillAlive
	case has("not trusted"), has("you are not privileged"), has("requires you to be a trusted"), has("a trusted user"), has("not in 'trusted-users'"), has("ignore-liveness"):
		return KindUntrusted
	case has("is busy"), has("database is locked"):
		return KindBusy
	case has("database disk image is malformed"), has("file is not a database"):
		return KindDatabase
	case has("does not exist and cannot be created"), has("no substituter that can build it"), has("don't know how to build these paths"), has("there are no substituters"):
		return KindNoSubstituter
	case has("is not in the Nix store"), has("is not a valid store path"), has("not in the store"), has("is too short to be a valid"), has("illegal base-32"), has("not a store path"), has("contains illegal character"):
		return KindBadPath
	case has("is not valid"), has("are not valid"), has("is not a valid path"):
		return KindInvalidPath
	case has("interrupted by the user"):
		return KindInterrupted
	case has("builder for", "failed"), has("build of", "failed"), has("dependencies of derivation", "failed"), has("Cannot build"), has("failed to build"), has("failed with exit code"), has("failed to produce output"):
		return KindBuildFailed
	case has("Permission denied"), has("Operation not permitted"):
		return KindPermission
	case has("not supported"), has("not implemented"), has("is disabled"), has("invalid operation"):
		return KindUnsupported
	}
	return KindOther
}
