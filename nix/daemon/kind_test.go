package daemon

import "testing"

// TestKindOf has words of Nix 2.8, 2.26 and 2.34, colours removed. Most kinds are
// also met by the tests that run against them.
func TestKindOf(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]Kind{
		"builder for '/nix/store/x.drv' failed with exit code 3":                     KindBuildFailed,
		"Cannot build '/nix/store/x.drv'.\nReason: builder failed with exit code 3.": KindBuildFailed,
		"1 dependencies of derivation '/nix/store/x.drv' failed to build":            KindBuildFailed,
		"builder for '/nix/store/x.drv' failed due to signal 9 (Killed)":             KindOutOfMemory,
		"unable to fork: Cannot allocate memory":                                     KindOutOfMemory,
		"some substitutes for the outputs of derivation '/nix/store/x.drv' failed (usually happens due to networking issues); try '--fallback' to build derivation from source": KindNetwork,
		"hash mismatch in fixed-output derivation '/nix/store/x.drv'":                               KindHashMismatch,
		"hash mismatch importing path '/nix/store/x'":                                               KindHashMismatch,
		"path '/nix/store/x' is not valid":                                                          KindInvalidPath,
		"some outputs of '/nix/store/x.drv' are not valid, so checking is not possible":             KindInvalidPath,
		"path '/no/store/path' is not in the Nix store":                                             KindBadPath,
		"Cannot delete path '/nix/store/x' since it is still alive.":                                KindStillAlive,
		"repairing is not allowed because you are not in 'trusted-users'":                           KindUntrusted,
		"you are not privileged to build input-addressed derivations":                               KindUntrusted,
		"cannot add path '/nix/store/x' because it lacks a signature by a trusted key":              KindUnsigned,
		"path '/nix/store/x' does not exist and cannot be created":                                  KindNoSubstituter,
		"path '/nix/store/x' is required, but there is no substituter that can build it":            KindNoSubstituter,
		"writing to file: No space left on device":                                                  KindDiskFull,
		"committing transaction: database or disk is full (in '/nix/var/nix/db/db.sqlite')":         KindDiskFull,
		"opening lock file '/nix/var/nix/db/big-lock': Read-only file system":                       KindReadOnly,
		"unable to download 'http://127.0.0.1:1/nix-cache-info': Couldn't connect to server (7)":    KindNetwork,
		"building of '/nix/store/x.drv' timed out after 1 seconds":                                  KindTimedOut,
		"SQLite database '/nix/var/nix/db/db.sqlite' is busy":                                       KindBusy,
		"executing SQLite query: database disk image is malformed":                                  KindDatabase,
		"derivation '/nix/store/x.drv' may not be deterministic: output '/nix/store/x' differs":     KindNotReproducible,
		"interrupted by the user":                                                                   KindInterrupted,
		"creating directory '/nix/store/x': Permission denied":                                      KindPermission,
		"experimental Nix feature 'ca-derivations' is disabled; add '--extra-experimental-features": KindUnsupported,
		"something that nobody has ever said":                                                       KindOther,
	} {
		if got := kindOf(message); got != want {
			t.Errorf("%q is of kind %q, want %q", message, got, want)
		}
	}
}

// TestStatuses: each status has a name of its own, and those that succeed are
// the ones of the protocol.
func TestStatuses(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for status := StatusBuilt; status <= StatusNoSubstituters; status++ {
		names[status.String()] = true
		want := status <= StatusAlreadyValid || status == StatusResolvesToAlreadyValid
		if status.Success() != want {
			t.Errorf("%s: success %v", status, status.Success())
		}
		result := BuildResult{Status: status, Message: "why"}
		if err := result.Err(); (err == nil) != want {
			t.Errorf("%s: error %v", status, err)
		}
	}
	if len(names) != 15 {
		t.Errorf("%d names for 15 statuses", len(names))
	}
}
