package action

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"luminousnix/internal/audit"
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

func showHistory(_ context.Context, m *Machine, args operation.Arguments, _ operation.Observer) (Answer, error) {
	// That nothing can be added to the log is no reason not to show it.
	if err := m.Audit.Settle(m.JudgeChange); err != nil {
		m.Log.Debug("the audit log is left as it is", "error", err)
	}
	lines, err := m.Audit.Read()
	if err != nil {
		return Answer{}, err
	}
	data := operation.History{Entries: pairUp(lines)}
	slices.Reverse(data.Entries)
	if len(data.Entries) > rows(args) {
		data.Entries = data.Entries[:rows(args)]
	}
	message := fmt.Sprintf("The last %d changes.", len(data.Entries))
	switch len(data.Entries) {
	case 0:
		message = "ask-nix has changed nothing yet."
	case 1:
		message = "One change."
	}
	return Answer{Message: message, Data: &data}, nil
}

// pairUp joins the two lines of each change. One without a second line is not over, or
// was cut short and nothing can be added to the log: it counts as interrupted.
func pairUp(lines []audit.Line) []operation.HistoryEntry {
	entries := []operation.HistoryEntry{}
	index := map[string]int{}
	for _, line := range lines {
		if !line.Done {
			index[line.ID] = len(entries)
			entry := operation.HistoryEntry{
				Time: line.Time, User: line.User, Operation: line.Operation.Name, Arguments: line.Operation.Arguments,
				Sentence: line.Sentence, ProposedBy: line.ProposedBy, Outcome: operation.CodeInterrupted, Message: cutShort,
			}
			if line.Plan != nil {
				entry.Summary = line.Plan.Summary
			}
			entries = append(entries, entry)
		} else if i, ok := index[line.ID]; ok {
			entries[i].Outcome, entries[i].Message = line.Outcome, line.Message
		}
	}
	return entries
}

func rows(args operation.Arguments) int {
	if args.Limit > 0 {
		return args.Limit
	}
	return defaultRows
}
