package cli

import (
	"context"
	"errors"
	"os"
	"strings"

	"luminousnix/internal/operation"
	"luminousnix/internal/process"
)

// rebuild is the program that does what ask-nix does not do yet.
const rebuild = "nixos-rebuild"

// forward has nixos-rebuild do what it has verbs for and ask-nix does not: to run a
// machine in a window, a prompt of the language, an editor. None of them changes the
// machine. Other machines are refused, since nobody has seen a plan of it. ok is false
// for all other words.
func (a *app) forward(ctx context.Context, args []string) (err error, ok bool) {
	if len(args) == 0 {
		return nil, false
	}
	for _, arg := range args {
		if arg == "--" {
			break
		}
		if name, _, _ := strings.Cut(arg, "="); name == "--target-host" || name == "--build-host" {
			return operation.Errorf(operation.CodeNotAvailable, "%s is not available yet", name).
				WithHint("`" + strings.Join(append([]string{rebuild}, args...), " ") + "` does it."), true
		}
	}
	switch args[0] {
	case "build-vm", "build-vm-with-bootloader", "repl", "edit":
	default:
		return nil, false
	}
	a.note("ask-nix: nixos-rebuild does this, since ask-nix does not yet")
	err = process.Foreground(context.WithoutCancel(ctx), process.Command{Argv: append([]string{rebuild}, args...), Env: os.Environ()})
	var exit *process.ExitError
	switch {
	case errors.As(err, &exit):
		return exitStatus(exit.Status), true
	case errors.Is(err, process.ErrNotFound):
		return operation.Errorf(operation.CodeNotAvailable, "%s is not installed here, and ask-nix does not do this yet", rebuild).
			WithHint("It is part of NixOS."), true
	}
	return err, true
}
