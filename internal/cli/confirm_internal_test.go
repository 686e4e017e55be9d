package cli

import (
	"bytes"
	"context"
	"os"
	"testing"

	"luminousnix/internal/operation"
)

// TestAgreed: a plan that somebody has said yes to is asked about again where it has become
// another one. How much is free on a disk changes all the time, and counts where it is not
// enough any more.
func TestAgreed(t *testing.T) {
	t.Parallel()
	plan := func(summary string, risk operation.Risk, needed, free int64) operation.Plan {
		return operation.Plan{Summary: summary, Risk: risk, Space: []operation.Space{{Path: "/nix/store", Needed: needed, Free: free}}}
	}
	for name, test := range map[string]struct {
		agreed, now operation.Plan
		asked       bool
	}{
		"the same":         {plan("a", operation.Reversible, 5, 100), plan("a", operation.Reversible, 5, 100), false},
		"other free space": {plan("a", operation.Reversible, 5, 100), plan("a", operation.Reversible, 5, 99), false},
		"too little now":   {plan("a", operation.Reversible, 5, 100), plan("a", operation.Reversible, 5, 4), true},
		"needs more":       {plan("a", operation.Reversible, 5, 100), plan("a", operation.Reversible, 6, 100), true},
		"another":          {plan("a", operation.Reversible, 5, 100), plan("b", operation.Reversible, 5, 100), true},
		"gone afterwards":  {plan("a", operation.Destructive, 5, 100), plan("a", operation.Destructive, 5, 100), true},
	} {
		var told bytes.Buffer
		in, typed, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := typed.WriteString("n\n"); err != nil {
			t.Fatal(err)
		}
		a := &app{Streams: Streams{In: in, Err: &told}, agreed: &test.agreed}
		yes, err := a.ask(context.Background(), operation.New(operation.InstallPackages, operation.Arguments{}), test.now)
		if err != nil || yes == test.asked || (told.Len() > 0) != test.asked {
			t.Errorf("%s: %v, %v, told %q", name, yes, err, told.String())
		}
		if free := test.now.Space[0].Free; free < 4 {
			t.Errorf("%s: the plan was changed", name)
		}
		in.Close()
		typed.Close()
	}
}
