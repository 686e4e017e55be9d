package instantiate

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"luminousnix/internal/evaluation"
	"luminousnix/internal/host"
	"luminousnix/nix/eval"
	"luminousnix/nix/syntax"
)

// evaluator is what evaluates, as the command line chooses it.
func (c *command) evaluator() evaluation.Evaluator {
	h := host.Find(c.getenv, "")
	native := evaluation.NewNative(h)
	native.Dry = c.getenv("NIX_REMOTE") == "dummy://"
	program := &evaluation.Command{Host: h, Env: c.env}
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

// searchPath is what -I and NIX_PATH say, in this order.
func (c *command) searchPath() []eval.SearchEntry {
	words := c.include
	if fromEnvironment := c.getenv("NIX_PATH"); fromEnvironment != "" {
		words = append(words[:len(words):len(words)], strings.Split(fromEnvironment, ":")...)
	}
	return evaluation.SearchPath(words)
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
	ev := eval.New(eval.Options{SearchPath: c.searchPath(), BaseDir: c.here, Features: c.Features, Stderr: c.stderr})
	v, err := ev.EvalExpr(ctx, "«string»", "<"+string(name)+">")
	if err != nil {
		return err
	}
	fmt.Fprintln(c.out, v.Path())
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
