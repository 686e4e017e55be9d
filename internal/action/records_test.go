package action_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/action"
	"luminousnix/internal/operation"
)

func TestSummarise(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff(operation.Metrics{Operations: []operation.OperationMetrics{}}, action.Summarise(nil)); diff != "" {
		t.Error(diff)
	}
	got := action.Summarise([]action.Sample{
		{Operation: operation.SearchPackages, DurationMs: 4},
		{Operation: operation.Rollback, DurationMs: 10, Code: operation.CodeNotFound},
		{Operation: operation.SearchPackages, DurationMs: 1, Cached: true},
		{Operation: operation.SearchPackages, DurationMs: 1, Cached: true},
	})
	want := operation.Metrics{
		TotalOperations: 4, SuccessRate: 0.75, CacheHitRate: 0.5, AverageDuration: 4,
		Operations: []operation.OperationMetrics{
			{Operation: operation.Rollback, Total: 1, AverageDuration: 10},
			{Operation: operation.SearchPackages, Total: 3, Succeeded: 3, Cached: 2, AverageDuration: 2},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestEveryOperationHasAnAnswer holds the table of actions to the contract: what
// is read-only is answered by reading, what changes goes through a plan.
func TestEveryOperationHasAnAnswer(t *testing.T) {
	t.Parallel()
	for _, spec := range operation.All() {
		found, ok := action.Find(spec.Name)
		if !ok {
			continue // says so when it is asked for
		}
		if spec.Changing != (found.Change != nil) || spec.Changing == (found.Read != nil) {
			t.Errorf("%s: changing %v, but Read %v and Change %v", spec.Name, spec.Changing, found.Read != nil, found.Change != nil)
		}
		if found.State != nil && operation.NewData(spec.Name) == nil {
			t.Errorf("%s: its answers are kept, but cannot be read back", spec.Name)
		}
	}
}
