// Package channel updates the channels of root, as `nix-channel --update` does: finds
// the newest release of each, downloads it, adds its tree to the store, and makes the
// environment with all of them that is a generation of the channels' profile.
//
// What Nix reads of it is as Nix would have left it: an entry for each channel, by its
// name, and a manifest.nix that nix-env can list and go on from. The store paths are
// others, since nothing is built for them: they follow from their content.
//
// Files: channel.go reads the list of channels, release.go finds and downloads their
// releases, store.go adds them to the store, environment.go makes the environment.
//
// Facts are from Nix's nix-channel.cc, checked against Nix 2.8.
package channel

import (
	"fmt"
	"os"
	"path"
	"strings"
)

// A Channel is a line of ~/.nix-channels.
type Channel struct {
	Name string // of its folder: nixos for <nixos>
	URL  string // of a folder with nixexprs.tar.xz, or of an archive
}

// Read reads a list of channels, one a line: its URL and its name, which the URL ends
// with if there is none. Lines that begin with # are comments. The error is a
// *[LineError] if a line is no channel, or one of the file system.
func Read(file string) ([]Channel, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var all []Channel
	seen := map[string]bool{}
	number := 0
	for line := range strings.Lines(string(content)) {
		number++
		fields := strings.Fields(line)
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		c := Channel{Name: path.Base(fields[0]), URL: fields[0]}
		if len(fields) > 1 {
			c.Name = fields[1]
		}
		if len(fields) > 2 || !validName(c.Name) || seen[c.Name] {
			return nil, &LineError{file, number}
		}
		seen[c.Name] = true
		all = append(all, c)
	}
	return all, nil
}

// LineError is a line that is no channel, or one of a name that was there before.
type LineError struct {
	File string
	Line int
}

func (e *LineError) Error() string {
	return fmt.Sprintf("%s:%d: not the URL and the name of a channel", e.File, e.Line)
}

// validName tells whether nix-channel takes a name, and a folder beside manifest.nix
// can have it.
func validName(name string) bool {
	for i, r := range name {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_'
		if !letter && (i == 0 || r != '.' && r != '-') {
			return false
		}
	}
	return name != "" && name != manifestName
}

// pathName is the name of a channel's store path: its own, with the version that its
// URL ends with.
func (c Channel) pathName() string { return c.Name + versionSuffix(path.Base(c.URL)) }

// versionSuffix is what follows the name in nixos-25.11, with the hyphen.
func versionSuffix(text string) string {
	for i := range len(text) - 1 {
		if text[i] == '-' && '0' <= text[i+1] && text[i+1] <= '9' {
			return text[i:]
		}
	}
	return ""
}
