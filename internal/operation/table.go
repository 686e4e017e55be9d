package operation

// specs is the one table of operations. It holds constants only, so that the
// linker lays it out and starting the program costs nothing.
var specs = [...]Spec{
	{ListGenerations, "List the generations that can be gone back to", "generations", false, Safe, Anyone, []Argument{argProfile, argLimit}},
	{CompareGenerations, "Show what differs between two generations", "diff 41 42", false, Safe, Anyone, []Argument{
		{"from", false, "the generation to compare from; the one before by default"},
		{"to", false, "the generation to compare to; the current one by default"},
		argProfile,
	}},
	{SearchPackages, "Search packages and NixOS options", "search video editor", false, Safe, Anyone, []Argument{
		{"query", true, "words to search for"},
		{"kind", false, "only these: package or option"},
		argVariants, argLimit, argOffset,
	}},
	{SearchOptions, "Search the NixOS options", `"which option opens a firewall port?"`, false, Safe, Anyone, []Argument{
		{"query", true, "words to search for"}, argVariants, argLimit, argOffset,
	}},
	{ShowPackage, "Show all about a package or option", "info python", false, Safe, Anyone, []Argument{
		{"packages", true, "the name of a package or option"}, argProfile,
	}},
	{ShowOption, "Show a NixOS option", "option services.openssh.enable", false, Safe, Anyone, []Argument{
		{"option", true, "the path of an option"},
	}},
	{ListPackages, "List the packages that are installed", "installed", false, Safe, Anyone, []Argument{
		{"query", false, "words that the names must contain"}, argProfile, argScope, argLimit,
	}},
	{FindProgram, "Find the package that has a program", `"which package has readelf?"`, false, Safe, Anyone, []Argument{
		{"program", true, "the name of a program"}, argLimit,
	}},
	{ExplainDependency, "Explain why something is on this system", `"why is openssl on my system?"`, false, Safe, Anyone, []Argument{
		{"packages", true, "the name of a package"}, argProfile,
	}},
	{ShowCatalog, "Show the catalogues of packages and options", "catalog list", false, Safe, Anyone, nil},
	{DiskUsage, "Show how much disk space is used and free", "disk", false, Safe, Anyone, []Argument{argProfile, argLimit}},
	{ShowSystem, "Show what this machine runs", "system", false, Safe, Anyone, nil},
	{ShowConfiguration, "Show where this machine's configuration is", "config", false, Safe, Anyone, nil},
	{CheckConfiguration, "Check that this machine's configuration evaluates", "check", false, Safe, Anyone, []Argument{argSource}},
	{ShowErrors, "Show what failed lately", "errors", false, Safe, Anyone, []Argument{argLimit}},
	{ExplainError, "Explain an error message", "why 'error: undefined variable'", false, Safe, Anyone, []Argument{
		{"text", false, "the error message, or - to read it from a pipe; what failed last by default"},
	}},
	{CheckHealth, "Check the health of this machine's Nix", "health", false, Safe, Anyone, nil},
	{ShowMetrics, "Show how often and how fast operations ran", "metrics", false, Safe, Anyone, nil},
	{ShowCache, "Show what the cache holds", "cache stats", false, Safe, Anyone, nil},
	{ShowHistory, "Show what ask-nix has changed", "history", false, Safe, Anyone, []Argument{
		{"verify", false, "check that no line was altered or removed"}, argLimit,
	}},
	{AnswerQuestion, "Answer a question about Nix", `"what are flakes?"`, false, Safe, Anyone, []Argument{
		{"text", false, "a question, or the name of a topic; all topics are listed by default"},
	}},
	{ListPins, "List the pinned generations", "pins", false, Safe, Anyone, []Argument{argProfile}},
	{ListJobs, "List the detached jobs", "jobs", false, Safe, Anyone, nil},
	{AttachJob, "Follow a detached job", "attach ID", false, Safe, Anyone, []Argument{argJob}},
	{Help, "Show what ask-nix can do", "help", false, Safe, Anyone, []Argument{
		{"topic", false, "what help is wanted about"},
	}},

	{InstallPackages, "Install packages", "install firefox", true, Reversible, Owner, []Argument{argPackages, argScope, argProfile, argChannel, argSource}},
	{RemovePackages, "Remove packages", "remove firefox", true, Reversible, Owner, []Argument{argPackages, argScope, argProfile, argSource}},
	{TryPackages, "Try packages in a shell without installing them", "try cowsay", true, Safe, Anyone, []Argument{argPackages}},
	{UpdateSystem, "Update the system", "update", true, Reversible, Root, []Argument{
		{"packages", false, "only these packages of the user's profile"},
		{"channel", false, "only this channel of root's, or input of the flake"},
		argScope, argProfile, argSource, argBuild,
	}},
	{BuildSystem, "Build the system without changing anything", "build", true, Safe, Anyone, []Argument{argSource, argBuild}},
	{SwitchSystem, "Build the system and switch to it", "switch", true, Reversible, Root, []Argument{
		argProfile, argSpecialisation, argBootLoader, argConfirmWithin, argUpgrade, argSource, argBuild,
	}},
	{BootSystem, "Build the system and start it at the next boot", "boot", true, Reversible, Root, []Argument{argProfile, argBootLoader, argUpgrade, argSource, argBuild}},
	{TestSystem, "Build the system and run it until the next boot", "test", true, Reversible, Root, []Argument{argSpecialisation, argConfirmWithin, argSource, argBuild}},
	{DryActivateSystem, "Build the system and say what a switch would do", "dry-activate", true, Safe, Root, []Argument{argSource, argBuild}},
	{RebuildRemotely, "Have nixos-rebuild change a machine over the network", "switch --target-host rose", true, Reversible, Anyone, []Argument{
		{"command", true, "the words after nixos-rebuild"},
	}},
	{Rollback, "Go back to an earlier generation", "rollback", true, Reversible, Owner, []Argument{
		{"generation", false, "the generation to go back to; the one before by default"},
		{"steps", false, "how many generations to go back"},
		{"date", false, "a day: the state at its end is meant"},
		{"channel", false, "a NixOS version: the newest generation of it that is older"},
		{"text", false, "words of its version, its revision, or the name or note of its pin"},
		argProfile, argConfirmWithin,
	}},
	{SwitchGeneration, "Switch to a generation by its number", "switch-generation 41", true, Reversible, Owner, []Argument{
		{"generation", true, "the number of a generation"}, argProfile, argConfirmWithin,
	}},
	{DeleteGenerations, "Delete generations by their numbers", "delete-generations 12 13", true, Destructive, Owner, []Argument{
		{"generations", true, "the numbers of generations"}, argProfile,
	}},
	{PinGeneration, "Keep a generation from being cleaned up", "pin 41", true, Safe, Owner, []Argument{
		{"generation", false, "the number of a generation; the current one by default"},
		{"name", false, "a name for it"},
		{"note", false, "a note, such as why it is kept"},
		argProfile,
	}},
	{UnpinGeneration, "Let a pinned generation be cleaned up again", "unpin 41", true, Reversible, Owner, []Argument{
		{"generation", false, "the number of a generation; the current one by default"}, argProfile,
	}},
	{CleanUp, "Delete old generations and what only they used", "clean-up", true, Destructive, Owner, []Argument{
		{"keep", false, "how many generations to keep"},
		{"olderThanDays", false, "delete only what is older than this many days"},
		{"ensureFree", false, "delete just enough, oldest first, that so many bytes are free"},
		argProfile,
	}},
	{CollectGarbage, "Delete store paths that nothing uses", "collect-garbage", true, Destructive, Anyone, nil},
	{RepairStore, "Repair damaged store paths", "repair", true, Reversible, Root, nil},
	{VerifyStore, "Check the store for damage", "verify", true, Safe, Anyone, nil},
	{OptimiseStore, "Share identical files in the store", "optimise", true, Reversible, Anyone, nil},
	{SetOption, "Set a NixOS option in the configuration", "set services.openssh.enable true", true, Reversible, Root, []Argument{
		{"option", false, "the path of an option"},
		{"query", false, "what the option is about, in words"},
		{"value", true, "the value to set"},
		argSource,
	}},
	{ConfirmSwitch, "Confirm a switch that waits for it", "confirm", true, Safe, Root, nil},
	{RecoverSwitch, "Bring a switch to an end that was interrupted", "recover", true, Reversible, Root, nil},
	{CancelJob, "Cancel a detached job", "cancel ID", true, Reversible, Owner, []Argument{argJob}},
	{UpdateCatalog, "Download the newest catalogue of packages and options", "catalog update", true, Safe, Anyone, []Argument{argChannel}},
	{BuildCatalog, "Make the catalogue of this machine's own nixpkgs", "catalog build", true, Safe, Anyone, []Argument{
		{"tree", false, "a folder of nixpkgs; that of this machine by default"},
		{"outputPaths", false, "find out where packages are in the store too"},
	}},
	{ClearCache, "Clear the cache", "cache clear", true, Safe, Anyone, []Argument{
		{"expired", false, "only what is past its time"},
	}},
	{Migrate, "Take over the settings of nix-for-humanity", "migrate", true, Reversible, Anyone, []Argument{
		{"restore", false, "put the settings back as they were before"},
	}},
	{Undo, "Undo the last change", "undo", true, Reversible, Owner, []Argument{
		{"entry", false, "the number of a change in the history; the last one of yours that can be taken back by default"},
	}},
}

var (
	argProfile        = Argument{"profile", false, "the name of a profile"}
	argLimit          = Argument{"limit", false, "the most rows to show"}
	argOffset         = Argument{"offset", false, "how many rows to leave out before the first"}
	argVariants       = Argument{"variants", false, "show variants in rows of their own"}
	argScope          = Argument{"scope", false, "for whom: system, user or temporary"}
	argPackages       = Argument{"packages", true, "one or more package names"}
	argChannel        = Argument{"channel", false, "a release or channel"}
	argSpecialisation = Argument{"specialisation", false, "the name of a variant of the system"}
	argBootLoader     = Argument{"installBootLoader", false, "install the boot loader itself anew"}
	argConfirmWithin  = Argument{"confirmWithin", false, "in how many seconds it has to be confirmed, or is taken back"}
	argUpgrade        = Argument{"upgrade", false, "update the channels, or the inputs of the flake, before"}
	argSource         = Argument{"source", false, "where the configuration is; that of this machine by default"}
	argBuild          = Argument{"build", false, "how things are built; as nix.conf says by default"}
	argJob            = Argument{"job", false, "the id of a job; the one that runs by default"}
)
