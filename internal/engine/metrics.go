package engine

import (
	"context"
	"time"

	"luminousnix/internal/action"
	"luminousnix/internal/operation"
)

// metrics measures each operation and records how it went.
type metrics struct {
	next   Executor
	engine *Engine
}

func (m *metrics) Execute(ctx context.Context, call Call) operation.Result {
	start := time.Now()
	result := m.next.Execute(ctx, call)
	result.Duration = time.Since(start)
	sample := action.Sample{
		Time:       m.engine.now(),
		Operation:  call.Operation.Name,
		DurationMs: float64(result.Duration.Round(time.Microsecond)) / float64(time.Millisecond),
		Cached:     result.Cached,
		Hits:       call.machine.Hits,
		Misses:     call.machine.Misses,
	}
	if result.Err != nil {
		sample.Code, sample.Message, sample.Hint = result.Err.Code, result.Err.Message, result.Err.Hint
	}
	if err := m.engine.samples.Append(sample); err != nil {
		m.engine.log.Debug("not recorded", "error", err) // an answer is worth more than its statistics
	}
	return result
}
