package action

import (
	"context"
	"fmt"
	"slices"
	"time"

	"luminousnix/internal/audit"
	"luminousnix/internal/metrics"
	"luminousnix/internal/operation"
)

// Failed is a run of an operation that failed, as it is written down.
type Failed struct {
	Time      time.Time      `json:"time"`
	Operation operation.Name `json:"operation"`
	Code      operation.Code `json:"code"`
	Message   string         `json:"message"`
	Hint      string         `json:"hint,omitempty"`
}

const defaultRows = 20

func showMetrics(_ context.Context, m *Machine, _ operation.Arguments, _ operation.Observer) (Answer, error) {
	data, err := m.Metrics.Read()
	var warnings []string
	if damaged, ok := metrics.IsDamaged(err); ok {
		warnings, err = []string{damaged.Error()}, nil
	}
	data.Enabled = m.Measures
	return Answer{Message: MetricsMessage(&data), Data: &data, Warnings: warnings}, err
}

// MetricsMessage says in a line how operations went.
func MetricsMessage(m *operation.Metrics) string {
	var text string
	switch {
	case m.TotalOperations == 0 && !m.Enabled:
		return "Operations are not counted: the setting metrics.enabled is off."
	case m.TotalOperations == 0:
		return "No operation was counted yet."
	case m.TotalOperations == 1:
		text = "One operation"
	default:
		text = fmt.Sprintf("%d operations", m.TotalOperations)
	}
	text += fmt.Sprintf(", %.1f %% succeeded", 100*m.SuccessRate)
	if m.CacheAsked > 0 {
		text += fmt.Sprintf("; %.1f %% of %d answers that are kept came from the cache", 100*m.CacheHitRate, m.CacheAsked)
	}
	if !m.Enabled {
		text += "; more are not counted, as metrics.enabled is off"
	}
	return text + "."
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
