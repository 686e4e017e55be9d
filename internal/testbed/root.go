package testbed

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Prepare makes the files of a NixOS that has never been switched. Those that are
// there already stay.
func (n *NixOS) Prepare() error {
	for _, directory := range []string{"boot", "etc/nixos", "home", "run", "var/log"} {
		if err := os.MkdirAll(n.at(filepath.Join(n.Root, directory)), 0o755); err != nil {
			return err
		}
	}
	hardware := fmt.Sprintf(`# What is particular to this machine. Written by testbed; do not edit.
{
  luminous.root = %s;
  luminous.profile = %s;
}
`, quoteNix(strings.TrimSuffix(n.Root, "/")), quoteNix(n.SystemProfile))
	if err := os.WriteFile(n.at(n.hardwareFile()), []byte(hardware), 0o644); err != nil {
		return err
	}
	// A user's configuration, and so one from an earlier start, is not ours to change.
	if _, err := os.Lstat(n.at(n.configurationFile())); errors.Is(err, fs.ErrNotExist) {
		if err := n.WriteConfiguration(System{}); err != nil {
			return err
		}
	}
	if err := os.WriteFile(n.at(filepath.Join(n.Root, "etc", "NIXOS")), nil, 0o644); err != nil {
		return err
	}
	return n.linkRoots()
}

// linkRoots keeps the running and the booted system from being collected, as
// the same links in a NixOS do.
func (n *NixOS) linkRoots() error {
	roots := filepath.Join(n.StateDir, "gcroots")
	if err := os.MkdirAll(n.at(roots), 0o755); err != nil {
		return err
	}
	for _, name := range []string{"current-system", "booted-system"} {
		if err := replaceLink(filepath.Join(n.Root, "run", name), n.at(filepath.Join(roots, name))); err != nil {
			return err
		}
	}
	return nil
}

// WriteConfiguration makes s the machine's own configuration,
// Root/etc/nixos/configuration.nix, without building it.
func (n *NixOS) WriteConfiguration(s System) error {
	text := s.Configuration("./hardware-configuration.nix")
	return os.WriteFile(n.at(n.configurationFile()), []byte(text), 0o644)
}

// SetBooted makes toplevel the system that the machine was booted with.
func (n *NixOS) SetBooted(toplevel string) error {
	return replaceLink(toplevel, n.at(filepath.Join(n.Root, "run", "booted-system")))
}

func (n *NixOS) configurationFile() string {
	return filepath.Join(n.Root, "etc", "nixos", "configuration.nix")
}

func (n *NixOS) hardwareFile() string {
	return filepath.Join(n.Root, "etc", "nixos", "hardware-configuration.nix")
}

// replaceLink makes link a symbolic link to target, whatever link was before.
func replaceLink(target, link string) error {
	temporary := link + ".new"
	if err := os.Remove(temporary); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Symlink(target, temporary); err != nil {
		return err
	}
	return os.Rename(temporary, link)
}
