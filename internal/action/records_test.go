package action_test

import (
	"testing"

	"luminousnix/internal/action"
	"luminousnix/internal/operation"
)

// TestEveryOperationHasAnAnswer holds the table of actions to the contract: what
// is read-only is answered by reading, what changes goes through a plan.
func TestEveryOperationHasAnAnswer(t *testing.T) {
	t.Parallel()
	for _, spec := range operation.All() {
		found, ok := action.Find(spec.Name)
		if !ok {
			t.Errorf("%s has no action", spec.Name)
		}
		if spec.Changing != (found.Change != nil) || spec.Changing == (found.Read != nil) {
			t.Errorf("%s: changing %v, but Read %v and Change %v", spec.Name, spec.Changing, found.Read != nil, found.Change != nil)
		}
		if found.State != nil && operation.NewData(spec.Name) == nil {
			t.Errorf("%s: its answers are kept, but cannot be read back", spec.Name)
		}
	}
	if _, ok := action.Find(operation.None); ok {
		t.Error("no operation has an action")
	}
}
