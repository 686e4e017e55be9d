// Package backend reaches Nix. There are two ways: native does the work in this
// process (profile links, Nix's database, the daemon's socket), command runs the
// nix programs. Both are one small interface and pass one conformance suite;
// [Auto] uses native and falls back to command where native cannot.
package backend

import (
	"context"
	"errors"

	"luminousnix/nix/profile"
	"luminousnix/nix/store"
	"luminousnix/nix/storedb"
)

// Profiles reads and switches profiles.
type Profiles interface {
	// Profile reads a profile. The error matches [profile.ErrNotExist] when
	// there is none.
	Profile(ctx context.Context, p profile.Profile) (profile.State, error)
	// Numbers are those of a profile's generations, lowest first, and that of the current
	// one, 0 for none. The error is one of Profile.
	Numbers(ctx context.Context, p profile.Profile) (numbers []int, current int, err error)
	// Generation reads one generation, the current one for 0. A missing one is a
	// [*profile.NoGenerationError]; otherwise the error is one of Profile.
	Generation(ctx context.Context, p profile.Profile, number int) (profile.Generation, error)
	// Switch points a profile at one of its generations; a missing one is a
	// [*profile.NoGenerationError].
	Switch(ctx context.Context, p profile.Profile, number int) error
	// Set makes a path a generation and switches to it, and returns its number; it
	// is that of the newest one if that leads to the path already.
	Set(ctx context.Context, p profile.Profile, path store.Path) (number int, err error)
}

// Store answers questions about store paths.
type Store interface {
	// Closures are the paths and all that each refers to, in no particular order.
	// The error is a [*store.NotValidError] when the store does not have one.
	Closures(ctx context.Context, paths ...store.Path) ([][]storedb.Object, error)
	// References are the paths it refers to directly, by path, itself
	// included if it refers to itself.
	References(ctx context.Context, path store.Path) ([]storedb.Object, error)
	// Usage sums up the store.
	Usage(ctx context.Context) (storedb.Usage, error)
}

// Backend is one way of reaching Nix.
type Backend interface {
	Profiles
	Store
	// Name is "native" or "command".
	Name() string
	// Reason says why it was not done in the best way so far; "" when it was.
	Reason() string
	// Health asks Nix how it is.
	Health(ctx context.Context) Health
}

// Health is how Nix is.
type Health struct {
	NixVersion string // "" when nothing tells
	Daemon     string // the protocol it speaks, or why it does not answer
	Reachable  bool
}

// ErrUnsupported means that this backend cannot do it on this machine, and that
// another one may.
var ErrUnsupported = errors.New("not possible this way")
