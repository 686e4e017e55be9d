// Package snapshot carries the catalogue that ask-nix ships with, in the shape of a
// channel's own listings: the packages of the nixos-unstable channel on [Date], and
// the options of NixOS and of home-manager of February 2025.
//
// The data is part of the program image. The kernel pages it in when it is
// read, so a run that finds a built index pays nothing for it.
//
// It was derived from public dumps of the metadata of nixpkgs and home-manager, which
// are under the MIT licence. Of packages it has description, homepage, platforms,
// broken and available; licences and main programs are not in it.
package snapshot

import _ "embed"

const (
	// Name is the channel that the snapshot was taken from.
	Name = "nixos-unstable"
	// Date is the day of the snapshot's packages, as YYYY-MM-DD.
	Date = "2025-09-27"
)

// Packages is packages.json as one zstd stream: 6 MB that unfold to 168 MB.
//
//go:embed packages-nixos-unstable-2025-09-27.json.zst
var Packages string

// Options is options.json of NixOS as a brotli stream: 1 MB that unfolds to 9 MB.
//
//go:embed nixos-options-2025-02.json.br
var Options string

// HomeOptions is options.json of home-manager as a zstd stream.
//
//go:embed hm-options-2025-02.json.zst
var HomeOptions string
