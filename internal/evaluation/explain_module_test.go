package evaluation_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestExplainModules goes through what the module system says in releases of NixOS
// from 16.09 to today. The files of the definitions are there, so the place in
// them is found too.
func TestExplainModules(t *testing.T) {
	t.Parallel()
	const forceOne = "Keep one of them, or give the one that shall win lib.mkForce."
	for name, test := range map[string]struct {
		message string // of a.nix and b.nix in the folder %[1]s
		want    told
	}{
		"unknown, 16.09": {"The option `services.sshd' defined in `%[1]s/a.nix' does not exist.", told{
			"a.nix:4:3: there is no option services.sshd",
			"The name is misspelled, or the option belongs to another release of NixOS, or its module is not imported; `ask-nix options sshd` searches the options.",
		}},
		"unknown, 23.05": {"The option `services.sshd' does not exist. Definition values:\n- In `%[1]s/a.nix':\n    {\n      enable = true;\n    }\n\nDid you mean `services.openssh', `services.ssh' or `services.sshguard'?", told{
			"a.nix:4:3: there is no option services.sshd",
			"Did you mean services.openssh, services.ssh or services.sshguard?",
		}},
		"conflict, 17.09": {"The option `networking.hostName' has conflicting definitions, in `%[1]s/a.nix' and `%[1]s/b.nix'.", told{
			"the option networking.hostName is set to different values: a.nix:2:3 and b.nix:1:18", forceOne,
		}},
		"conflict, today": {"The option `networking.hostName' has conflicting definition values:\n- In `%[1]s/a.nix': \"rose\"\n- In `%[1]s/b.nix': \"tulip\"\nUse `lib.mkForce value` or `lib.mkDefault value` to change the priority on any of these definitions.", told{
			"the option networking.hostName is set to different values: a.nix:2:3 (\"rose\") and b.nix:1:18 (\"tulip\")", forceOne,
		}},
		"unique, 19.09": {"The unique option `networking.hostName' is defined multiple times, in:\n - %[1]s/a.nix\n - %[1]s/b.nix.", told{
			"the option networking.hostName can be set only once, and is set in a.nix:2:3 and b.nix:1:18", forceOne,
		}},
		"type, 17.09": {"The option value `boot.loader.timeout' in `%[1]s/a.nix' is not a integer.", told{
			"a.nix:3:19: the value of boot.loader.timeout is not a integer",
			"Give it a value of that type; the manual of NixOS and `ask-nix option boot.loader.timeout` say what it takes.",
		}},
		"type, 20.03": {"The option value `boot.loader.timeout' in `%[1]s/a.nix' is not of type `null or signed integer'.", told{
			"a.nix:3:19: the value of boot.loader.timeout is not of type `null or signed integer'",
			"Give it a value of that type; the manual of NixOS and `ask-nix option boot.loader.timeout` say what it takes.",
		}},
		"type, today": {"A definition for option `boot.loader.timeout' is not of type `null or signed integer'. Definition values:\n- In `%[1]s/a.nix': \"5\"", told{
			"a.nix:3:19 (\"5\"): the value of boot.loader.timeout is not of type `null or signed integer'",
			"Give it a value of that type; the manual of NixOS and `ask-nix option boot.loader.timeout` say what it takes.",
		}},
		"no value, 16.09": {"The option `fileSystems' is used but not defined.", told{
			"the option fileSystems has no value, but is needed", "Set it in the configuration: fileSystems = …;",
		}},
		"no value, today": {"The option `fileSystems' was accessed but has no value defined. Try setting the option.", told{
			"the option fileSystems has no value, but is needed", "Set it in the configuration: fileSystems = …;",
		}},
		"read-only": {"The option `system.build' is read-only, but it's set multiple times. Definition values:\n- In `%[1]s/a.nix': 1\n- In `%[1]s/b.nix': 2", told{
			"the option system.build is read-only, and is set in a.nix (1) and b.nix (2)", "Remove what sets it.",
		}},
		"declared twice": {"The option `x.y' in `%[1]s/a.nix' is already declared in `%[1]s/b.nix'.", told{
			"the option x.y is declared more than once: a.nix and b.nix", "Two modules declare it; remove one of them from imports.",
		}},
		"assertions": {"\nFailed assertions:\n- The root file system is missing.\n- You must set a boot device.", told{
			"the configuration contradicts itself: The root file system is missing. (and 1 more below)",
			"Each of these conditions is checked by a module; change the options that it names.",
		}},
		"unfree": {"Package ‘unrar-6.2’ in %[1]s/a.nix:12 has an unfree license (‘unfree’), refusing to evaluate.\n\nmore", told{
			"a.nix:12: the package unrar-6.2 is unfree",
			`Remove it, or add to the configuration: nixpkgs.config.allowUnfreePredicate = pkg: builtins.elem (lib.getName pkg) [ "unrar" ]; (or nixpkgs.config.allowUnfree = true; for all of them)`,
		}},
		"insecure": {"Package ‘openssl-1.0.2u’ in %[1]s/a.nix:7 is marked as insecure, refusing to evaluate.\n", told{
			"a.nix:7: the package openssl-1.0.2u is known to be insecure",
			`Remove it, or add to the configuration: nixpkgs.config.permittedInsecurePackages = [ "openssl-1.0.2u" ];`,
		}},
		"broken": {"Package ‘qt-4.8.7’ in %[1]s/a.nix:7 is marked as broken, refusing to evaluate.", told{
			"a.nix:7: the package qt-4.8.7 is marked as broken",
			"Remove it, or add to the configuration: nixpkgs.config.allowBroken = true;",
		}},
		"platform": {"Package ‘steam-1’ in %[1]s/a.nix:7 is not available on the requested hostPlatform:\n  hostPlatform.system = \"x\"\n, refusing to evaluate.", told{
			"a.nix:7: the package steam-1 is not for this kind of machine",
			"Remove it, or add to the configuration: nixpkgs.config.allowUnsupportedSystem = true;",
		}},
		"unfree, today": {"Refusing to evaluate package 'unrar-6.2' in %[1]s/a.nix:12 because it has an unfree license (‘unfree’)\n", told{
			"a.nix:12: the package unrar-6.2 is unfree",
			`Remove it, or add to the configuration: nixpkgs.config.allowUnfreePredicate = pkg: builtins.elem (lib.getName pkg) [ "unrar" ]; (or nixpkgs.config.allowUnfree = true; for all of them)`,
		}},
		"unsupported": {"Package ‘steam-1’ in %[1]s/a.nix:7 is not supported on ‘aarch64-linux’, refusing to evaluate.", told{
			"a.nix:7: the package steam-1 is not for this kind of machine",
			"Remove it, or add to the configuration: nixpkgs.config.allowUnsupportedSystem = true;",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write(t, dir, "a.nix", "{ pkgs, ... }: {\n  networking.hostName = \"rose\";\n  config.boot = { loader.timeout = \"5\"; };\n  services.sshd = { enable = true; };\n}\n")
			write(t, dir, "b.nix", "{ networking = { hostName = \"tulip\"; }; }\n")
			write(t, dir, "throw.nix", "builtins.throw (builtins.readFile ./message)")
			write(t, dir, "message", fmt.Sprintf(test.message+"%[2]s", dir, ""))
			got, failure := explain(t, dir, "throw.nix")
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			if len(failure.Details) == 0 {
				t.Error("no details")
			}
		})
	}
}
