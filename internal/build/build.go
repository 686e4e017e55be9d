// Package build has derivations built by Nix's daemon, and tells how far that is in
// the events of an operation.
//
// A [Session] is one connection: what is built on it is kept from the garbage
// collector until it is closed, so that there is time to make a root of it. watch.go
// turns what the daemon tells into events; plan.go knows what is going to be done,
// estimate.go tells how long that takes, and silence.go that the daemon seems to hang. How
// many builds there are at once, and all else, is as the daemon's nix.conf says.
package build

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"luminousnix/internal/host"
	"luminousnix/internal/operation"
	"luminousnix/nix/daemon"
	"luminousnix/nix/derivation"
	"luminousnix/nix/store"
)

// A Session is a connection to the daemon. It is not safe for concurrent use.
type Session struct {
	// Conn is for what else is to be done on the same connection.
	Conn  *daemon.Conn
	watch *watch
	host  *host.Host
	how   operation.Build
}

// Open connects to the daemon of a host. The observer is told of builds and downloads.
func Open(ctx context.Context, h *host.Host, o operation.Observer) (*Session, error) {
	return OpenWith(ctx, h, operation.Build{}, o)
}

// OpenWith is Open for builds that are to be done in a way of their own. Users that the
// daemon does not trust are told by it what it does not allow them.
func OpenWith(ctx context.Context, h *host.Host, b operation.Build, o operation.Observer) (*Session, error) {
	w := newWatch(o, h.StoreDir)
	settings, err := settingsFor(h, b)
	if err != nil {
		return nil, err
	}
	conn, err := h.Dial(ctx, daemon.Options{Observer: w.event, Settings: settings})
	if err != nil {
		return nil, err
	}
	return &Session{conn, w, h, b}, nil
}

// Close ends the session.
func (s *Session) Close() error { return s.Conn.Close() }

// Build builds, or downloads what that would give. A build that fails is a
// [*FailedError].
func (s *Session) Build(ctx context.Context, paths ...daemon.DerivedPath) error {
	err := s.observed(ctx, func() error {
		results, err := s.Conn.Build(ctx, paths, daemon.BuildNormal)
		for i := range results {
			err = errors.Join(err, results[i].Err())
		}
		return err
	})
	err = s.watch.explain(err)
	if failed := (*FailedError)(nil); errors.As(err, &failed) {
		failed.Full = s.full(ctx, failed)
	}
	return err
}

// full reports whether a build failed as the disk was full. Nix looks how much is free when
// a builder fails. Where that is too little it says that the failure is one for now, as it
// else says only of builders that may use the network.
func (s *Session) full(ctx context.Context, failed *FailedError) bool {
	var result *daemon.BuildError
	if !errors.As(failed, &result) || result.Status != daemon.StatusTransientFailure || result.Kind != daemon.KindBuildFailed {
		return false
	}
	d, err := derivation.FromStore(s.host.StoreDir)(ctx, failed.Derivation)
	if err != nil {
		return false
	}
	kind, err := d.Kind()
	return err == nil && kind != derivation.Fixed && kind != derivation.Impure
}

// Repair has the daemon mend a damaged path: build it again, or download it. The lines
// are what the daemon said meanwhile, of which the last are kept: that an archive is not
// there or damaged it only says, while the error is that nobody has the path.
func (s *Session) Repair(ctx context.Context, path daemon.DerivedPath) (said []string, err error) {
	s.watch.said = nil
	results, err := s.Conn.Build(ctx, []daemon.DerivedPath{path}, daemon.BuildRepair)
	for i := range results {
		err = errors.Join(err, results[i].Err())
	}
	return s.watch.said, err
}

// Output is the path of an output of a derivation that was built.
func (s *Session) Output(ctx context.Context, drv store.Path, name string) (store.Path, error) {
	outputs, err := s.Conn.DerivationOutputs(ctx, drv)
	if err != nil {
		return "", err
	}
	if outputs[name] == "" {
		return "", fmt.Errorf("%s has no output that is called %s", drv, name)
	}
	return outputs[name], nil
}

// Link makes a link, an absolute path, to a path, and a root of it. Something else
// that is there stays, and is an error that matches os.ErrExist.
func (s *Session) Link(ctx context.Context, link string, path store.Path) error {
	if info, err := os.Lstat(link); err == nil && info.Mode()&os.ModeSymlink == 0 {
		return fmt.Errorf("%s is there and no link: %w", link, os.ErrExist)
	}
	temporary := filepath.Join(filepath.Dir(link), fmt.Sprintf(".%s.%d", filepath.Base(link), os.Getpid()))
	if err := os.Symlink(string(path), temporary); err != nil {
		return err
	}
	if err := os.Rename(temporary, link); err != nil {
		return errors.Join(err, os.Remove(temporary))
	}
	return s.Conn.AddIndirectRoot(ctx, link)
}
