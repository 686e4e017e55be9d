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
	result, out, err := c.flake(ctx, r, "--raw", systemOf(flake)+"."+attribute+".drvPath")
	if err != nil {
		return result, err
	}
	path, err := c.Host.StoreDir.Parse(strings.TrimSpace(out))
	if err != nil {
		return result, fmt.Errorf("reading the output of nix eval: %w", err)
	}
	result.Derivations = []Derivation{{Path: path, Output: "out"}}
	return result, nil
}

// SystemValue has the nix command apply a function, an expression, to a system of a flake,
// FLAKE#NAME: the one value of the result is what that gives, as JSON. No lock file is
// written. Otherwise it is as System.
func (c *Command) SystemValue(ctx context.Context, flake, function string, r Request) (*Result, error) {
	result, out, err := c.flake(ctx, r, "--json", "--no-write-lock-file", systemOf(flake), "--apply", function)
	if err == nil {
		result.Values = []string{out}
	}
	return result, err
}

// systemOf is what the nix command calls a system of a flake.
func systemOf(flake string) string {
	place, name, _ := strings.Cut(flake, "#")
	return place + "#nixosConfigurations." + strconv.Quote(name)
}

// flake runs nix eval, and returns what that printed.
func (c *Command) flake(ctx context.Context, r Request, words ...string) (*Result, string, error) {
	program, err := c.find("nix")
	if err != nil {
		return nil, "", err
	}
	argv := append([]string{program, "--extra-experimental-features", "nix-command flakes", "eval"}, words...)
	for _, s := range settings(r) {
		argv = append(argv, "--option", s.Name, s.Value)
	}
	if c.Host.Offline != "" {
		argv = append(argv, "--offline")
	}
	messages := &recorded{to: r.Stderr}
	out, err := process.Run(ctx, process.Command{Argv: argv, Env: c.Env, Dir: r.BaseDir, Stderr: messages})
	result := &Result{
		Backend: "command", Reason: FlakeReason, Messages: messages.kept.Bytes(), load: derivation.FromStore(c.Host.StoreDir),
	}
	var exit *process.ExitError
	if errors.As(err, &exit) {
		err = &CommandError{Program: "nix", Status: exit.Status, Stderr: messages.kept.String()}
	}
	return result, string(out), err
}
