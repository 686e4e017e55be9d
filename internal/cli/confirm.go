package cli

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	"luminousnix/internal/operation"
)

// confirmer returns the function that shows a plan and settles whether to go on
// with it, or nil when there is nobody to ask.
func (a *app) confirmer() func(context.Context, operation.Operation, operation.Plan) (bool, error) {
	switch {
	case a.flags.yes:
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

// ask shows the plan and asks the person at the terminal. Nobody is asked twice about one
// plan, unless something is gone afterwards.
func (a *app) ask(ctx context.Context, _ operation.Operation, plan operation.Plan) (bool, error) {
	if a.agreed != nil && plan.Risk != operation.Destructive && reflect.DeepEqual(*a.agreed, plan) {
		return true, nil // the same plan was shown before
	}
	a.renderPlan(a.Err, &plan)
	if a.talking {
		forgetTyped(a.In)
	}
	fmt.Fprint(a.Err, "Do this? [y/N] ")
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
