package engine

import (
	"context"
	"path/filepath"

	"luminousnix/internal/action"
	"luminousnix/internal/operation"
	"luminousnix/internal/record"
)

// foreseen is the file of [action.Foreseen]. It and the part that was put aside have at
// most 128 KiB.
func (e *Engine) foreseen() record.File {
	return record.File{Path: filepath.Join(e.host.StateHome(), "foreseen.jsonl"), Max: 64 << 10}
}

// Foresees reports whether what is likely to be asked next may be prepared, and which
// operation follows which may be written down for that.
func (e *Engine) Foresees() bool { return e.settings.CachePrepare && e.cache.TTL() != 0 }

// Prepare finds out what is likely to be asked next, so that the answer is in the cache,
// and returns what that was, "" for nothing. It is for whoever goes on: a process that is
// about to end prepares nothing. Nothing of it is measured or recorded.
func (e *Engine) Prepare(ctx context.Context, after operation.Name) operation.Name {
	steps, err := record.Read[action.Foreseen](e.foreseen())
	if err != nil {
		e.log.Debug("nothing is prepared", "error", err)
		return ""
	}
	next := action.Foresee(steps, after)
	if next == "" {
		return ""
	}
	call := Call{Operation: operation.New(next, operation.Arguments{})}
	call.machine = e.machineFor(call)
	if result := e.unmeasured.Execute(ctx, call); !result.Success() || result.Cached {
		return "" // it was there before
	}
	return next
}

// Foreseen writes down what was asked after what.
func (e *Engine) Foreseen(step action.Foreseen) {
	step.Time = e.now().UTC()
	if err := e.foreseen().Append(step); err != nil {
		e.log.Debug("not recorded", "error", err)
	}
}
