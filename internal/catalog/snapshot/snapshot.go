// Package snapshot carries the catalogue that ask-nix ships with: the packages
// of the nixos-unstable channel on [Date], in the shape of the channel's own
// packages.json, compressed with zstd.
//
// The data is part of the program image. The kernel pages it in when it is
// read, so a run that finds a built index pays nothing for it.
//
// It was derived from a public dump of nixpkgs' metadata. Nixpkgs is under the
// MIT licence. Of the metadata it has description, homepage, broken and
// available; licences and main programs are not in it.
package snapshot

import _ "embed"

const (
	// Name is the channel that the snapshot was taken from.
	Name = "nixos-unstable"
	// Date is the day of the snapshot, as YYYY-MM-DD.
	Date = "2025-09-27"
)

// Packages is packages.json as one zstd stream: 6 MB that unfold to 168 MB.
//
//go:embed packages-nixos-unstable-2025-09-27.json.zst
var Packages string
