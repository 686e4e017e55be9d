package packaging_test

import (
	"os"
	"strings"
	"testing"

	"luminousnix/internal/engine"
	"luminousnix/internal/testbed"
)

// TestNixpkgs evaluates the package and a NixOS with the module, with the nixpkgs that
// NIXPKGS names and with what that really gives.
func TestNixpkgs(t *testing.T) {
	tree := os.Getenv("NIXPKGS")
	if tree == "" {
		t.Skip("NIXPKGS does not name a tree of nixpkgs; see make test-nixpkgs")
	}
	b := newBed(t, testbed.AllReleases(t)[0])
	expression := `let
  flake = (import (` + b.repository + `/flake.nix)).outputs { self = flake; nixpkgs = { inherit (pkgs) lib; legacyPackages = { x86_64-linux = pkgs; aarch64-linux = pkgs; }; }; };
  pkgs = import ` + tree + ` { system = "x86_64-linux"; };
  package = flake.packages.x86_64-linux.default;
  system = import ` + tree + `/nixos { system = "x86_64-linux"; configuration = { lib, ... }: {
    imports = [ flake.nixosModules.default ];
    fileSystems."/".device = "/dev/sda1"; boot.loader.grub.device = "/dev/sda"; system.stateVersion = lib.trivial.release;
    security.polkit.enable = true;
    programs.ask-nix = { enable = true; settings = { persona = "technical"; cache.ttl = 600; }; };
  }; };
in {
  inherit (package) name;
  drv = package.drvPath;
  main = pkgs.lib.getExe package == package + "/bin/ask-nix";
  polkit = builtins.match ".*nix-daemon.socket.*" system.config.environment.etc."polkit-1/rules.d/10-nixos.rules".text != null;
  rules = builtins.elem "d /var/lib/luminous-nix 0755 root root -" system.config.systemd.tmpfiles.rules;
  settings = system.config.environment.etc."luminous-nix/config.toml".source.name;
  has = builtins.elem package.drvPath (map (p: p.drvPath) system.config.environment.systemPackages);
}`
	var got struct {
		Name, Drv, Settings      string
		Main, Polkit, Rules, Has bool
	}
	b.value(t, expression, &got)
	if got.Name != "ask-nix-"+engine.Version || !got.Main || !got.Polkit || !got.Rules || !got.Has || !strings.HasSuffix(got.Settings, "ask-nix-config.toml") || !strings.HasSuffix(got.Drv, ".drv") {
		t.Errorf("%+v", got)
	}
}
