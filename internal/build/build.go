// Package build has derivations built by Nix's daemon, and tells how far that is in
// the events of an operation.
//
// [Missing] asks what would have to be built and downloaded, [Realise] does it and
// keeps the result by a link. watch.go turns what the daemon tells into events. How
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
	"luminousnix/nix/store"
)

// Missing is what has to be done before the outputs of a derivation are there.
func Missing(ctx context.Context, h *host.Host, drv store.Path) (daemon.Missing, error) {
	conn, err := dial(ctx, h, nil)
	if err != nil {
		return daemon.Missing{}, err
	}
	defer conn.Close()
	return conn.Missing(ctx, outputs(drv))
}

// Realise builds a derivation, or downloads what it would build, and returns the path
// of its output "out". Link, an absolute path, is made a link to that and a root of
// the garbage collector; "" keeps nothing. A build that fails is a [*FailedError].
func Realise(ctx context.Context, h *host.Host, drv store.Path, link string, o operation.Observer) (store.Path, error) {
	watch := newWatch(o)
	conn, err := dial(ctx, h, watch.event)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	results, err := conn.Build(ctx, outputs(drv), daemon.BuildNormal)
	if err == nil {
		for i := range results {
			err = errors.Join(err, results[i].Err())
		}
	}
	if err != nil {
		return "", watch.explain(err)
	}
	return keep(ctx, conn, drv, link)
}

// keep finds the output and makes the link. The connection has kept it until then.
func keep(ctx context.Context, conn *daemon.Conn, drv store.Path, link string) (store.Path, error) {
	outputs, err := conn.DerivationOutputs(ctx, drv)
	if err != nil {
		return "", err
	}
	out := outputs["out"]
	if out == "" {
		return "", fmt.Errorf("%s has no output that is called out", drv)
	}
	if link == "" {
		return out, nil
	}
	if err := replaceLink(link, string(out)); err != nil {
		return "", err
	}
	return out, conn.AddIndirectRoot(ctx, link)
}

// replaceLink puts a link in place at once. Something else that is there stays.
func replaceLink(link, target string) error {
	if info, err := os.Lstat(link); err == nil && info.Mode()&os.ModeSymlink == 0 {
		return fmt.Errorf("%s is there and no link: %w", link, os.ErrExist)
	}
	temporary := filepath.Join(filepath.Dir(link), fmt.Sprintf(".%s.%d", filepath.Base(link), os.Getpid()))
	if err := os.Symlink(target, temporary); err != nil {
		return err
	}
	if err := os.Rename(temporary, link); err != nil {
		return errors.Join(err, os.Remove(temporary))
	}
	return nil
}

func outputs(drv store.Path) []daemon.DerivedPath {
	return []daemon.DerivedPath{daemon.Outputs(drv)}
}

func dial(ctx context.Context, h *host.Host, observe func(daemon.Event)) (*daemon.Conn, error) {
	return daemon.Dial(ctx, daemon.Options{Socket: h.DaemonSocket, StoreDir: h.StoreDir, Observer: observe})
}
