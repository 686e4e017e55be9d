package backend

import (
	"context"
	"errors"
	"os"

	"luminousnix/internal/operation"
	"luminousnix/internal/process"
)

// Rebuild is the program that does what ask-nix does not do yet.
const Rebuild = "nixos-rebuild"

// FindRebuild is the path of nixos-rebuild in the PATH; the error says that there is
// none.
func FindRebuild() (string, error) {
	program, err := process.Find(Rebuild, os.Environ())
	if errors.Is(err, process.ErrNotFound) {
		return "", operation.Errorf(operation.CodeNotAvailable, "%s is not installed here, and ask-nix does not do this yet", Rebuild).
			WithHint("It is part of NixOS.").WithCause(err)
	}
	return program, err
}

// RunRebuild runs nixos-rebuild with our own input and folder, and returns
// its exit status. What it says as an answer goes to stdout. It is not stopped when ctx
// ends: it knows best what may be left half-way.
func RunRebuild(ctx context.Context, argv, env []string, stdout *os.File) (status int, err error) {
	err = process.Foreground(context.WithoutCancel(ctx), process.Command{Argv: argv, Env: env, Output: stdout})
	var exit *process.ExitError
	if errors.As(err, &exit) {
		return exit.Status, nil
	}
	return 0, err
}
