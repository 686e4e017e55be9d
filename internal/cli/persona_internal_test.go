package cli

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/operation"
)

// TestUnasked goes over all operations: brief makes without a question only what is on its
// list, and that only where all is well.
func TestUnasked(t *testing.T) {
	t.Parallel()
	good := operation.Plan{Risk: operation.Reversible, Undo: "ask-nix undo"}
	of := func(name operation.Name, args operation.Arguments) operation.Operation {
		return operation.New(name, args)
	}
	user := operation.Arguments{Profile: operation.UserProfile}
	ask := func(sure float64, op operation.Operation, plan operation.Plan) bool {
		return brief{usual{&app{sure: sure}}}.unasked(op, &plan)
	}
	var unasked, ofUser []operation.Name
	for _, spec := range operation.All() {
		if ask(1, of(spec.Name, operation.Arguments{}), good) {
			unasked = append(unasked, spec.Name)
		}
		if ask(1, of(spec.Name, user), good) {
			ofUser = append(ofUser, spec.Name)
		}
	}
	own := []operation.Name{operation.InstallPackages, operation.RemovePackages, operation.UnpinGeneration, operation.SetOption}
	if diff := cmp.Diff(own, unasked); diff != "" {
		t.Error(diff)
	}
	own = append(own, operation.UpdateSystem, operation.Rollback, operation.SwitchGeneration)
	slices.Sort(own)
	slices.Sort(ofUser)
	if diff := cmp.Diff(own, ofUser); diff != "" {
		t.Error(diff)
	}
	install := of(operation.InstallPackages, operation.Arguments{})
	for name, spoil := range map[string]func(*operation.Plan, *float64){
		"destructive":  func(p *operation.Plan, _ *float64) { p.Risk = operation.Destructive },
		"no undo":      func(p *operation.Plan, _ *float64) { p.Undo = "" },
		"a warning":    func(p *operation.Plan, _ *float64) { p.Warnings = []string{"mind"} },
		"not so sure":  func(_ *operation.Plan, sure *float64) { *sure = 0.85 },
		"nothing said": func(_ *operation.Plan, sure *float64) { *sure = 0 },
	} {
		plan, sure := good, 1.0
		spoil(&plan, &sure)
		if ask(sure, install, plan) {
			t.Errorf("%s: it is not asked about", name)
		}
	}
	if (brief{usual{&app{sure: 1, proposedBy: operation.ProposedByModel}}}).unasked(install, &good) {
		t.Error("what a language model has proposed is not asked about")
	}
	// The other presentations ask about everything.
	a := &app{sure: 1}
	for _, p := range []presentation{usual{a}, plain{usual: usual{a}}, &technical{usual: usual{a}}, &spoken{usual: usual{a}}, calm{usual{a}}} {
		if p.unasked(install, &good) {
			t.Errorf("%T does not ask", p)
		}
	}
}

func TestTimings(t *testing.T) {
	t.Parallel()
	start := time.Unix(1000, 0)
	var times timing
	times.begin("check", start)
	times.begin(technically("question"), start.Add(2*time.Millisecond))
	times.begin("switch", start.Add(1002*time.Millisecond))
	want := "check 2.0 ms, question 1000.0 ms, switch 8.0 ms"
	if got := times.String(1010 * time.Millisecond); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := new(timing).String(time.Second); got != "" {
		t.Errorf("no phases: %q", got)
	}
}

func TestQuoted(t *testing.T) {
	t.Parallel()
	got := quoted([]string{"nix", "search", "nixpkgs", "it's", "", "a b", "x#y"})
	if want := `nix search nixpkgs 'it'\''s' '' 'a b' x#y`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestLastLine: calm ends with the same four parts, whatever became of it.
func TestLastLine(t *testing.T) {
	t.Parallel()
	rollback := operation.New(operation.Rollback, operation.Arguments{})
	list := operation.New(operation.ListGenerations, operation.Arguments{})
	declined := operation.Errorf(operation.CodeDeclined, "no")
	broken := operation.Errorf(operation.CodeFailed, "broken")
	plan := &operation.Plan{Undo: "ask-nix switch-generation 3"}
	for name, test := range map[string]struct {
		result operation.Result
		want   string
	}{
		"looked":   {operation.Result{Operation: list, Suggestions: []string{"a", "b"}}, "Finished: list-generations. Changed: nothing. To take it back: not needed. Next: a, or b."},
		"changed":  {operation.Result{Operation: rollback, Plan: plan, Suggestions: []string{plan.Undo}}, "Finished: rollback. Changed: as planned. To take it back: ask-nix switch-generation 3. Next: nothing has to be done."},
		"one way":  {operation.Result{Operation: rollback, Plan: &operation.Plan{}}, "Finished: rollback. Changed: as planned. To take it back: there is no command. Next: nothing has to be done."},
		"declined": {operation.Result{Operation: rollback, Plan: plan, Err: declined}, "Not finished: rollback. Changed: nothing. To take it back: not needed. Next: nothing has to be done."},
		"broken":   {operation.Result{Operation: rollback, Plan: plan, Err: broken}, "Not finished: rollback. Changed: perhaps something, see above. To take it back: see above. Next: nothing has to be done."},
	} {
		var out strings.Builder
		a := &app{Streams: Streams{Out: &out, Err: &out}, flush: func() error { return nil }}
		a.shown = calm{usual{a}}
		if test.result.Err != nil {
			a.presented().failure(test.result)
		} else if err := a.presented().result(test.result); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		if diff := cmp.Diff(test.want, lines[len(lines)-1]); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
