package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"luminousnix/internal/operation"
)

// confirmer returns the function that shows a plan and settles whether to go on
// with it, or nil when there is nobody to ask.
func (a *app) confirmer() func(context.Context, operation.Operation, operation.Plan) (bool, error) {
	switch {
	case a.flags.yes && a.proposedBy == "": // what nobody has asked for cannot be confirmed beforehand
		return func(_ context.Context, _ operation.Operation, plan operation.Plan) (bool, error) {
			// What is gone afterwards is never done unseen, not even for a script.
			if !a.flags.json || plan.Risk == operation.Destructive {
				a.renderPlan(a.Err, &plan)
			}
			return true, nil
		}
	case a.InTerminal && a.ErrTerminal && !a.flags.json:
		return a.ask
	}
	return nil
}

// ask shows the plan and asks the person at the terminal.
func (a *app) ask(ctx context.Context, _ operation.Operation, plan operation.Plan) (bool, error) {
	a.renderPlan(a.Err, &plan)
	fmt.Fprint(a.Err, "Do this? [y/N] ")
	answer, err := readLine(ctx, a.In)
	if err != nil {
		fmt.Fprintln(a.Err)
		return false, err
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return true, nil
	}
	return false, nil
}

// readLine reads a line, or gives up when ctx ends. A read from a terminal
// cannot be called off, so it is left behind then: the process ends anyway.
func readLine(ctx context.Context, r io.Reader) (string, error) {
	type answer struct {
		line string
		err  error
	}
	answers := make(chan answer, 1)
	go func() {
		line, err := bufio.NewReader(r).ReadString('\n')
		if errors.Is(err, io.EOF) {
			err = nil // no more input is no
		}
		answers <- answer{line, err}
	}()
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case got := <-answers:
		return got.line, got.err
	}
}
