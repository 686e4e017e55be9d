package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"luminousnix/internal/action"
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

// keeper returns the function that asks whether a system is kept that was switched to
// with a time to confirm it, or nil when there is nobody to ask.
func (a *app) keeper() action.Keep {
	if a.InTerminal && a.ErrTerminal && !a.flags.json {
		return a.askKeep
	}
	return nil
}

// askKeep asks until it is told yes or no, since Enter may have been meant for something
// else. Ctrl-C and the end of input leave it to the deadline.
func (a *app) askKeep(ctx context.Context, deadline time.Time) (keep, answered bool) {
	for {
		left := time.Until(deadline).Round(time.Second) / time.Second
		fmt.Fprintf(a.Err, "Keep this system? It goes back by itself in %d s. [y/n] ", max(0, left))
		answer, err := readLine(ctx, a.In)
		if err != nil || answer == "" {
			fmt.Fprintln(a.Err)
			return false, false
		}
		switch strings.ToLower(strings.TrimSpace(answer)) {
		case "y", "yes":
			return true, true
		case "n", "no":
			return false, true
		}
	}
}

// readLine reads a line, or gives up when ctx ends. A read cannot be called off, so it
// is not begun before there is something; one of a line that never ends is left behind.
func readLine(ctx context.Context, r io.Reader) (string, error) {
	if file, ok := r.(*os.File); ok {
		if err := ready(ctx, file); err != nil {
			return "", err
		}
	}
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

// ready waits until something can be read.
func ready(ctx context.Context, file *os.File) error {
	const pause = 100 // milliseconds
	for {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(file.Fd()), Events: unix.POLLIN}}, pause)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case n > 0, err != nil && !errors.Is(err, unix.EINTR):
			return nil
		}
	}
}
