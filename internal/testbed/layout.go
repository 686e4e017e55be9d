package testbed

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"luminousnix/testdata/nixos"
)

// maxSocketPath is the longest path that sockaddr_un holds on Linux, without
// its closing NUL.
const maxSocketPath = 107

// layout names the places below dir without touching them.
func layout(dir string) *Nix {
	n := &Nix{
		Dir:      dir,
		StoreDir: filepath.Join(dir, "nix", "store"),
		LogDir:   filepath.Join(dir, "nix", "var", "log", "nix"),
		ConfDir:  filepath.Join(dir, "etc"),
		Nixpkgs:  filepath.Join(dir, "nixpkgs"),
		Home:     filepath.Join(dir, "home"),
	}
	n.NixOS = nixosOf(n, filepath.Join(dir, "root"), filepath.Join(dir, "nix", "var", "nix"), filepath.Join(dir, "tmp"))
	n.Socket = filepath.Join(n.StateDir, "daemon-socket", "socket")
	if len(n.Socket) > maxSocketPath {
		// The same for every process that asks, as `testbed down` does.
		sum := sha256.Sum256([]byte(dir))
		n.Socket = filepath.Join("/tmp", "testbed-"+hex.EncodeToString(sum[:8]), "socket")
	}
	return n
}

// locate is layout for a directory as a user gives it. Nix refuses a store
// below a symbolic link, so the links are resolved.
func locate(dir string) (*Nix, error) {
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	resolved, err := filepath.EvalSymlinks(absolute)
	if err != nil {
		return nil, err
	}
	return layout(resolved), nil
}

// prepare creates all that a daemon and a machine need below dir. What is there
// already stays, but for the settings and the package set.
func prepare(dir string, options Options) (*Nix, error) {
	release := options.Release
	if release.BinDir == "" {
		var err error
		if release, err = Installed(); err != nil {
			return nil, err
		}
	}
	// Builders get their inputs as words of a shell, and NIX_PATH has colons.
	if strings.ContainsAny(dir, " \t\n'\"`\\$:;&|<>()*?[]#") {
		return nil, fmt.Errorf("a Nix store cannot be in %q: characters that a shell treats in a special way", dir)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	n, err := locate(dir)
	if err != nil {
		return nil, err
	}
	n.Release = release
	for _, directory := range []string{
		n.StoreDir, n.LogDir, n.ConfDir, n.Home, n.buildDir(), n.temporary,
		filepath.Dir(n.SystemProfile), filepath.Dir(n.Socket),
	} {
		if err := os.MkdirAll(directory, 0o755); err != nil {
			return nil, err
		}
	}
	if err := os.MkdirAll(n.runtimeDir(), 0o700); err != nil {
		return nil, err
	}
	if err := n.writeSettings(options.Settings); err != nil {
		return nil, err
	}
	if err := UnpackNixpkgs(n.Nixpkgs); err != nil {
		return nil, err
	}
	return n, n.Prepare()
}

// buildDir is where builders work. It is for nothing else: by it the builders
// are known that a daemon left behind.
func (n *Nix) buildDir() string { return filepath.Join(n.Dir, "build") }

func (n *Nix) runtimeDir() string { return filepath.Join(n.Dir, "runtime") }

// writeSettings writes nix.conf, with more lines at its end, and the registry.
func (n *Nix) writeSettings(more string) error {
	// keep-… and fsync as they are by default would only cost time and space.
	settings := fmt.Sprintf(`# Written by testbed.
sandbox = false
build-users-group =
builders =
max-jobs = auto
substituters =
trusted-users = root %s
experimental-features = nix-command flakes
flake-registry = %s
fsync-metadata = false
gc-reserved-space = 0
warn-dirty = false
%s
`, userName(), n.registryFile(), more)
	if err := os.WriteFile(filepath.Join(n.ConfDir, "nix.conf"), []byte(settings), 0o644); err != nil {
		return err
	}

	// `nixpkgs` in a flake's URL is our package set; no other name is known.
	type reference map[string]string
	registry, err := json.Marshal(map[string]any{
		"version": 2,
		"flakes": []map[string]reference{{
			"from": {"type": "indirect", "id": "nixpkgs"},
			"to":   {"type": "path", "path": n.Nixpkgs},
		}},
	})
	if err != nil {
		return err
	}
	return os.WriteFile(n.registryFile(), registry, 0o644)
}

func (n *Nix) registryFile() string { return filepath.Join(n.ConfDir, "registry.json") }

// UnpackNixpkgs puts testdata/nixos into a directory, which is made if need be.
func UnpackNixpkgs(dir string) error {
	return fs.WalkDir(nixos.Files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := filepath.Join(dir, path)
		if entry.IsDir() {
			return os.MkdirAll(target, 0o755)
		}
		content, err := nixos.Files.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, content, 0o644)
	})
}
