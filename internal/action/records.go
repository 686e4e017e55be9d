package action

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"luminousnix/internal/operation"
	"luminousnix/internal/record"
)

// Sample is one run of an operation, as it is recorded for metrics and for the
// list of failures.
type Sample struct {
	Time       time.Time      `json:"time"`
	Operation  operation.Name `json:"operation"`
	DurationMs float64        `json:"durationMs"`
	Cached     bool           `json:"cached,omitempty"`
	Hits       int            `json:"hits,omitempty"` // of what was looked for in the cache
	Misses     int            `json:"misses,omitempty"`
	Code       operation.Code `json:"code,omitempty"` // "" is success
	Message    string         `json:"message,omitempty"`
	Hint       string         `json:"hint,omitempty"`
}

const defaultRows = 20

func showMetrics(_ context.Context, m *Machine, _ operation.Arguments, _ operation.Observer) (Answer, error) {
	samples, err := record.Read[Sample](m.Samples)
	if err != nil {
		return Answer{}, err
	}
	data := Summarise(samples)
	return Answer{
		Message: fmt.Sprintf("%d operations, %.1f %% succeeded, %.1f %% came from the cache, %.2f ms on average.",
			data.TotalOperations, 100*data.SuccessRate, 100*data.CacheHitRate, data.AverageDuration),
		Data: &data,
	}, nil
}

// Summarise makes metrics of samples.
func Summarise(samples []Sample) operation.Metrics {
	byName := map[operation.Name]*operation.OperationMetrics{}
	var all operation.OperationMetrics
	for _, s := range samples {
		one := byName[s.Operation]
		if one == nil {
			one = &operation.OperationMetrics{Operation: s.Operation}
			byName[s.Operation] = one
		}
		for _, sum := range []*operation.OperationMetrics{one, &all} {
			sum.Total++
			sum.AverageDuration += (s.DurationMs - sum.AverageDuration) / float64(sum.Total)
			if s.Code == "" {
				sum.Succeeded++
			}
			if s.Cached {
				sum.Cached++
			}
		}
	}
	metrics := operation.Metrics{
		TotalOperations: all.Total,
		AverageDuration: all.AverageDuration,
		Operations:      []operation.OperationMetrics{},
	}
	if all.Total > 0 {
		metrics.SuccessRate = float64(all.Succeeded) / float64(all.Total)
		metrics.CacheHitRate = float64(all.Cached) / float64(all.Total)
	}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		metrics.Operations = append(metrics.Operations, *byName[name])
	}
	return metrics
}

func rows(args operation.Arguments) int {
	if args.Limit > 0 {
		return args.Limit
	}
	return defaultRows
}
