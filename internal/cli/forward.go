package cli

import (
	"context"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"luminousnix/internal/backend"
	"luminousnix/internal/host"
	"luminousnix/internal/operation"
)

// aboutRemote is what `switch --help` and its like say beside the usage.
const aboutRemote = `With --target-host or --build-host nixos-rebuild does it, which gets all flags but
those that every command of ask-nix has.`

// forward has nixos-rebuild do what ask-nix does not do yet: a machine in a window, a
// prompt of the language, an editor, and all that other machines have part in. What
// changes a machine is an operation, which is confirmed and written down; all else is run
// at once. ok is false for lines that are not for nixos-rebuild.
func (a *app) forward(ctx context.Context, args []string) (err error, ok bool) {
	if !slices.ContainsFunc(args, forNixosRebuild) {
		return nil, false // most lines: nothing is parsed for them here
	}
	words, err := a.takeOwn(args)
	if err != nil {
		return operation.Errorf(operation.CodeUsage, "%w", err), true
	}
	if len(words) == 0 {
		return nil, false
	}
	remote := slices.ContainsFunc(beforeDashes(words), isRemote)
	switch words[0] {
	case "switch", "boot", "test":
		if !remote {
			return nil, false
		}
		if a.flags.detach {
			return operation.Errorf(operation.CodeUsage, "--detach is not for what nixos-rebuild does, which may ask for passwords"), true
		}
		return a.perform(ctx, "", certain(operation.New(operation.RebuildRemotely, operation.Arguments{Command: words}))), true
	case "build", "dry-build", "dry-activate":
		if !remote {
			return nil, false
		}
	case "build-vm", "build-vm-with-bootloader", "repl", "edit":
	default:
		return nil, false
	}
	return a.pass(ctx, words), true
}

// forNixosRebuild reports whether a word may be a reason to have nixos-rebuild do it.
func forNixosRebuild(word string) bool {
	switch word {
	case "build-vm", "build-vm-with-bootloader", "repl", "edit":
		return true
	}
	return isRemote(word)
}

// isRemote reports whether a word is a flag that names another machine.
func isRemote(word string) bool {
	name, _, _ := strings.Cut(word, "=")
	return name == "--target-host" || name == "--build-host"
}

// beforeDashes are the words in which there can be flags.
func beforeDashes(words []string) []string {
	if at := slices.Index(words, "--"); at >= 0 {
		return words[:at]
	}
	return words
}

// takeOwn reads the flags of every command of ask-nix and returns the other words, which
// are nixos-rebuild's, --profile-name and -p among them.
func (a *app) takeOwn(args []string) (words []string, err error) {
	set := pflag.NewFlagSet("ask-nix", pflag.ContinueOnError)
	a.flags.add(set)
	var own []string
	for i := 0; i < len(args); i++ {
		arg := args[i]
		if arg == "--" {
			words = append(words, args[i:]...)
			break
		}
		flag, value := ownFlag(set, arg)
		if flag == nil {
			words = append(words, arg)
			continue
		}
		own = append(own, arg)
		if !value && flag.NoOptDefVal == "" && i+1 < len(args) {
			i++
			own = append(own, args[i])
		}
	}
	return words, set.Parse(own)
}

// ownFlag finds the flag of ours that a word is, and whether its value is in it; nil is
// none.
func ownFlag(set *pflag.FlagSet, arg string) (flag *pflag.Flag, value bool) {
	name, _, value := strings.Cut(arg, "=")
	switch {
	case strings.HasPrefix(name, "--"):
		flag = set.Lookup(name[2:])
	case strings.HasPrefix(name, "-") && len(name) == 2:
		flag = set.ShorthandLookup(name[1:])
	}
	if flag != nil && flag.Name == "profile-name" {
		flag = nil
	}
	return flag, value
}

// pass runs nixos-rebuild for what changes no machine.
func (a *app) pass(ctx context.Context, words []string) error {
	argv := append([]string{backend.Rebuild}, words...)
	switch {
	case a.flags.json || a.flags.detach:
		return operation.Errorf(operation.CodeUsage, "nixos-rebuild does this, which knows neither --json nor --detach")
	case a.flags.dryRun || a.flags.explain:
		a.note("ask-nix: nixos-rebuild would do this: " + strings.Join(argv, " "))
		return nil
	}
	if err := a.prepare(); err != nil {
		return err
	}
	program, err := backend.FindRebuild(host.Find(a.getenv, a.settings.Root))
	if err != nil {
		return err
	}
	if a.settings.Offline && slices.ContainsFunc(words, isRemote) {
		return operation.Errorf(operation.CodeNetwork, "another machine is reached over the network, and %s says that nothing is", a.settings.Origin("offline")).
			WithHint("Leave out --target-host and --build-host, or offline.")
	}
	a.note("ask-nix: nixos-rebuild does this, since ask-nix does not yet")
	status, err := program.Run(ctx, words, a.engine.ProgramEnv(), os.Stdout)
	if err == nil && status != 0 {
		return exitStatus(status)
	}
	return err
}
