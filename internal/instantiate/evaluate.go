package instantiate

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"luminousnix/internal/evaluation"
	"luminousnix/internal/host"
	"luminousnix/nix/eval"
	"luminousnix/nix/syntax"
)

// evaluator is what evaluates, as the command line chooses it.
func (c *command) evaluator() evaluation.Evaluator {
	native := c.native()
	program := &evaluation.Command{Host: native.Host, Env: c.env}
	switch {
	case c.verify:
		return &evaluation.Verify{Native: native, Command: program}
	case c.backend == "native":
		return native
	case c.backend == "command":
		return program
	}
	return &evaluation.Auto{Native: native, Command: program}
}

func (c *command) native() *evaluation.Native {
	native := evaluation.NewNative(host.Find(c.getenv, ""))
	native.Dry = c.getenv("NIX_REMOTE") == "dummy://"
	return native
}

// evaluate evaluates all operands and prints what they give.
func (c *command) evaluate(ctx context.Context) error {
	r, err := c.complete()
	if err != nil {
		return err
	}
	result, err := c.evaluator().Evaluate(ctx, r)
	if result != nil {
		c.print(result)
	}
	return err
}

// complete is the request with what the command line leaves open.
func (c *command) complete() (evaluation.Request, error) {
	r := c.Request
	r.Stderr, r.ShowTrace, r.SearchPath, r.BaseDir = c.stderr, c.verbose, c.searchPath(), c.here
	switch c.getenv("NIX_ABORT_ON_WARN") {
	case "1", "true", "yes":
		r.AbortOnWarn = true
	}
	if c.mode == evaluating {
		r.Want, r.Write = evaluation.Values, c.write
	} else {
		r.Want, r.Write = evaluation.Derivations, !c.dryRun
	}
	for _, word := range c.operands {
		source, err := c.source(word)
		if err != nil {
			return r, err
		}
		r.Sources = append(r.Sources, source)
	}
	return r, nil
}

// searchPath is what -I and NIX_PATH say and, if all may be read, the channels of
// the user and of root, in this order. Nix 2.8 has these only without NIX_PATH.
func (c *command) searchPath() []eval.SearchEntry {
	var path []eval.SearchEntry
	for _, word := range c.include {
		path = append(path, eval.ParseSearchEntry(word))
	}
	path = append(path, eval.ParseSearchPath(c.getenv("NIX_PATH"))...)
	if c.Restrict || c.Pure {
		return path
	}
	root := host.Find(c.getenv, "").RootChannels()
	for _, entry := range []eval.SearchEntry{
		{Path: filepath.Join(c.getenv("HOME"), ".nix-defexpr", "channels")},
		{Prefix: "nixpkgs", Path: filepath.Join(root, "nixpkgs")},
		{Path: root},
	} {
		if _, err := os.Stat(entry.Path); err == nil {
			path = append(path, entry)
		}
	}
	return path
}

func (c *command) print(result *evaluation.Result) {
	for _, text := range result.Values {
		c.out.WriteString(text)
	}
	for _, d := range result.Derivations {
		printed := string(d.Path)
		if d.Link != "" {
			printed = d.Link
		}
		if d.Output != "out" {
			printed += "!" + d.Output
		}
		fmt.Fprintln(c.out, printed)
	}
}

// find prints the files that <operand> leads to.
func (c *command) find(ctx context.Context, name operand) error {
	r, err := c.complete()
	if err != nil {
		return err
	}
	path, err := c.native().Find(ctx, r, string(name))
	if err != nil {
		return err
	}
	fmt.Fprintln(c.out, path)
	return nil
}

// tell prints why it failed, as Nix does.
func (c *command) tell(err error) {
	var native *eval.Error
	var syntactic *syntax.Error
	var said *evaluation.CommandError
	var difference *evaluation.DifferenceError
	differs := errors.As(err, &difference)
	switch {
	case errors.As(err, &native):
		fmt.Fprintln(c.stderr, native.Render(c.verbose))
		if errors.As(err, new(*eval.UnknownAlgorithmError)) {
			fmt.Fprintln(c.stderr, tryHelp)
		}
	case errors.As(err, &syntactic):
		fmt.Fprintln(c.stderr, syntactic.Render())
	case errors.As(err, &said): // nix-instantiate has printed it
	case !differs:
		fmt.Fprintln(c.stderr, "error:", err)
	}
	if differs {
		fmt.Fprintf(c.stderr, "error: %s\n%s", difference.Text, difference.Details)
	}
}
