// Package instantiate is nix-instantiate: the same arguments, output and exit
// status, from the evaluator in this process. It is `ask-nix instantiate`, and
// what ask-nix does when it is called by the name nix-instantiate, so that scripts
// and the tests of the language run on it.
package instantiate

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
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
	rooted int // roots that were made
}

// Main runs the command with the arguments that follow its name, and returns its
// exit status: 0, or 1 when something failed.
func Main(args []string) int {
	collectLate()
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	return run(ctx, args, os.Stdin, os.Stdout, os.Stderr, os.Getenv)
}

func run(ctx context.Context, args []string, in io.Reader, stdout, stderr io.Writer, getenv func(string) string) int {
	request, err := parseArguments(args)
	if err != nil {
		fmt.Fprintf(stderr, "error: %v\nTry '%s --help' for more information.\n", err, Name)
		return 1
	}
	c := &command{request: request, in: in, out: bufio.NewWriter(stdout), stderr: stderr, getenv: getenv}
	err = errors.Join(c.run(ctx), c.out.Flush())
	if err == nil {
		return 0
	}
	c.tell(err)
	return 1
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
  --option NAME VALUE, --extra-experimental-features NAMES, --max-call-depth NUMBER
  --lint-url-literals, --lint-short-path-literals, --lint-absolute-path-literals ignore|warn|fatal
And more
  --add-root LINK        keep the derivations from being collected
  --show-trace           errors with all that led to them
  --trace-verbose        builtins.traceVerbose prints
`

func (c *command) run(ctx context.Context) error {
	if c.mode == helping {
		c.out.WriteString(usage)
		return nil
	}
	if len(c.operands) == 0 && !c.expressions {
		c.operands = []string{"./default.nix"}
	}
	for _, operand := range c.operands {
		if err := c.do(ctx, operand); err != nil {
			return err
		}
	}
	return nil
}

func (c *command) do(ctx context.Context, operand string) error {
	switch c.mode {
	case parsing:
		return c.parse(operand)
	case evaluating:
		return c.evaluate(ctx, operand)
	case finding:
		return c.find(ctx, operand)
	}
	return c.instantiate(ctx, operand)
}
