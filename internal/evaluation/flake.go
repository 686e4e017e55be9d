package evaluation

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"luminousnix/internal/process"
	"luminousnix/nix/derivation"
)

// FlakeReason says why the nix command evaluates a flake.
const FlakeReason = "flakes are evaluated by the nix command"

// System has the nix command evaluate a system of a flake, FLAKE#NAME, and write its
// derivations into the store: the derivation is that of the attribute of
// nixosConfigurations.NAME. Of the request the settings and features are minded. A
// failure of the program is a [*CommandError].
func (c *Command) System(ctx context.Context, flake, attribute string, r Request) (*Result, error) {
	place, name, _ := strings.Cut(flake, "#")
	argv := []string{
		"nix", "--extra-experimental-features", "nix-command flakes", "eval", "--raw",
		fmt.Sprintf("%s#nixosConfigurations.%s.%s.drvPath", place, strconv.Quote(name), attribute),
	}
	for _, s := range settings(r) {
		argv = append(argv, "--option", s.Name, s.Value)
	}
	messages := &recorded{to: r.Stderr}
	out, err := process.Run(ctx, process.Command{Argv: argv, Env: c.Env, Dir: r.BaseDir, Stderr: messages})
	result := &Result{
		Backend: "command", Reason: FlakeReason, Messages: messages.kept.Bytes(), load: derivation.FromStore(c.Host.StoreDir),
	}
	var exit *process.ExitError
	if errors.As(err, &exit) {
		return result, &CommandError{Program: "nix", Status: exit.Status, Stderr: messages.kept.String()}
	}
	if err != nil {
		return result, err
	}
	path, err := c.Host.StoreDir.Parse(strings.TrimSpace(string(out)))
	if err != nil {
		return result, fmt.Errorf("reading the output of nix eval: %w", err)
	}
	result.Derivations = []Derivation{{Path: path, Output: "out"}}
	return result, nil
}
