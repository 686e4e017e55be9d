// Package nixos embeds a small NixOS for tests: a library with a module
// system, some eighty packages in two releases, and the modules of a system, all
// written in the Nix language for this project.
//
// Unpacked into a directory it can be `<nixpkgs>`: evaluable by Nix 2.8 and
// newer, buildable offline within a second by nothing but /bin/sh. Package
// testbed does so.
package nixos

import "embed"

// Files is the whole tree, with its default.nix at the top.
//
//go:embed default.nix flake.nix lib modules nixos pkgs
var Files embed.FS
