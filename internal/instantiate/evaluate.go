package instantiate

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"

	"luminousnix/internal/host"
	"luminousnix/nix/daemon"
	"luminousnix/nix/eval"
	"luminousnix/nix/syntax"
)

// evaluator makes the evaluator that the command line asks for.
func (c *command) evaluator(st eval.Store) (*eval.Evaluator, error) {
	here, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	return eval.New(eval.Options{
		Store:         st,
		SearchPath:    c.searchPath(),
		BaseDir:       here,
		CurrentSystem: currentSystem(),
		Features:      c.features,
		MaxCallDepth:  c.maxCallDepth,
		Stderr:        c.stderr,
		TraceVerbose:  c.traceVerbose,
		Lints:         c.lints,
	}), nil
}

// searchPath is what -I and NIX_PATH say, in this order.
func (c *command) searchPath() []eval.SearchEntry {
	var entries []eval.SearchEntry
	words := c.include
	if fromEnvironment := c.getenv("NIX_PATH"); fromEnvironment != "" {
		words = append(words, strings.Split(fromEnvironment, ":")...)
	}
	for _, word := range words {
		prefix, path, hasPrefix := strings.Cut(word, "=")
		if !hasPrefix {
			prefix, path = "", word
		}
		entries = append(entries, eval.SearchEntry{Prefix: prefix, Path: path})
	}
	return entries
}

func currentSystem() string {
	machine := map[string]string{"amd64": "x86_64", "arm64": "aarch64", "386": "i686"}[runtime.GOARCH]
	return machine + "-" + runtime.GOOS
}

// values evaluates an operand and yields what is at each attribute path.
func (c *command) values(ctx context.Context, ev *eval.Evaluator, operand string, yield func(eval.Value) error) error {
	v, err := c.root(ctx, ev, operand)
	if err != nil {
		return err
	}
	set, err := c.argumentSet(ev)
	if err != nil {
		return err
	}
	attributes := c.attributes
	if len(attributes) == 0 {
		attributes = []string{""}
	}
	for _, path := range attributes {
		selected, err := ev.Select(ctx, v, path, set)
		if err != nil {
			return err
		}
		if selected, err = c.call(ctx, ev, selected, set); err != nil {
			return err
		}
		if err := yield(selected); err != nil {
			return err
		}
	}
	return nil
}

// call calls functions: always when derivations are wanted, and to evaluate only
// if there are arguments.
func (c *command) call(ctx context.Context, ev *eval.Evaluator, v, set eval.Value) (eval.Value, error) {
	if c.mode == evaluating && len(c.arguments) == 0 {
		return v, nil
	}
	return ev.AutoCall(ctx, v, set)
}

func (c *command) root(ctx context.Context, ev *eval.Evaluator, operand string) (eval.Value, error) {
	if !c.expressions && strings.HasPrefix(operand, "<") && strings.HasSuffix(operand, ">") {
		found, err := ev.EvalExpr(ctx, "«string»", operand)
		if err != nil {
			return eval.Value{}, err
		}
		operand = found.Path()
	}
	if !c.expressions && operand != "-" {
		return ev.EvalFile(ctx, operand)
	}
	s, err := c.read(operand)
	if err != nil {
		return eval.Value{}, err
	}
	return ev.EvalExpr(ctx, s.name, string(s.text))
}

func (c *command) argumentSet(ev *eval.Evaluator) (eval.Value, error) {
	var named []eval.NamedThunk
	for _, a := range c.arguments {
		value := eval.MakeString(a.text)
		if !a.isString {
			var err error
			if value, err = ev.Delay("«string»", a.text); err != nil {
				return eval.Value{}, err
			}
		}
		named = append(named, eval.NamedThunk{Name: a.name, Value: value})
	}
	return ev.MakeAttrs(named), nil
}

// evaluate prints the value of an operand. Nothing is written to the store unless
// --read-write-mode says so.
func (c *command) evaluate(ctx context.Context, operand string) error {
	return c.withStore(ctx, !c.write, func(st eval.Store, _ *daemon.Conn) error {
		ev, err := c.evaluator(st)
		if err != nil {
			return err
		}
		return c.values(ctx, ev, operand, func(v eval.Value) error { return c.print(ctx, ev, v) })
	})
}

// withStore runs do with the store: that of the daemon, or one that only computes
// paths and has no connection.
func (c *command) withStore(ctx context.Context, dry bool, do func(eval.Store, *daemon.Conn) error) error {
	h := host.Find(c.getenv, "")
	if dry || c.getenv("NIX_REMOTE") == "dummy://" {
		return do(&eval.DryStore{Directory: h.StoreDir}, nil)
	}
	conn, err := daemon.Dial(ctx, daemon.Options{Socket: h.DaemonSocket, StoreDir: h.StoreDir})
	if err != nil {
		return err
	}
	defer conn.Close()
	return do(newDaemonStore(conn, h.StoreDir), conn)
}

func (c *command) print(ctx context.Context, ev *eval.Evaluator, v eval.Value) error {
	text, end := "", "\n"
	var err error
	switch c.format {
	case asRaw:
		end = ""
		text, err = ev.Raw(ctx, v)
	case asJSON:
		text, err = ev.JSON(ctx, v, false)
	case asXML:
		end = ""
		text, err = ev.XML(ctx, v, c.strict, c.location)
	default:
		if c.strict {
			err = ev.ForceDeep(ctx, v)
		}
		if err == nil {
			text, err = ev.Print(ctx, v)
		}
	}
	if err != nil {
		return err
	}
	c.out.WriteString(text + end)
	return nil
}

// find prints the files that <operand> leads to.
func (c *command) find(ctx context.Context, operand string) error {
	ev, err := c.evaluator(nil)
	if err != nil {
		return err
	}
	v, err := ev.EvalExpr(ctx, "«string»", "<"+operand+">")
	if err != nil {
		return err
	}
	fmt.Fprintln(c.out, v.Path())
	return nil
}

// tell prints why it failed, as Nix does.
func (c *command) tell(err error) {
	var evaluation *eval.Error
	var syntactic *syntax.Error
	switch {
	case errors.As(err, &evaluation):
		fmt.Fprintln(c.stderr, evaluation.Render(c.verbose))
	case errors.As(err, &syntactic):
		fmt.Fprintln(c.stderr, syntactic.Render())
	default:
		fmt.Fprintln(c.stderr, "error:", err)
	}
}
