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
	m.engine.measure(&result, foretold)
	return result
}

// measure counts how an operation went, and writes down what failed.
func (e *Engine) measure(result *operation.Result, foretold *estimates) {
	e.count(result, foretold)
	if result.Err != nil {
		e.record(result)
	}
}

// count adds to the counts. That they were damaged is said with the result; else an answer
// is worth more than its statistics.
func (e *Engine) count(result *operation.Result, foretold *estimates) {
	if _, known := operation.Lookup(result.Operation.Name); !known || !e.settings.MetricsEnabled {
		return
	}
	run := metrics.Run{
		Operation: result.Operation.Name, At: e.now(), Took: result.Duration, Succeeded: result.Success(),
		CacheAsked: result.CacheAsked, Cached: result.Cached, Backend: result.Backend,
	}
	run.Recoveries, run.Recovered = recovered(result)
	foretold.count(&run)
	err := e.metrics.Add(run)
	if damaged, ok := metrics.IsDamaged(err); ok {
		result.Warnings = append(result.Warnings, damaged.Error())
	} else if err != nil {
		e.log.Debug("not counted", "error", err)
	}
}

// record writes down a failure, for `errors` and `why`.
func (e *Engine) record(result *operation.Result) {
	err := e.failures.Append(action.Failed{
		Time: e.now(), Operation: result.Operation.Name,
		Code: result.Err.Code, Message: result.Err.Message, Hint: result.Err.Hint,
	})
	if err != nil {
		e.log.Debug("not recorded", "error", err)
	}
}
