package action_test

import (
	"testing"

	"luminousnix/internal/action"
	"luminousnix/internal/operation"
)

func TestForesee(t *testing.T) {
	t.Parallel()
	const list, diff, disk, help = operation.ListGenerations, operation.CompareGenerations, operation.DiskUsage, operation.Help
	for name, test := range map[string]struct {
		next []operation.Name // that came after list-generations so far
		want operation.Name
	}{
		"nothing yet":            {nil, ""},
		"once is chance":         {[]operation.Name{diff}, ""},
		"twice":                  {[]operation.Name{diff, diff}, diff},
		"the most often":         {[]operation.Name{diff, disk, disk, diff, disk}, disk},
		"too rare":               {[]operation.Name{diff, diff, help, help, help, help, help, help, help}, ""},
		"cannot be prepared":     {[]operation.Name{help, help, help}, ""},
		"the second most likely": {[]operation.Name{help, help, help, diff, diff}, diff},
	} {
		steps := []action.Foreseen{{After: help, Next: disk}, {After: help, Next: disk}}
		for _, next := range test.next {
			steps = append(steps, action.Foreseen{After: list, Next: next})
		}
		if got := action.Foresee(steps, list); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}
