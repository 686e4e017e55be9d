// Package hosts boots whole machines for tests: a NixOS with systemd as process 1,
// a daemon of Nix that a socket starts, a system bus, a journal and a login manager,
// each in a container of systemd-nspawn.
//
//	host := hosts.New(t) // skips the test where no host can run, and says why
//	toplevel, err := host.NixOS.Build(ctx, testbed.System{Services: []string{"nginx"}})
//	number, err := host.NixOS.AddGeneration(ctx, toplevel)
//	out, err := host.Command(ctx, "systemctl", "--failed").Output()
//	err = host.Cut(ctx) // the power
//
// A host's files are in memory, above a Debian that scripts/host-base unpacks and
// that all hosts read: nothing of a host is left when this process has ended, however
// it ends. A host has no network. Its boot loader is the entry that the NixOS in it
// has written: Boot starts the `init` of the default entry of /boot/loader, as
// systemd-boot would.
//
// Needs root, cgroups of version 2 and the permission to mount. Not simulated: the
// limits of cgroups, which a machine with the older kind of them accepts and ignores;
// kernels, initial RAM disks and firmware, which are files that nobody runs.
package hosts

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"luminousnix/internal/testbed"
)

// Host is a machine that is on or off. Its methods may not be called at the same
// time, but those of Command and Path may.
type Host struct {
	Name string
	// NixOS builds and switches systems of testdata/nixos here, while the host is on.
	NixOS *testbed.NixOS

	dir     string // on which all of its files are mounted, in its namespace
	space   *namespace
	console console
	power   *power // nil while it is off
}

// Options say what is particular to a host.
type Options struct {
	Name string // "nixos" if empty, as that of a System
	// Size is how much the host can write, as mount's size of a tmpfs: "64m". Half
	// of the machine's memory if empty.
	Size string
}

// ErrNoBase says that scripts/host-base has not run.
var ErrNoBase = errors.New("the root file system of the hosts is not here; run scripts/host-base")

// Start makes a host and boots it. It has a NixOS that has never been built. Stop
// removes it.
func Start(ctx context.Context, options Options) (*Host, error) {
	if options.Name == "" {
		options.Name = "nixos"
	}
	h, err := create(options)
	if err != nil {
		return nil, fmt.Errorf("hosts: %w", err)
	}
	if err = h.Boot(ctx); err == nil {
		err = h.addChannel(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("hosts: %w", errors.Join(err, h.Stop()))
	}
	return h, nil
}

// create makes a host that is off.
func create(options Options) (*Host, error) {
	base, err := baseDir()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "host-")
	if err != nil {
		return nil, err
	}
	h := &Host{Name: options.Name, dir: dir}
	h.NixOS = testbed.On(h)
	if h.space, err = newNamespace(); err == nil {
		err = h.space.do(func() error { return h.mountAll(base, options.Size) })
	}
	if err == nil {
		err = h.prepare()
	}
	if err != nil {
		return nil, errors.Join(err, h.remove())
	}
	return h, nil
}

// Stop turns the host off and removes it.
func (h *Host) Stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return errors.Join(h.Cut(ctx), h.remove())
}

func (h *Host) remove() error {
	if h.space != nil {
		h.space.end(h.unmountAll)
	}
	return os.Remove(h.dir)
}

// baseDir is where scripts/host-base unpacks.
func baseDir() (string, error) {
	dir, err := testbed.CacheDir("LUMINOUS_NIX_HOSTS", "hosts")
	if err != nil {
		return "", err
	}
	base := filepath.Join(dir, "base")
	if _, err := os.Stat(base); err != nil {
		return "", ErrNoBase
	}
	return base, nil
}

// New boots a host for one test and removes it when the test ends. The test is
// skipped where there can be none; see Available.
func New(tb testing.TB) *Host {
	tb.Helper()
	return NewWith(tb, Options{})
}

// NewWith is New with options.
func NewWith(tb testing.TB, options Options) *Host {
	tb.Helper()
	if err := Available(); err != nil {
		tb.Skipf("no hosts here: %v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	h, err := Start(ctx, options)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if tb.Failed() {
			tb.Logf("the console:\n%s", h.console.String())
		}
		if err := h.Stop(); err != nil {
			tb.Error(err)
		}
	})
	return h
}

// Available says why hosts cannot run here, or nil. It starts one to find out, once
// in a process, unless root or the base is missing.
func Available() error { return tried() }

var tried = sync.OnceValue(func() error {
	if os.Geteuid() != 0 {
		return errors.New("only root can start containers")
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	h, err := create(Options{Name: "trial"})
	if err != nil {
		return err
	}
	return errors.Join(h.Boot(ctx), h.Stop())
})
