package host

import (
	"bufio"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"luminousnix/internal/operation"
)

// Configuration finds where the machine's NixOS configuration is, as
// nixos-rebuild looks for it: a flake (NH_FLAKE or /etc/nixos/flake.nix), else
// NIXOS_CONFIG, the search path's nixos-config, or /etc/nixos/configuration.nix.
func (h *Host) Configuration() operation.Configuration {
	c := operation.Configuration{Kind: "none", Files: []string{}, Channels: h.channels()}
	if flake := h.flake(); flake != "" {
		c.Kind, c.Flake = "flake", flake
		c.Files = append(c.Files, filepath.Join(flake, "flake.nix"))
		if lock := filepath.Join(flake, "flake.lock"); exists(lock) {
			c.Files = append(c.Files, lock)
		}
	} else if file := h.EntryFile(); file != "" {
		c.Kind = "channel"
		c.Files = append(c.Files, file)
	}
	if len(c.Files) > 0 {
		dir := filepath.Dir(c.Files[0])
		c.Files = append(c.Files, siblings(dir, c.Files)...)
		c.Revision = gitRevision(dir)
	}
	return c
}

func (h *Host) flake() string {
	if flake := h.getenv("NH_FLAKE"); filepath.IsAbs(flake) && exists(filepath.Join(flake, "flake.nix")) {
		return flake
	}
	if file := resolved(h.Path("etc", "nixos", "flake.nix")); file != "" {
		return filepath.Dir(file)
	}
	return ""
}

// EntryFile is the entry file of the machine's configuration with channels; "" is none.
func (h *Host) EntryFile() string {
	candidates := []string{h.getenv("NIXOS_CONFIG")}
	for name, path := range h.searchPath() {
		if name == "nixos-config" {
			candidates = append(candidates, path)
		}
	}
	candidates = append(candidates, h.Path("etc", "nixos", "configuration.nix"))
	for _, file := range candidates {
		if filepath.IsAbs(file) && exists(file) {
			return file
		}
	}
	return ""
}

// NixPath is the value of NIX_PATH.
func (h *Host) NixPath() string { return h.getenv("NIX_PATH") }

// RootChannels is the folder with root's channels; it need not exist.
func (h *Host) RootChannels() string {
	return filepath.Join(h.StateDir, "profiles", "per-user", "root", "channels")
}

// searchPath yields the name and the path of those entries of NIX_PATH that
// have a name.
func (h *Host) searchPath() iter.Seq2[string, string] {
	return func(yield func(name, path string) bool) {
		for entry := range strings.SplitSeq(h.NixPath(), ":") {
			name, path, ok := strings.Cut(entry, "=")
			if ok && !yield(name, path) {
				return
			}
		}
	}
}

// siblings lists the other Nix files beside the entry file.
func siblings(dir string, known []string) []string {
	matches, _ := filepath.Glob(filepath.Join(dir, "*.nix")) // only a bad pattern is an error
	var others []string
	for _, match := range matches {
		if !slices.Contains(known, match) {
			others = append(others, match)
		}
	}
	return others
}

// channels lists the channels of root, or without them what NIX_PATH calls
// nixpkgs.
func (h *Host) channels() []operation.Channel {
	channels := []operation.Channel{}
	dir := h.RootChannels()
	entries, err := os.ReadDir(dir + "/") // the slash follows the profile's link
	if err == nil {
		urls := channelURLs(h.Path("root", ".nix-channels"))
		for _, entry := range entries {
			path := filepath.Join(dir, entry.Name())
			if entry.Name() != "manifest.nix" && entry.Name() != "binary-caches" {
				channels = append(channels, operation.Channel{
					Name: entry.Name(), URL: urls[entry.Name()], Version: nixpkgsVersion(path), Path: path,
				})
			}
		}
	}
	if len(channels) > 0 {
		return channels
	}
	for name, path := range h.searchPath() {
		if name == "nixpkgs" && exists(path) {
			channels = append(channels, operation.Channel{Name: name, Version: nixpkgsVersion(path), Path: path})
		}
	}
	return channels
}

// channelURLs reads a .nix-channels file: a URL and a name a line.
func channelURLs(file string) map[string]string {
	urls := map[string]string{}
	f, err := os.Open(file)
	if err != nil {
		return urls
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if fields := strings.Fields(lines.Text()); len(fields) == 2 && !strings.HasPrefix(fields[0], "#") {
			urls[fields[1]] = fields[0]
		}
	}
	return urls
}

// nixpkgsVersion reads the version files of a nixpkgs tree.
func nixpkgsVersion(dir string) string {
	for _, name := range []string{".version", "lib/.version"} {
		version, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			continue
		}
		suffix, _ := os.ReadFile(filepath.Join(dir, ".version-suffix")) // not every tree has one
		return strings.TrimSpace(string(version)) + strings.TrimSpace(string(suffix))
	}
	return operation.Unknown
}

// gitRevision reads which commit is checked out in dir or a folder above it; ""
// when it is not in a git repository.
func gitRevision(dir string) string {
	for ; dir != "/" && dir != "."; dir = filepath.Dir(dir) {
		head, err := os.ReadFile(filepath.Join(dir, ".git", "HEAD"))
		if err != nil {
			continue
		}
		ref, symbolic := strings.CutPrefix(strings.TrimSpace(string(head)), "ref: ")
		if !symbolic {
			return ref
		}
		if commit, err := os.ReadFile(filepath.Join(dir, ".git", ref)); err == nil {
			return strings.TrimSpace(string(commit))
		}
		return packedRef(filepath.Join(dir, ".git", "packed-refs"), ref)
	}
	return ""
}

func packedRef(file, ref string) string {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if commit, name, ok := strings.Cut(lines.Text(), " "); ok && name == ref {
			return commit
		}
	}
	return ""
}
