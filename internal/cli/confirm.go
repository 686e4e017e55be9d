package cli

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"luminousnix/internal/action"
	"luminousnix/internal/operation"
)

// confirmer returns the function that shows a plan and settles whether to go on
// with it, or nil when there is nobody to ask.
func (a *app) confirmer() func(context.Context, operation.Operation, operation.Plan) (bool, error) {
	switch {
	case a.flags.yes && a.proposedBy == "": // what nobody has asked for cannot be confirmed beforehand
		return func(_ context.Context, op operation.Operation, plan operation.Plan) (bool, error) {
			// What is gone afterwards is never done unseen, not even for a script.
			if unseen := a.flags.json || a.presented().unasked(op, &plan); !unseen || plan.Risk == operation.Destructive {
				a.settle()
				a.presented().plan(a.Err, op, &plan)
			}
			return true, nil
		}
	case a.InTerminal && a.ErrTerminal && !a.flags.json:
		return a.ask
	}
	return nil
}

// enough is a plan without what changes all the time: how much more is free than it needs,
// and how long it takes.
func enough(plan operation.Plan) operation.Plan {
	plan.Time = nil
	plan.Space = slices.Clone(plan.Space)
	for i := range plan.Space {
		plan.Space[i].Free = min(plan.Space[i].Free, plan.Space[i].Needed)
	}
	return plan
}

// ask shows the plan and asks the person at the terminal, if the presentation asks. Nobody
// is asked twice about one plan, unless something is gone afterwards.
func (a *app) ask(ctx context.Context, op operation.Operation, plan operation.Plan) (bool, error) {
	a.settle()
	if a.agreed != nil && a.proposedBy == "" && plan.Risk != operation.Destructive && reflect.DeepEqual(enough(*a.agreed), enough(plan)) {
		return true, nil // the same plan was shown before
	}
	if a.presented().unasked(op, &plan) {
		return true, nil
	}
	a.presented().plan(a.Err, op, &plan)
	if a.forget != nil {
		a.forget()
	}
	fmt.Fprint(exact(a.Err), a.presented().question())
	answer, err := readLine(ctx, a.In)
	if err != nil {
		fmt.Fprintln(a.Err)
		return false, err
	}
	switch answer = strings.TrimSpace(answer); strings.ToLower(answer) {
	case "y", "yes":
		return true, nil
	case "n", "no", "":
	default:
		if a.next != nil {
			a.next(answer) // "why?", or "no, I meant vim"
		}
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
	a.settle()
	if a.forget != nil {
		a.forget()
	}
	for {
		left := time.Until(deadline).Round(time.Second) / time.Second
		fmt.Fprintf(exact(a.Err), "Keep this system? It goes back by itself in %d s. [y/n] ", max(0, left))
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
