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
	foretold := &estimates{next: call.Observer, now: time.Now}
	call.Observer = foretold
	result := m.next.Execute(ctx, call)
	result.Duration = time.Since(start)
	m.count(&result, foretold)
	if result.Err != nil {
		m.record(result)
	}
	return result
}

// count adds to the counts. That they were damaged is said with the result; else an answer
// is worth more than its statistics.
func (m *measured) count(result *operation.Result, foretold *estimates) {
	if _, known := operation.Lookup(result.Operation.Name); !known || !m.engine.settings.MetricsEnabled {
		return
	}
	run := metrics.Run{
		Operation: result.Operation.Name, At: m.engine.now(), Took: result.Duration, Succeeded: result.Success(),
		CacheAsked: result.CacheAsked, Cached: result.Cached, Backend: result.Backend,
	}
	foretold.count(&run)
	err := m.engine.metrics.Add(run)
	if damaged, ok := metrics.IsDamaged(err); ok {
		result.Warnings = append(result.Warnings, damaged.Error())
	} else if err != nil {
		m.engine.log.Debug("not counted", "error", err)
	}
}

// record writes down a failure, for `errors` and `why`.
func (m *measured) record(result operation.Result) {
	err := m.engine.failures.Append(action.Failed{
		Time: m.engine.now(), Operation: result.Operation.Name,
		Code: result.Err.Code, Message: result.Err.Message, Hint: result.Err.Hint,
	})
	if err != nil {
		m.engine.log.Debug("not recorded", "error", err)
	}
}
