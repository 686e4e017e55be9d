package hosts

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"

	"luminousnix/internal/testbed"
)

// channels is root's profile of channels, and channel the one that is <nixpkgs>.
const (
	channels = "/nix/var/nix/profiles/per-user/root/channels"
	channel  = channels + "/nixos"
)

// settings are those of a NixOS, but for the caches, which nobody could reach, and
// the sandbox, in which there would be no /bin/sh.
const settings = `sandbox = false
substituters =
experimental-features = nix-command flakes
flake-registry =
trusted-users = root
`

// prepare writes the files that are there before the first boot.
func (h *Host) prepare() error {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails
	for path, content := range map[string]string{
		"/etc/machine-id":   hex.EncodeToString(id[:]) + "\n",
		"/etc/nix/nix.conf": settings,
	} {
		if err := h.WriteFile(path, []byte(content), 0o644); err != nil {
			return err
		}
	}
	for _, dir := range []string{"/nix/store", filepath.Dir(h.NixOS.SystemProfile), filepath.Dir(channels)} {
		if err := os.MkdirAll(h.Path(dir), 0o755); err != nil {
			return err
		}
	}
	return h.NixOS.Prepare()
}

// addChannel makes testdata/nixos the channel `nixos` of root.
func (h *Host) addChannel(ctx context.Context) error {
	const unpacked = "/tmp/channels"
	if err := testbed.UnpackNixpkgs(h.Path(unpacked + "/nixos")); err != nil {
		return err
	}
	added, err := h.output(ctx, "nix-store", "--add", unpacked)
	if err != nil {
		return err
	}
	if _, err := h.output(ctx, "nix-env", "--profile", channels, "--set", added); err != nil {
		return err
	}
	return os.RemoveAll(h.Path(unpacked))
}

// output runs a command and returns what it prints, without the line's end.
func (h *Host) output(ctx context.Context, name string, args ...string) (string, error) {
	out, err := testbed.Output(h.Command(ctx, name, args...))
	if err != nil {
		return "", fmt.Errorf("on %s: %w", h.Name, err)
	}
	return out, nil
}
