package diagnosis_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"luminousnix/internal/diagnosis"
	"luminousnix/internal/testbed"
)

// A way to make a tree of nixpkgs fail.
type way int

const (
	module  way = iota // a configuration with the options of options, by lib alone
	system             // a configuration of NixOS
	warned             // a configuration of NixOS that only has warnings
	pkg                // an expression with pkgs
	written            // what the file says, found by a regular expression
)

// A fault is text that makes a tree fail, in some way. Where trees tell it in ways that
// are different shapes, these are divided by bars.
type fault struct {
	id   string
	way  way
	text string
	file string // where it is written, below the tree
	rest string // what the program adds, where that is not text
}

// options are those that modules of the faults set.
const options = `{ lib, ... }: with lib; {
  options.assertions = mkOption { type = types.listOf types.unspecified; default = [ ]; };
  options.services.rose = {
    enable = mkEnableOption "roses";
    name = mkOption { type = types.str; default = "rose"; };
    colours = mkOption { type = types.listOf (types.enum [ "red" "white" ]); default = [ ]; };
    port = mkOption { type = types.int; default = 1; };
    gardener = mkOption { type = types.uniq types.str; default = "nobody"; };
    kind = mkOption { type = types.str; readOnly = true; default = "plant"; };
    water = mkOption { type = types.str; };
  };
}`

// bootable is what a configuration needs for nothing else to be wrong with it.
const bootable = `boot.loader.grub.device = "nodev"; fileSystems."/".device = "/dev/y"; `

func faults() []fault {
	return []fault{
		{id: "option-missing", text: `{ services.rose.enabel = true; }`},
		{id: "option-missing", text: `{ services.tulip.enable = true; }`},
		{id: "option-type", text: `{ services.rose.enable = "yes"; }`},
		{id: "option-type", text: `{ services.rose.colours = "red"; }`},
		{id: "option-type", text: `{ services.rose.colours = [ "blue" ]; }`},
		{id: "option-type|wrong-type", text: `{ services.rose = true; }`},
		{id: "option-conflict", text: `{ imports = [ { services.rose.name = "a"; } ]; services.rose.name = "b"; }`},
		{id: "option-conflict", text: `{ lib, ... }: { imports = [ { services.rose.port = lib.mkForce 2; } ]; services.rose.port = lib.mkForce 3; }`},
		{id: "option-conflict", text: `{ imports = [ { services.rose.gardener = "a"; } ]; services.rose.gardener = "b"; }`},
		{id: "option-read-only", text: `{ services.rose.kind = "animal"; }`},
		{id: "option-unset", text: `{ config, ... }: { services.rose.name = config.services.rose.water; }`},
		{id: "module-arguments", text: `{ options = { }; services.rose.enable = true; }`},
		{id: "infinite-recursion", text: `{ config, ... }: { imports = config.services.rose.imports; }`},
		{id: "infinite-recursion", text: `{ config, ... }: { services.rose.port = config.services.rose.port; }`},
		{id: "infinite-recursion|attribute-missing", text: `{ pkgs, ... }: { services.rose.name = pkgs.name; }`},
		{id: "undefined-variable", text: `{ services.rose.name = pkgss.name; }`},
		{id: "file-missing", text: `{ imports = [ ./nope.nix ]; }`},
		{id: "syntax", text: `{ services.rose.enable = true }`},
		{id: "attribute-missing", text: `{ lib, ... }: { services.rose.name = lib.nope; }`},
		{id: "coercion", text: `{ services.rose.name = "rose" + 1; }`},

		{id: "assertions-failed", way: system, text: `{ ` + bootable + `assertions = [ { assertion = false; message = "Roses need water."; } ]; }`},
		{id: "no-root-file-system", way: system, text: `{ boot.loader.grub.device = "nodev"; }`},
		{id: "grub-devices", way: system, text: `{ fileSystems."/".device = "/dev/y"; }`},
		{id: "option-removed", way: system, text: `{ ` + bootable + `services.xserver.displayManager.slim.enable = true; }`},
		{id: "option-missing", way: system, text: `{ ` + bootable + `services.opnssh.enable = true; }`},
		{id: "option-type", way: system, text: `{ ` + bootable + `networking.firewall.enable = "true"; }`},
		{id: "option-conflict", way: system, text: `{ ` + bootable + `imports = [ { networking.hostName = "rose"; } ]; networking.hostName = "tulip"; }`},
		{id: "undefined-variable", way: system, text: `{ ` + bootable + `environment.systemPackages = [ htop ]; }`},
		{id: "attribute-missing", way: system, text: `{ pkgs, ... }: { ` + bootable + `environment.systemPackages = [ pkgs.htopp ]; }`},
		{id: "unfree", way: system, text: `{ pkgs, ... }: { ` + bootable + `environment.systemPackages = [ pkgs.unrar ]; }`},

		{id: "unfree", way: pkg, text: `pkgs.unrar`},
		{id: "insecure", way: pkg, text: `pkgs.hello.overrideAttrs (old: { meta = old.meta // { knownVulnerabilities = [ "It withers" ]; }; })`},
		{id: "broken", way: pkg, text: `pkgs.hello.overrideAttrs (old: { meta = old.meta // { broken = true; }; })`},
		{id: "unsupported-platform", way: pkg, text: `pkgs.hello.overrideAttrs (old: { meta = old.meta // { platforms = [ "aarch64-darwin" ]; }; })`},
		{id: "package-renamed", way: pkg, text: `pkgs.pkgconfig`},
		{id: "package-removed|attribute-missing", way: pkg, text: `pkgs.foxitreader`},
		{id: "option-renamed", way: warned, text: `{ system.stateVersion = "20.03"; services.xserver.layout = "de"; }`},
		{id: "state-version", way: warned, text: `{ }`},

		{id: "not-nixos", way: written, file: switchScript, text: `This is not a NixOS installation!`},
		{id: "profile-locked", way: written, file: switchScript, text: `Could not acquire lock`},
		{id: "other-init", way: written, file: switchScript, text: `(?s)Warning: [^\n]*an ‘init’ that is\n.*?\n\n`},
		{id: "units-failed", way: written, file: switchScript, text: `warning: the following units failed: `, rest: "rose.service"},
		{id: "boot-loader", way: written, file: switchScript, text: `Failed to install boot ?loader`},
		{id: "activation-script", way: written, file: "nixos/modules/system/activation/activation-script.nix", text: `Activation script snippet '%s' failed \(%s\)`},
		{id: "user-activation", way: written, file: switchScript, text: `user activation for .* failed`},
		{id: "efi-not-mounted", way: written, file: bootBuilder, text: `efiSysMountPoint = '.*' is not a mounted partition\. Is the path configured correctly\?`},
		{id: "efi-not-mounted", way: written, file: "nixos/modules/system/boot/loader/systemd-boot/systemd-boot.nix", text: `efiSysMountPoint = '.*' is not a mounted partition\. Is the path configured correctly\?`},
		{id: "grub-drive", way: written, file: "nixos/modules/system/boot/loader/grub/install-grub.pl", text: `installation of GRUB[^"\n]* failed`},
		{id: "source-gone", way: written, file: "pkgs/build-support/fetchurl/builder.sh", text: `error: cannot download .* from any mirror`},
		{id: "foreign-program", way: written, file: "nixos/modules/config/stub-ld.nix", text: `NixOS cannot run dynamically linked executables intended for generic\n *linux environments out of the box`},
		{id: "foreign-program", way: written, file: "nixos/modules/config/ldso.nix", text: `NixOS cannot run dynamically linked executables intended for generic`},
		{id: "collision", way: written, file: "pkgs/build-support/buildenv/builder.pl", text: `collision between .*? and [^"]*`},
		{id: "collision", way: written, file: "pkgs/build-support/buildenv/builder.pl", text: `two given paths contain a conflicting subpath:\\n[^"]*`},
		{id: "kernel-module", way: written, file: "pkgs/build-support/kernel/modules-closure.sh", text: `modprobe: FATAL: Module .* not found`},
		{id: "command-not-found-database", way: written, file: "nixos/modules/programs/command-not-found/command-not-found.pl", text: `cannot open database .*`},
		{id: "pre-switch", way: written, file: "nixos/modules/system/activation/pre-switch-check.nix", text: `Pre-switch check '.*' failed`},
		{id: "home-file-in-way", way: written, file: "modules/files.nix", text: `Existing file '.*' is in the way of '.*'`},
		{id: "home-file-in-way", way: written, file: "modules/files/check-link-targets.sh", text: `Existing file '[^\n]*' (is in the way of|would be clobbered)`},
	}
}

const (
	switchScript = "nixos/modules/system/activation/switch-to-configuration.pl"
	bootBuilder  = "nixos/modules/system/boot/loader/systemd-boot/systemd-boot-builder.py"
)

// TestNixpkgsErrors has trees of nixpkgs, or only of its lib, fail in many ways, by the
// newest Nix here. NIXPKGS names the trees, with colons between. With -record it writes
// testdata/nixos.txt, which TestMessages reads.
func TestNixpkgsErrors(t *testing.T) {
	trees := os.Getenv("NIXPKGS")
	if trees == "" {
		t.Skip("NIXPKGS does not name trees of nixpkgs")
	}
	releases := testbed.AllReleases(t)
	nix := testbed.NewWith(t, testbed.Options{Release: releases[len(releases)-1]})
	var records []string
	excerpt := regexp.MustCompile(`(?m)^ *[0-9]*\|.*\n`)
	for _, tree := range filepath.SplitList(trees) {
		for _, f := range faults() {
			text, err := f.provoke(t, nix, tree)
			if errors.Is(err, fs.ErrNotExist) {
				continue // the tree does not have that
			}
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(text, `"/`) || text == "null" {
				continue // the tree has nothing against it
			}
			id := diagnosis.Explain(text).ID
			if !slices.Contains(strings.Split(f.id, "|"), id) {
				t.Errorf("%s: %s\n%s\nis taken for %q, want %q", tree, f.text, text, id, f.id)
			}
			source := versionOf(tree)
			if f.way == written {
				source += ", " + f.file
			}
			// The excerpts of the files that Nix shows are not part of the message.
			text = strings.NewReplacer(nix.Dir, "/bed", tree, "/nixpkgs").Replace(excerpt.ReplaceAllString(text, ""))
			records = append(records, fmt.Sprintf("== %s | %s\n%s\n", id, source, text))
		}
	}
	if *record {
		if err := os.WriteFile("testdata/nixos.txt", []byte(strings.Join(slices.Compact(records), "")), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// versionOf is what a tree calls itself.
func versionOf(tree string) string {
	for _, file := range []string{"lib/.version", ".version"} {
		if text, err := os.ReadFile(filepath.Join(tree, file)); err == nil {
			return "nixpkgs " + strings.TrimSpace(string(text))
		}
	}
	return "home-manager"
}

// needs is what a tree has if it can fail in a way.
func (f fault) needs() string {
	switch f.way {
	case system, warned:
		return "nixos/lib/eval-config.nix"
	case pkg:
		return "pkgs/top-level/default.nix"
	case written:
		return f.file
	}
	return "lib/modules.nix"
}

// provoke returns what the tree says. The error is [fs.ErrNotExist] if it does not have
// what that needs.
func (f fault) provoke(t *testing.T, nix *testbed.Nix, tree string) (string, error) {
	if f.way == written {
		content, err := os.ReadFile(filepath.Join(tree, f.file))
		if err != nil {
			return "", err
		}
		found := regexp.MustCompile(f.text).FindString(string(content))
		if found == "" {
			return "", fs.ErrNotExist
		}
		return strings.TrimSpace(strings.NewReplacer(`\n`, "\n", "$dbPath", "/channels/programs.sqlite").Replace(found) + f.rest), nil
	}
	if _, err := os.Stat(filepath.Join(tree, f.needs())); err != nil {
		return "", err
	}
	configuration, known := filepath.Join(nix.Home, "configuration.nix"), filepath.Join(nix.Home, "options.nix")
	if err := errors.Join(os.WriteFile(configuration, []byte(f.text), 0o644), os.WriteFile(known, []byte(options), 0o644)); err != nil {
		return "", err
	}
	expression := fmt.Sprintf("((import %s/lib).evalModules { modules = [ %s %s ]; }).config.services.rose", tree, known, configuration)
	switch f.way {
	case system:
		expression = fmt.Sprintf("(import %s/nixos { configuration = %s; }).config.system.build.toplevel.drvPath", tree, configuration)
	case warned:
		expression = fmt.Sprintf("let s = import %s/nixos { configuration = %s; }; in s.pkgs.lib.showWarnings s.config.warnings null", tree, configuration)
	case pkg:
		expression = fmt.Sprintf("let pkgs = import %s { config = { }; overlays = [ ]; }; in (%s).drvPath", tree, f.text)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	out, _ := nix.Command(ctx, "nix-instantiate", "--eval", "--strict", "-E", expression).CombinedOutput() // it fails
	return strings.TrimSpace(string(out)), nil
}
