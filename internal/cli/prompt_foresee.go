package cli

import (
	"context"
	"time"

	"luminousnix/internal/action"
	"luminousnix/internal/operation"
)

// foresight prepares at the prompt what is likely to be asked next, while the next line is
// being typed.
type foresight struct {
	last   operation.Name // that was done; "" at first
	cancel context.CancelFunc
	done   chan operation.Name // gets what was prepared
}

// idle is how long nothing has to be asked before something is prepared.
const idle = 200 * time.Millisecond

// begin prepares what may come after the last operation, unless that is done already.
func (f *foresight) begin(ctx context.Context, a *app) {
	if f.last == "" || f.cancel != nil || !a.engine.Foresees() || a.flags.noCache {
		return
	}
	ctx, f.cancel = context.WithCancel(ctx)
	last, done := f.last, make(chan operation.Name, 1)
	f.done = done
	go func() {
		select {
		case <-ctx.Done():
		case <-time.After(idle):
			done <- a.engine.Prepare(ctx, last)
		}
	}()
}

// end stops preparing, and returns what is prepared.
func (f *foresight) end() (prepared operation.Name) {
	if f.cancel == nil {
		return ""
	}
	f.cancel()
	select {
	case prepared = <-f.done:
	default:
	}
	f.cancel, f.done = nil, nil
	return prepared
}

// learn writes down what was asked after what, and whether it was prepared.
func (f *foresight) learn(a *app, prepared operation.Name, next operation.Result) {
	if f.last == "" || !a.engine.Foresees() || a.flags.noCache {
		return
	}
	name := next.Operation.Name
	a.engine.Foreseen(action.Foreseen{
		After: f.last, Next: name, Prepared: prepared, Right: prepared == name && next.Cached,
	})
}
