// Package instantiate is nix-instantiate: the same arguments, output and exit
// status. It is `ask-nix instantiate`, and what ask-nix does when it is called by
// the name nix-instantiate, so that scripts and the tests of the language run on
// it. Here are the arguments and the printing; package evaluation evaluates.
package instantiate

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"luminousnix/internal/evaluation"
	"luminousnix/internal/host"
	"luminousnix/nix/eval"
)

// Name is the name under which the program is nix-instantiate.
const Name = "nix-instantiate"

// command is one run.
type command struct {
	*request
	in     io.Reader
	out    *bufio.Writer
	stderr io.Writer
	getenv func(string) string
	env    []string // all of the environment, for nix-instantiate
	here   string   // the current directory
}

// Main runs the command with the arguments that follow its name, and returns its
// exit status: 0, 102 when a download is not what was expected, or 1 when something
// else failed.
func Main(args []string) int {
	evaluation.CollectLate()
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	return run(ctx, args, os.Stdin, os.Stdout, os.Stderr, os.Environ())
}

// run is Main with its surroundings; what expressions read is that of the process
// itself all the same.
func run(ctx context.Context, args []string, in io.Reader, stdout, stderr io.Writer, env []string) int {
	getenv := lookUp(env)
	request, err := parseArguments(args, host.Find(getenv, "").NixConf())
	if err != nil {
		fmt.Fprintf(stderr, "error: %v\n%s\n", err, tryHelp)
		return 1
	}
	c := &command{request: request, in: in, out: bufio.NewWriter(stdout), stderr: stderr, getenv: getenv, env: env}
	c.here, err = os.Getwd()
	if err == nil {
		err = errors.Join(c.run(ctx), c.out.Flush())
	}
	if err == nil {
		return 0
	}
	c.tell(err)
	return status(err)
}

// tryHelp is what Nix says to those who use it wrongly.
const tryHelp = "Try '" + Name + " --help' for more information."

// status is the exit status of a failure.
func status(err error) int {
	var said *evaluation.CommandError
	switch {
	case errors.As(err, new(*eval.HashMismatchError)):
		return 102
	case errors.As(err, &said):
		return said.Status
	}
	return 1
}

// lookUp reads an environment.
func lookUp(env []string) func(string) string {
	return func(name string) (value string) {
		for _, variable := range env {
			if text, ok := strings.CutPrefix(variable, name+"="); ok {
				value = text
			}
		}
		return value
	}
}

const usage = `usage: nix-instantiate [FLAGS] [FILE…]      ./default.nix without a file, - is standard input
       nix-instantiate [FLAGS] -E EXPRESSION…
Writes the derivations that expressions give into the store and prints their paths.

What to do instead
  --eval                 print the value         --strict          and all that is in it
  --parse                print the syntax tree   --json, --xml, --raw   in another form
  --find-file            print where <FILE> is   --no-location     XML without positions
  --dry-run              print the paths, write nothing
  --read-write-mode      write to the store with --eval too
What to evaluate
  -E, --expr             the operands are expressions
  -A, --attr PATH        only this attribute; can be repeated
  --arg NAME EXPRESSION, --argstr NAME TEXT   arguments of functions
  -I [NAME=]PATH         search path, before NIX_PATH
  --pure-eval, --impure, --restrict-eval, --abort-on-warn
  --option NAME VALUE, --extra-experimental-features NAMES, --max-call-depth NUMBER
  --workers NUMBER       evaluate by so many at once, with --strict or --json
  --max-memory SIZE      such as 500MiB; 0 is no limit, three quarters of the machine's if not given
  --lint-url-literals, --lint-short-path-literals, --lint-absolute-path-literals ignore|warn|fatal
And more
  --add-root LINK        keep the derivations from being collected
  --show-trace           errors with all that led to them
  --trace-verbose        builtins.traceVerbose prints
How to evaluate, unlike nix-instantiate
  --backend native|command|auto   in this process, by Nix's own nix-instantiate, or
                         natively and by that what is not supported here; auto if not given
  --verify               do both, compare the derivations, fail at the first difference
  --no-eval-cache        evaluate even if nothing has changed since the last time
`

func (c *command) run(ctx context.Context) error {
	if c.mode == helping {
		c.out.WriteString(usage)
		return nil
	}
	if len(c.operands) == 0 && !c.expressions {
		c.operands = []operand{"./default.nix"}
	}
	for _, word := range c.operands {
		switch c.mode {
		case parsing:
			if err := c.parse(word); err != nil {
				return err
			}
		case finding:
			if err := c.find(ctx, word); err != nil {
				return err
			}
		default:
			return c.evaluate(ctx)
		}
	}
	return nil
}
