package persona_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/operation"
	"luminousnix/internal/persona"
)

func TestEquivalent(t *testing.T) {
	t.Parallel()
	const system = "/nix/var/nix/profiles/system"
	op := func(name operation.Name, args operation.Arguments) operation.Operation {
		return operation.New(name, args)
	}
	back := &operation.Plan{
		Steps:   []operation.Step{{Action: "Point the profile at generation 2", Path: system}, {Action: "Activate it now"}},
		Changes: &operation.Comparison{From: 3, To: 2},
	}
	for name, test := range map[string]struct {
		result operation.Result
		want   []string
	}{
		"rollback": {
			operation.Result{Operation: op(operation.Rollback, operation.Arguments{}), Plan: back},
			[]string{"nix-env --profile " + system + " --switch-generation 2", system + "/bin/switch-to-configuration switch"},
		},
		"rollback that is not activated": {
			operation.Result{
				Operation: op(operation.Rollback, operation.Arguments{}), Plan: &operation.Plan{Steps: back.Steps[:1]},
				Data: &operation.Switched{Profile: system, To: 2},
			},
			[]string{"nix-env --profile " + system + " --switch-generation 2"},
		},
		"rollback that failed early": {operation.Result{Operation: op(operation.Rollback, operation.Arguments{})}, nil},
		"switch": {
			operation.Result{Operation: op(operation.SwitchSystem, operation.Arguments{
				Profile: "test", Specialisation: "gaming", Upgrade: true, InstallBootLoader: true,
				Source: operation.Source{File: "/x.nix", Attribute: "a", Include: []string{"nixpkgs=/n"}},
				Build:  operation.Build{MaxJobs: 2, Cores: 3, KeepGoing: true, Settings: []string{"sandbox=false"}},
			})},
			[]string{"nixos-rebuild switch --upgrade --profile-name test --specialisation gaming --install-bootloader --file /x.nix --attr a -I nixpkgs=/n --max-jobs 2 --cores 3 --keep-going --option sandbox false"},
		},
		"clean-up": {
			operation.Result{Operation: op(operation.CleanUp, operation.Arguments{}), Plan: &operation.Plan{Steps: []operation.Step{
				{Action: "Delete generation 1 (x)", Path: system + "-1-link"},
				{Action: "Delete generation 2 (y)", Path: system + "-2-link"},
				{Action: "Collect garbage: 1 store path, 5 B", Path: "/nix/store"},
			}}},
			[]string{"nix-env --profile " + system + " --delete-generations 1 2", "nix-store --gc"},
		},
		"install": {
			operation.Result{Operation: op(operation.InstallPackages, operation.Arguments{Packages: []operation.PackageName{"git", "vim"}})},
			[]string{"nix profile install nixpkgs#git nixpkgs#vim"},
		},
		"install into the configuration": {
			operation.Result{Operation: op(operation.InstallPackages, operation.Arguments{}), Data: &operation.Edited{}},
			nil,
		},
		"update of a flake": {
			operation.Result{Operation: op(operation.UpdateSystem, operation.Arguments{Channel: "nixpkgs", Source: operation.Source{Flake: "/f#rose"}})},
			[]string{"nix flake update --flake /f nixpkgs", "nixos-rebuild switch --flake /f#rose"},
		},
		"update of channels": {
			operation.Result{Operation: op(operation.UpdateSystem, operation.Arguments{})},
			[]string{"nix-channel --update", "nixos-rebuild switch"},
		},
		"elsewhere": {
			operation.Result{Operation: op(operation.RebuildRemotely, operation.Arguments{Command: []string{"switch", "--target-host", "rose"}})},
			[]string{"nixos-rebuild switch --target-host rose"},
		},
		"of a user": {
			operation.Result{Operation: op(operation.ListGenerations, operation.Arguments{}), Data: &operation.Generations{Profile: "/p"}},
			[]string{"nix-env --profile /p --list-generations"},
		},
	} {
		var got []string
		for _, argv := range persona.Equivalent(test.result) {
			got = append(got, strings.Join(argv, " "))
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestEquivalentsAreCommands: whatever the answer, a command has a program that there is.
func TestEquivalentsAreCommands(t *testing.T) {
	t.Parallel()
	programs := []string{
		"nix", "nix-env", "nix-store", "nix-shell", "nix-channel", "nixos-rebuild", "nixos-option", "nixos-version",
		"command-not-found", "df", "uname", "systemctl", "journalctl",
	}
	for _, spec := range operation.All() {
		for _, r := range answers(spec.Name) {
			for _, argv := range persona.Equivalent(r) {
				if !slices.Contains(programs, argv[0]) || slices.Contains(argv, "") && spec.Name != operation.CompareGenerations && spec.Name != operation.ListGenerations {
					t.Errorf("%s: %q", spec.Name, argv)
				}
			}
		}
	}
}
