// Package testbed runs a private, real Nix with a small NixOS below one
// directory, for tests and for the demo.
//
// A test starts with New, which gives it a Nix of its own: a daemon on its own
// socket, with its own store, state, logs and settings. It then builds systems
// from testdata/nixos, makes them generations and switches between them:
//
//	nix := testbed.New(t)
//	toplevel, err := nix.Build(ctx, testbed.System{Packages: []string{"git"}})
//	number, err := nix.AddGeneration(ctx, toplevel)
//	result, err := nix.Switch(ctx, toplevel, "switch")
//
// Nothing outside of the directory is read or changed: not the machine's /nix,
// not the user's home, not the network. What a NixOS keeps in /run, /etc and
// /boot is below Root. It works for root and for ordinary users, and needs Debian's
// nix-bin, which scripts/setup installs.
//
// Newer releases of Nix speak a newer protocol and answer in other ways. A test
// that has to hold for them too runs once with each:
//
//	for _, release := range testbed.AllReleases(t) {
//		t.Run(release.Name, func(t *testing.T) {
//			nix := testbed.NewWith(t, testbed.Options{Release: release})
//
// All that a bed can do it can do with each of them. Everything in it, be it run
// by Command or found in the PATH of Env, is of the bed's release.
//
// Package binarycache has a substituter for a bed, which fails on demand. Package
// hosts has whole machines with systemd, whose NixOS is the same.
package testbed

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Nix is a running daemon and the directories that belong to it. All paths are
// absolute. Its methods may be called from several goroutines.
type Nix struct {
	NixOS

	Dir      string // everything is below it, but perhaps the socket
	StoreDir string // stands for /nix/store
	LogDir   string // stands for /nix/var/log/nix
	ConfDir  string // stands for /etc/nix: nix.conf and registry.json
	Nixpkgs  string // testdata/nixos, unpacked; <nixpkgs> in NIX_PATH
	Home     string // of whoever runs the commands
	Socket   string // the daemon's; short enough for sockaddr_un
	Release  Release

	pid  int             // of the daemon
	gone <-chan struct{} // closed when the daemon has ended; nil for a detached one
}

// Options say what is particular to a bed. The zero value is what Start and New
// take: the installed Nix, which neither signs nor substitutes.
type Options struct {
	Release Release // the installed one if BinDir is empty
	// Settings are more lines of nix.conf. They are the daemon's and the
	// clients'; of two lines for one setting the later one counts.
	Settings string
}

// Start starts a daemon with its files below dir, which is created if need be
// and may be that of an earlier one. The daemon ends with Stop, and at the latest
// with this process. ctx limits the start only. Without an installed Nix the error
// is ErrNotInstalled.
func Start(ctx context.Context, dir string) (*Nix, error) {
	return StartWith(ctx, dir, Options{})
}

// StartWith is Start with options. They need not be those of an earlier start, but
// an older release may not understand what a newer one has written.
func StartWith(ctx context.Context, dir string, options Options) (*Nix, error) {
	n, err := prepare(dir, options)
	if err != nil {
		return nil, fmt.Errorf("testbed: %w", err)
	}
	if err := n.startDaemon(ctx, attached); err != nil {
		return nil, fmt.Errorf("testbed: %w", err)
	}
	return n, nil
}

// Stop ends the daemon, the processes that serve its clients and all builders,
// and waits until they are gone. The files stay. Stopping twice does no harm.
func (n *Nix) Stop() error {
	if err := n.stopDaemon(); err != nil {
		return fmt.Errorf("testbed: %w", err)
	}
	return nil
}

// New starts a Nix for one test and removes it with all its files when the test
// ends. The test fails if Nix is not installed.
func New(tb testing.TB) *Nix {
	tb.Helper()
	return NewWith(tb, Options{})
}

// NewWith is New with options.
func NewWith(tb testing.TB, options Options) *Nix {
	tb.Helper()
	// Not tb.TempDir: an ordinary user could not remove the read-only
	// directories of a store.
	dir, err := os.MkdirTemp("", "testbed-")
	if err != nil {
		tb.Fatalf("testbed: %v", err)
	}
	tb.Cleanup(func() {
		if err := RemoveAll(dir); err != nil {
			tb.Errorf("testbed: %v", err)
		}
	})

	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	n, err := StartWith(ctx, dir, options)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := n.Stop(); err != nil {
			tb.Error(err)
		}
		if tb.Failed() {
			tb.Logf("the daemon's log:\n%s", n.daemonLog())
		}
	})
	return n
}

// RemoveAll is os.RemoveAll for trees with read-only directories.
func RemoveAll(dir string) error {
	// Root needs no permissions; walking a large store would only take time.
	if os.Geteuid() != 0 {
		err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
			if err == nil && entry.IsDir() {
				return os.Chmod(path, 0o700)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return os.RemoveAll(dir)
}
