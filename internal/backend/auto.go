package backend

import (
	"context"
	"errors"
	"fmt"

	"luminousnix/nix/profile"
	"luminousnix/nix/store"
	"luminousnix/nix/storedb"
)

// Auto uses the native backend and, for what that cannot do on this machine,
// the command backend. It remembers that it had to, and why, so one is made for
// each operation. It is not safe for concurrent use.
type Auto struct {
	native, command Backend
	reason          string
}

// NewAuto returns a backend that prefers native.
func NewAuto(native, command Backend) *Auto { return &Auto{native: native, command: command} }

// Name returns the name of the backend that was used.
func (a *Auto) Name() string {
	if a.reason != "" {
		return a.command.Name()
	}
	return a.native.Name()
}

// Reason says why native was not used, or not in its best way.
func (a *Auto) Reason() string {
	if a.reason != "" {
		return a.reason
	}
	return a.native.Reason()
}

// Profile reads a profile.
func (a *Auto) Profile(ctx context.Context, p profile.Profile) (profile.State, error) {
	return try(a, func(b Backend) (profile.State, error) { return b.Profile(ctx, p) })
}

// Numbers reads the numbers of a profile's generations.
func (a *Auto) Numbers(ctx context.Context, p profile.Profile) (numbers []int, current int, err error) {
	numbers, err = try(a, func(b Backend) (numbers []int, err error) {
		numbers, current, err = b.Numbers(ctx, p)
		return numbers, err
	})
	return numbers, current, err
}

// Generation reads a generation of a profile.
func (a *Auto) Generation(ctx context.Context, p profile.Profile, number int) (profile.Generation, error) {
	return try(a, func(b Backend) (profile.Generation, error) { return b.Generation(ctx, p, number) })
}

// Switch switches a profile.
func (a *Auto) Switch(ctx context.Context, p profile.Profile, number int) error {
	_, err := try(a, func(b Backend) (struct{}, error) { return struct{}{}, b.Switch(ctx, p, number) })
	return err
}

// Set makes a generation.
func (a *Auto) Set(ctx context.Context, p profile.Profile, path store.Path) (int, error) {
	return try(a, func(b Backend) (int, error) { return b.Set(ctx, p, path) })
}

// Closures reads closures.
func (a *Auto) Closures(ctx context.Context, paths ...store.Path) ([][]storedb.Object, error) {
	return try(a, func(b Backend) ([][]storedb.Object, error) { return b.Closures(ctx, paths...) })
}

// References reads direct references.
func (a *Auto) References(ctx context.Context, path store.Path) ([]storedb.Object, error) {
	return try(a, func(b Backend) ([]storedb.Object, error) { return b.References(ctx, path) })
}

// Usage sums up the store.
func (a *Auto) Usage(ctx context.Context) (storedb.Usage, error) {
	return try(a, func(b Backend) (storedb.Usage, error) { return b.Usage(ctx) })
}

// Health asks natively, and the nix programs when nobody answers there: a
// machine may have Nix without a daemon.
func (a *Auto) Health(ctx context.Context) Health {
	health := a.native.Health(ctx)
	if health.Reachable {
		return health
	}
	fallback := a.command.Health(ctx)
	if !fallback.Reachable {
		return health
	}
	a.reason = health.Daemon
	return fallback
}

// try asks native first. When both fail, both reasons are told.
func try[T any](a *Auto, ask func(Backend) (T, error)) (T, error) {
	result, err := ask(a.native)
	if !errors.Is(err, ErrUnsupported) {
		return result, err
	}
	fallback, fallbackErr := ask(a.command)
	if fallbackErr != nil {
		return fallback, fmt.Errorf("%w; with the nix programs: %w", err, fallbackErr)
	}
	a.reason = err.Error()
	return fallback, nil
}
