package eval

import (
	"context"
	"sync"
	"sync/atomic"
)

// ForceAhead evaluates deeply all that a set or list has, by as many goroutines as
// workers, one more to stand in for one that waits for another. Nothing is reported:
// it is for what follows to find everything evaluated, and the same errors in the
// same order as without. Options.Parallel must be set.
func (ev *Evaluator) ForceAhead(ctx context.Context, v Value, workers int) {
	var inside []*Thunk
	switch v.tag {
	case tagAttrs:
		for _, attr := range v.Attrs().sorted(ev.symbols) {
			inside = append(inside, attr.Value)
		}
	case tagList:
		inside = v.List()
	}
	var next atomic.Int64
	var all sync.WaitGroup
	for range workers + 1 {
		all.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(inside)) && ctx.Err() == nil; i = next.Add(1) - 1 {
				_ = ev.worker(ctx).forceDeep(inside[i]) // whoever asks for it is told
			}
		})
	}
	all.Wait()
}
