package flake

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"

	"luminousnix/internal/process"
)

// UpdateError means that the nix command could not update the inputs.
type UpdateError struct {
	Status int    // exit status
	Stderr string // what it said
}

func (e *UpdateError) Error() string { return "nix flake update failed" }

// Update has the nix command update the inputs of the copy, or one of them, and returns
// the new lock file. Nothing but the copy and the store is changed. env is the environment
// of the program. The error is a *[UpdateError], or matches process.ErrNotFound without a
// nix command.
//
// The words are those that Nix 2.8, 2.26 and 2.34 all know; where they differ is how
// another flake than that of the working directory is named.
func (c *Copy) Update(ctx context.Context, env []string, input string) ([]byte, error) {
	argv := []string{"nix", "--extra-experimental-features", "nix-command flakes", "flake"}
	if input == "" {
		argv = append(argv, "update")
	} else {
		argv = append(argv, "lock", "--update-input", input)
	}
	var said strings.Builder
	_, err := process.Run(ctx, process.Command{Argv: argv, Env: withoutGit(env), Dir: c.Dir, Stderr: &said})
	var exit *process.ExitError
	if errors.As(err, &exit) {
		return nil, &UpdateError{exit.Status, c.Original(said.String())}
	}
	if err != nil {
		return nil, err
	}
	content, err := os.ReadFile(c.Dir + "/" + LockName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // without inputs there is none
	}
	return content, err
}
