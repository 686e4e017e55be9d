package cli

import (
	"fmt"
	"time"

	"luminousnix/internal/metrics"
	"luminousnix/internal/operation"
)

// addMetrics adds the counts to the last result. They are not worth an answer: where they
// cannot be read, that is a note.
func (a *app) addMetrics(results []operation.Result) {
	last := &results[len(results)-1]
	counted, err := a.engine.Metrics()
	if damaged, ok := metrics.IsDamaged(err); ok {
		last.Warnings = append(last.Warnings, damaged.Error())
	} else if err != nil {
		last.Warnings = append(last.Warnings, err.Error())
		return
	}
	last.Metrics = &counted
}

// showMeasured is the block of --show-metrics, on standard error: how long each operation
// took, how such operations went so far, and all.
func (a *app) showMeasured(results []operation.Result) {
	counted := results[len(results)-1].Metrics
	if counted == nil || a.flags.json {
		return
	}
	a.flush()
	var lines [][2]string
	for _, result := range results {
		lines = append(lines, [2]string{string(result.Operation.Name), thisRun(result)})
		for _, one := range counted.Operations {
			if one.Operation == result.Operation.Name {
				lines = append(lines, [2]string{"so far", soFar(one.Total, one.Succeeded, &one.OperationCounts)})
			}
		}
	}
	if counted.TotalOperations > 0 {
		lines = append(lines, [2]string{"all operations", soFar(counted.TotalOperations, counted.Succeeded, &counted.OperationCounts)})
	}
	if !counted.Enabled {
		lines = append(lines, [2]string{"counting", "is off, by the setting metrics.enabled"})
	}
	a.pairs(a.Err, lines)
}

// thisRun says how one run went.
func thisRun(result operation.Result) string {
	text := inTime(float64(result.Duration) / float64(time.Millisecond))
	switch {
	case result.Cached:
		text += ", from the cache"
	case result.CacheAsked:
		text += ", not from the cache"
	}
	if result.Backend != "" {
		text += ", " + result.Backend + " backend"
	}
	return text
}

// soFar says how runs went.
func soFar(total, succeeded int, c *operation.OperationCounts) string {
	text := fmt.Sprintf("%d runs, %s succeeded, p50 %s, p95 %s, p99 %s",
		total, percent(succeeded, total), inTime(c.P50Duration), inTime(c.P95Duration), inTime(c.P99Duration))
	if c.CacheAsked > 0 {
		text += fmt.Sprintf(", %s of %d from the cache", percent(c.Cached, c.CacheAsked), c.CacheAsked)
	}
	if c.Native+c.Command > 0 {
		text += ", " + percent(c.Native, c.Native+c.Command) + " native"
	}
	if c.Recoveries > 0 {
		text += fmt.Sprintf(", %d failures met, %d runs recovered", c.Recoveries, c.Recovered)
	}
	if c.Estimates > 0 {
		text += fmt.Sprintf(", estimates wrong by %.0f %%", 100*c.EstimateError)
	}
	return text
}

func percent(part, of int) string { return fmt.Sprintf("%.1f %%", 100*float64(part)/float64(of)) }

// inTime is a time in milliseconds for people.
func inTime(ms float64) string {
	switch {
	case ms < 100:
		return fmt.Sprintf("%.2g ms", ms)
	case ms < 1000:
		return fmt.Sprintf("%.0f ms", ms)
	case ms < 60_000:
		return fmt.Sprintf("%.1f s", ms/1000)
	}
	return time.Duration(ms * float64(time.Millisecond)).Round(time.Second).String()
}

// renderMetrics shows a row an operation. What was never measured has no column.
func (a *app) renderMetrics(data *operation.Metrics) {
	if len(data.Operations) == 0 {
		return
	}
	if data.Since != nil {
		a.pairs(a.Out, [][2]string{{"since", data.Since.Local().Format("2006-01-02 15:04:05")}})
	}
	columns := []metricsColumn{
		{"OPERATION", true, func(m operation.OperationMetrics) string { return string(m.Operation) }},
		{"RUNS", true, func(m operation.OperationMetrics) string { return fmt.Sprint(m.Total) }},
		{"SUCCEEDED", true, func(m operation.OperationMetrics) string { return percent(m.Succeeded, m.Total) }},
		{"P50", true, func(m operation.OperationMetrics) string { return inTime(m.P50Duration) }},
		{"P95", true, func(m operation.OperationMetrics) string { return inTime(m.P95Duration) }},
		{"P99", true, func(m operation.OperationMetrics) string { return inTime(m.P99Duration) }},
		{"CACHED", data.CacheAsked > 0, func(m operation.OperationMetrics) string { return shareOf(m.Cached, m.CacheAsked) }},
		{"NATIVE", data.Native+data.Command > 0, func(m operation.OperationMetrics) string { return shareOf(m.Native, m.Native+m.Command) }},
		{"RECOVERED", data.Recoveries > 0, func(m operation.OperationMetrics) string { return fmt.Sprintf("%d of %d", m.Recovered, m.Recoveries) }},
		{"ETA ERROR", data.Estimates > 0, func(m operation.OperationMetrics) string {
			if m.Estimates == 0 {
				return "-"
			}
			return fmt.Sprintf("%.0f %%", 100*m.EstimateError)
		}},
	}
	rows := make([][]string, 1+len(data.Operations))
	for _, c := range columns {
		if !c.shown {
			continue
		}
		rows[0] = append(rows[0], c.head)
		for i, m := range data.Operations {
			rows[1+i] = append(rows[1+i], c.of(m))
		}
	}
	a.table(a.Out, rows)
}

// metricsColumn is a column of the table of operations.
type metricsColumn struct {
	head  string
	shown bool
	of    func(operation.OperationMetrics) string
}

func shareOf(part, of int) string {
	if of == 0 {
		return "-"
	}
	return percent(part, of)
}
