package persona

import (
	"cmp"
	"path"
	"strconv"
	"strings"

	"luminousnix/internal/operation"
)

// Equivalent are the commands of Nix and NixOS that do about what an operation does, each
// as the words of its command line. It is nil where there are none. Those of the nix
// command need its experimental features.
func Equivalent(r operation.Result) [][]string {
	args := r.Operation.Arguments
	switch r.Operation.Name {
	case operation.SearchPackages:
		return one(append([]string{"nix", "search", "nixpkgs"}, strings.Fields(string(args.Query))...)...)
	case operation.ShowPackage:
		return perName(args.Packages, func(name string) []string { return []string{"nix", "eval", "--json", "nixpkgs#" + name + ".meta"} })
	case operation.ShowOption:
		return one("nixos-option", string(args.Option))
	case operation.FindProgram:
		return one("command-not-found", string(args.Program))
	case operation.ShowSystem:
		return [][]string{{"nixos-version"}, {"nix", "--version"}, {"uname", "-r"}}
	case operation.ShowConfiguration:
		return one("nix-channel", "--list")
	case operation.ShowErrors:
		return [][]string{{"systemctl", "--failed"}, {"journalctl", "-b", "-u", "nix-daemon", "-p", "warning"}}
	case operation.TryPackages:
		return one(append([]string{"nix-shell", "--packages"}, names(args.Packages)...)...)
	case operation.CollectGarbage:
		return one("nix-store", "--gc")
	case operation.VerifyStore:
		return one("nix-store", "--verify", "--check-contents")
	case operation.RepairStore:
		return one("nix-store", "--verify", "--check-contents", "--repair")
	case operation.OptimiseStore:
		return one("nix-store", "--optimise")
	case operation.DiskUsage:
		return [][]string{{"df", "-h", "/nix/store"}, {"nix-store", "--gc", "--print-dead"}}
	}
	if commands := rebuild(r); commands != nil {
		return commands
	}
	return ofProfiles(r)
}

// rebuild are the commands of what nixos-rebuild does.
func rebuild(r operation.Result) [][]string {
	args := r.Operation.Arguments
	switch r.Operation.Name {
	case operation.CheckConfiguration:
		return one(nixosRebuild("dry-build", args)...)
	case operation.BuildSystem:
		return one(nixosRebuild("build", args)...)
	case operation.SwitchSystem:
		return one(nixosRebuild("switch", args)...)
	case operation.BootSystem:
		return one(nixosRebuild("boot", args)...)
	case operation.TestSystem:
		return one(nixosRebuild("test", args)...)
	case operation.DryActivateSystem:
		return one(nixosRebuild("dry-activate", args)...)
	case operation.RebuildRemotely:
		return one(append([]string{"nixos-rebuild"}, args.Command...)...)
	case operation.UpdateSystem:
		return update(args)
	}
	return nil
}

// nixosRebuild is the command line of a verb.
func nixosRebuild(verb string, args operation.Arguments) []string {
	argv := []string{"nixos-rebuild", verb}
	add := func(flag, value string) {
		if value != "" {
			argv = append(argv, flag, value)
		}
	}
	if args.Upgrade {
		argv = append(argv, "--upgrade")
	}
	add("--profile-name", ofSystem(args.Profile))
	add("--specialisation", string(args.Specialisation))
	if args.InstallBootLoader {
		argv = append(argv, "--install-bootloader")
	}
	add("--flake", args.Source.Flake)
	if args.Source.NoFlake {
		argv = append(argv, "--no-flake")
	}
	add("--file", args.Source.File)
	add("--attr", string(args.Source.Attribute))
	for _, entry := range args.Source.Include {
		add("-I", entry)
	}
	add("--max-jobs", number(args.Build.MaxJobs))
	add("--cores", number(args.Build.Cores))
	if args.Build.KeepGoing {
		argv = append(argv, "--keep-going")
	}
	for _, setting := range args.Build.Settings {
		name, value, _ := strings.Cut(setting, "=")
		argv = append(argv, "--option", name, value)
	}
	return argv
}

// ofSystem is a profile as --profile-name has it: the system's own needs no flag.
func ofSystem(name operation.ProfileName) string {
	if name == "system" {
		return ""
	}
	return string(name)
}

func update(args operation.Arguments) [][]string {
	switch {
	case len(args.Packages) > 0:
		return one(append([]string{"nix", "profile", "upgrade"}, names(args.Packages)...)...)
	case args.Scope == operation.ScopeUser || args.Profile == operation.UserProfile:
		return one("nix", "profile", "upgrade", "--all")
	case args.Source.Flake != "":
		flake, _, _ := strings.Cut(args.Source.Flake, "#")
		command := []string{"nix", "flake", "update", "--flake", flake}
		if args.Channel != "" {
			command = append(command, args.Channel)
		}
		return [][]string{command, nixosRebuild("switch", args)}
	}
	channels := []string{"nix-channel", "--update"}
	if args.Channel != "" {
		channels = append(channels, args.Channel)
	}
	return [][]string{channels, nixosRebuild("switch", args)}
}

// ofProfiles are the commands of what is done with profiles and their generations, which
// the answer or the plan has to name.
func ofProfiles(r operation.Result) [][]string {
	switch data := r.Data.(type) {
	case *operation.Generations:
		if data.System {
			return one("nixos-rebuild", "list-generations")
		}
		return one("nix-env", "--profile", data.Profile, "--list-generations")
	case *operation.Comparison:
		return one("nix", "store", "diff-closures", data.FromPath, data.ToPath)
	case *operation.InstalledPackages:
		return [][]string{{"nix", "profile", "list"}, {"nix-store", "--query", "--references", "/run/current-system/sw"}}
	case *operation.Dependency:
		var all [][]string
		for _, way := range data.Ways {
			all = append(all, []string{"nix", "why-depends", cmp.Or(way.Root, data.Root), way.Path})
		}
		return all
	}
	switch r.Operation.Name {
	case operation.InstallPackages:
		return ownPackages(r, "install", "nixpkgs#")
	case operation.RemovePackages:
		return ownPackages(r, "remove", "")
	case operation.Rollback, operation.SwitchGeneration:
		return switchTo(r)
	case operation.DeleteGenerations:
		return deletion(r)
	case operation.CleanUp:
		return append(deletion(r), []string{"nix-store", "--gc"})
	}
	return nil
}

// ownPackages changes the profile of the person asking; what is written into the
// configuration has no command.
func ownPackages(r operation.Result, verb, prefix string) [][]string {
	if _, edited := r.Data.(*operation.Edited); edited || r.Plan != nil && len(r.Plan.Files) > 0 {
		return nil
	}
	argv := []string{"nix", "profile", verb}
	for _, name := range names(r.Operation.Arguments.Packages) {
		argv = append(argv, prefix+name)
	}
	return one(argv...)
}

// switchTo points a profile at a generation and activates what is there, where that is
// part of it.
func switchTo(r operation.Result) [][]string {
	profile, to, activates := "", 0, false
	if r.Plan != nil && len(r.Plan.Steps) > 0 {
		profile, activates = r.Plan.Steps[0].Path, len(r.Plan.Steps) > 1
		if r.Plan.Changes != nil {
			to = int(r.Plan.Changes.To)
		}
	}
	if data, ok := r.Data.(*operation.Switched); ok {
		profile, to = data.Profile, int(data.To)
	}
	to = cmp.Or(to, int(r.Operation.Arguments.Generation))
	if profile == "" || to == 0 {
		return nil
	}
	commands := one("nix-env", "--profile", profile, "--switch-generation", strconv.Itoa(to))
	if activates {
		commands = append(commands, []string{path.Join(profile, "bin/switch-to-configuration"), "switch"})
	}
	return commands
}

// deletion deletes the generations whose links the plan names.
func deletion(r operation.Result) [][]string {
	if r.Plan == nil {
		return nil
	}
	var argv []string
	for _, step := range r.Plan.Steps {
		profile, n, ok := generationLink(step.Path)
		if !ok || !strings.HasPrefix(step.Action, "Delete generation ") {
			continue
		}
		if argv == nil {
			argv = []string{"nix-env", "--profile", profile, "--delete-generations"}
		}
		argv = append(argv, n)
	}
	if argv == nil {
		return nil
	}
	return one(argv...)
}

// generationLink takes a link such as …/system-3-link apart.
func generationLink(link string) (profile, number string, ok bool) {
	rest, ok := strings.CutSuffix(link, "-link")
	dash := strings.LastIndexByte(rest, '-')
	if !ok || dash < 0 {
		return "", "", false
	}
	if _, err := strconv.Atoi(rest[dash+1:]); err != nil {
		return "", "", false
	}
	return rest[:dash], rest[dash+1:], true
}

func one(argv ...string) [][]string { return [][]string{argv} }

func names(packages []operation.PackageName) []string {
	all := make([]string, len(packages))
	for i, name := range packages {
		all[i] = string(name)
	}
	return all
}

func perName(packages []operation.PackageName, command func(string) []string) [][]string {
	var all [][]string
	for _, name := range names(packages) {
		all = append(all, command(name))
	}
	return all
}
