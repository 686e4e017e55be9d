package testbed

import (
	"context"
	"os/exec"
	"path/filepath"
)

// Machine is where a NixOS is: the private Nix of this package, or a host of
// package hosts.
type Machine interface {
	// Command is a program to be run on the machine, with its own environment.
	Command(ctx context.Context, name string, args ...string) *exec.Cmd
	// Path is where this process finds a file of the machine. The links in it are
	// this process's, so it is only for paths without absolute links.
	Path(path string) string
}

// NixOS is a machine whose systems are those of testdata/nixos: it builds them,
// makes them generations and switches to them. All its paths are as the machine's
// own programs see them.
type NixOS struct {
	Root          string // of the file system that the system is activated in
	StateDir      string // /nix/var/nix, or what stands for it
	SystemProfile string // StateDir/profiles/system; need not exist yet

	temporary string // for files that commands read
	machine   Machine
}

// On is the NixOS of a machine that has its own /, /nix and /tmp, with testdata/nixos
// as <nixpkgs>.
func On(m Machine) *NixOS {
	n := nixosOf(m, "/", "/nix/var/nix", "/tmp")
	return &n
}

func nixosOf(m Machine, root, stateDir, temporary string) NixOS {
	return NixOS{
		Root:          root,
		StateDir:      stateDir,
		SystemProfile: filepath.Join(stateDir, "profiles", "system"),
		temporary:     temporary,
		machine:       m,
	}
}

// at is where this process finds a file of the machine.
func (n *NixOS) at(path string) string { return n.machine.Path(path) }

// Path is the path itself: a private Nix is on this machine.
func (n *Nix) Path(path string) string { return path }
