package engine

import (
	"context"
	"time"

	"luminousnix/internal/action"
	"luminousnix/internal/metrics"
	"luminousnix/internal/operation"
)

// measured measures each operation, counts how it went, and writes down what failed.
type measured struct {
	next   Executor
	engine *Engine
}

func (m *measured) Execute(ctx context.Context, call Call) operation.Result {
	start := time.Now()
	result := m.next.Execute(ctx, call)
	result.Duration = time.Since(start)
	m.count(&result)
	if result.Err != nil || m.engine.settings.MetricsEnabled {
		m.record(result)
	}
	return result
}

// count adds to the counts. That they were damaged is said with the result; else an answer
// is worth more than its statistics.
func (m *measured) count(result *operation.Result) {
	if _, known := operation.Lookup(result.Operation.Name); !known || !m.engine.settings.MetricsEnabled {
		return
	}
	err := m.engine.metrics.Add(metrics.Run{
		Operation: result.Operation.Name, At: m.engine.now(), Took: result.Duration, Succeeded: result.Success(),
		CacheAsked: result.CacheAsked, Cached: result.Cached, Backend: result.Backend,
	})
	if damaged, ok := metrics.IsDamaged(err); ok {
		result.Warnings = append(result.Warnings, damaged.Error())
	} else if err != nil {
		m.engine.log.Debug("not counted", "error", err)
	}
}

func (m *measured) record(result operation.Result) {
	sample := action.Sample{
		Time:       m.engine.now(),
		Operation:  result.Operation.Name,
		DurationMs: float64(result.Duration.Round(time.Microsecond)) / float64(time.Millisecond),
		Cached:     result.Cached,
	}
	if result.Err != nil {
		sample.Code, sample.Message, sample.Hint = result.Err.Code, result.Err.Message, result.Err.Hint
	}
	if err := m.engine.samples.Append(sample); err != nil {
		m.engine.log.Debug("not recorded", "error", err)
	}
}
