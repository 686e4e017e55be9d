package eval_test

import (
	"context"
	"errors"

	"luminousnix/nix/eval"
)

// command is what nix-instantiate --eval does, as far as tests need it.
type command struct {
	strict, json, xml, raw bool
	xmlPositions           bool
	attr                   string
	args                   []argument
}

// argument is what --arg or --argstr gives.
type argument struct {
	name, value string
	isText      bool
}

// evaluate evaluates a file and returns what is printed, with its line end.
func (c *command) evaluate(ev *eval.Evaluator, file string) (string, error) {
	ctx := context.Background()
	v, err := ev.EvalFile(ctx, file)
	if err != nil {
		return "", err
	}
	args := []eval.NamedThunk{}
	for _, a := range c.args {
		t := eval.MakeString(a.value)
		if !a.isText {
			if t, err = ev.Delay("«string»", a.value); err != nil {
				return "", err
			}
		}
		args = append(args, eval.NamedThunk{Name: a.name, Value: t})
	}
	set := ev.MakeAttrs(args)
	if v, err = ev.Select(ctx, v, c.attr, set); err != nil {
		return "", err
	}
	if len(args) > 0 {
		if v, err = ev.AutoCall(ctx, v, set); err != nil {
			return "", err
		}
	}
	return c.print(ctx, ev, v)
}

func (c *command) print(ctx context.Context, ev *eval.Evaluator, v eval.Value) (string, error) {
	switch {
	case c.raw:
		return v.Text(), nil
	case c.json:
		text, err := ev.JSON(ctx, v, false)
		return text + "\n", err
	case c.xml:
		return ev.XML(ctx, v, c.strict, c.xmlPositions)
	}
	if c.strict {
		if err := ev.ForceDeep(ctx, v); err != nil {
			return "", err
		}
	}
	text, err := ev.Print(ctx, v)
	return text + "\n", err
}

// renderError shows an error as nix-instantiate does.
func renderError(err error, showTrace bool) string {
	var e *eval.Error
	if errors.As(err, &e) {
		return e.Render(showTrace)
	}
	return "error: " + err.Error()
}
