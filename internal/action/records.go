package action

import (
	"context"
	"fmt"
	"time"

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

func rows(args operation.Arguments) int {
	if args.Limit > 0 {
		return args.Limit
	}
	return defaultRows
}
