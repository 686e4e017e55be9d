package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"luminousnix/internal/operation"
	"luminousnix/internal/process"
)

// aboutTry is what `try --help` says beside the usage.
const aboutTry = `A shell is started, the one that SHELL names, in which the programs of the
packages are found first. Nothing is installed: when the shell ends, they are as
if they had never been there, and the next clean-up removes them.

After -- comes a program to run in place of the shell, with its arguments; the exit
status is then that of the program. Without a terminal and without a program, the
line is printed that a shell needs to find the packages, and they are kept until
the machine is started again.`

// tried is what is to be tried in a shell, or by a program: the only result, unless it is
// to be shown only.
func (a *app) tried(results []operation.Result) (*operation.Tried, bool) {
	data, ok := results[0].Data.(*operation.Tried)
	if !ok || len(results) > 1 || !results[0].Success() || a.flags.json {
		return nil, false
	}
	return data, len(a.program) > 0 || a.InTerminal && a.OutTerminal
}

// try starts the shell, or program, with the packages, and waits for its end. The error
// is its exit status, if that is not 0.
func (a *app) try(ctx context.Context, data *operation.Tried) error {
	defer func() {
		for _, link := range data.Links {
			if err := os.Remove(link); err != nil && !errors.Is(err, os.ErrNotExist) {
				a.note("note: " + err.Error())
			}
		}
	}()
	argv := a.program
	if len(argv) == 0 {
		shell := a.getenv("SHELL")
		if shell == "" {
			shell = "/bin/sh"
		}
		argv = []string{shell}
		a.flush()
		fmt.Fprintln(a.Err, a.style.bold(clean(strings.Join(data.Packages, ", ")))+": in this shell, until `exit`; nothing is installed.")
	}
	if err := a.flush(); err != nil {
		return err
	}
	err := process.Foreground(context.WithoutCancel(ctx), process.Command{Argv: argv, Env: a.tryEnvironment(data.Path)})
	var exit *process.ExitError
	switch {
	case errors.As(err, &exit):
		return exitStatus(exit.Status)
	case errors.Is(err, process.ErrNotFound):
		return operation.Errorf(operation.CodeNotFound, "%w", err).
			WithHint("`ask-nix which " + argv[0] + "` finds the package that has it.")
	}
	return err
}

// tryEnvironment is our own with the packages first in PATH.
func (a *app) tryEnvironment(path string) []string {
	var env []string
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, "PATH=") {
			env = append(env, entry)
		}
	}
	if rest := a.getenv("PATH"); rest != "" && path != "" {
		path += ":" + rest
	} else if path == "" {
		path = rest
	}
	return append(env, "PATH="+path)
}
