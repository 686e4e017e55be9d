package cli

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"luminousnix/internal/operation"
	"luminousnix/internal/persona"
	"luminousnix/nix/store"
)

// brief says all in one line, and asks nothing where a line takes it back.
type brief struct{ usual }

// surely is how sure it has to be that a change was meant for it to be made unasked.
const surely = 0.9

// observer keeps quiet about everything but warnings, and that a switch is about to be
// taken back, or is.
func (b brief) observer(operation.Operation) operation.Observer {
	return &phases{to: b.Err, say: func(e operation.Event) string {
		if e.Phase == "confirm" || e.Phase == "revert" {
			return e.Text
		}
		return ""
	}}
}

// unasked lets only what is named here pass: changes of packages of one's own, edits of
// the configuration, which do nothing before the next switch, and pins. Nothing of these
// activates a system. Whatever the plan warns of is asked about, and whatever a language
// model has proposed.
func (b brief) unasked(op operation.Operation, plan *operation.Plan) bool {
	spec, _ := operation.Lookup(op.Name)
	if spec.Risk != operation.Reversible || plan.Risk != operation.Reversible || plan.Undo == "" ||
		len(plan.Warnings) > 0 || b.sure < surely || b.proposedBy != "" {
		return false
	}
	switch op.Name {
	case operation.InstallPackages, operation.RemovePackages, operation.SetOption, operation.UnpinGeneration:
		return true
	case operation.UpdateSystem, operation.Rollback, operation.SwitchGeneration:
		return op.Arguments.Profile == operation.UserProfile || len(op.Arguments.Packages) > 0
	}
	return false
}

// plan is whole where it is asked about, and a line where it is the answer.
func (b brief) plan(w io.Writer, _ operation.Operation, plan *operation.Plan) {
	if w == b.Err {
		b.renderPlan(w, plan)
		return
	}
	parts := []string{plan.Summary}
	if plan.Frees > 0 {
		parts = append(parts, persona.Phrase(persona.Brief, "frees", operation.Size(plan.Frees)))
	}
	parts = append(parts, plan.Warnings...)
	parts = append(parts, persona.Phrase(persona.Brief, "risk", string(plan.Risk)))
	if plan.Undo != "" {
		parts = append(parts, persona.Phrase(persona.Brief, "undo", plan.Undo))
	}
	fmt.Fprintln(w, clean(persona.Phrase(persona.Brief, "would", strings.Join(parts, "; "))))
}

// result is a line: the message, the gist of the data, and how to take it back.
func (b brief) result(r operation.Result) error {
	if b.flags.dryRun && r.Plan != nil && !r.Plan.Nothing {
		return nil // the plan is the line
	}
	line := r.Message
	if gist := gist(r.Data); gist != "" {
		line = strings.TrimRight(line, ".:") + ": " + gist
	}
	if r.Plan != nil && r.Plan.Undo != "" && !r.Plan.Nothing {
		line = persona.Phrase(persona.Brief, "done", line, r.Plan.Undo)
	}
	if tried, ok := r.Data.(*operation.Tried); ok && tried.Path != "" {
		b.renderTried(tried) // is for a shell, which has to know it
		return nil
	}
	fmt.Fprintln(b.Out, clean(line))
	b.renderWarnings(r)
	return nil
}

// failure is a line too: what happened, what could be meant, and what to do.
func (b brief) failure(r operation.Result) {
	err := r.Err
	parts := []string{"ask-nix: " + err.Message}
	for i, other := range err.Alternatives {
		parts = append(parts, fmt.Sprintf("%d. %s", i+1, other.Say))
	}
	if err.Hint != "" {
		parts = append(parts, err.Hint)
	}
	b.note(strings.Join(parts, "; "))
}

// mostInGist is how many names a line has.
const mostInGist = 12

// gist is what of an answer's data has to be in its line; "" where the message says it.
func gist(data any) string {
	var parts []string
	switch data := data.(type) {
	case *operation.Found:
		for i := range data.Results {
			parts = append(parts, strings.TrimSpace(data.Results[i].Attribute+" "+data.Results[i].Version))
		}
	case *operation.InstalledPackages:
		for _, p := range data.Packages {
			parts = append(parts, strings.TrimSpace(p.Name+" "+p.Version))
		}
	case *operation.Topics:
		for _, t := range data.Topics {
			parts = append(parts, t.ID)
		}
	case *operation.HelpData:
		for _, spec := range data.Operations {
			parts = append(parts, spec.Example)
		}
	case *operation.Pins:
		for _, p := range data.Pins {
			parts = append(parts, strings.TrimSpace(number(p.Generation)+" "+p.Name))
		}
	case *operation.Jobs:
		for _, j := range data.Jobs {
			parts = append(parts, j.ID+" "+j.State)
		}
	case *operation.History:
		for _, e := range data.Entries {
			parts = append(parts, e.Summary)
		}
	default:
		return sentences(data)
	}
	if more := len(parts) - mostInGist; more > 0 {
		parts = append(parts[:mostInGist], persona.Phrase(persona.Brief, "others", strconv.Itoa(more)))
	}
	return strings.Join(parts, ", ")
}

// sentences is the gist of answers that are text.
func sentences(data any) string {
	switch data := data.(type) {
	case *operation.Answered:
		return strings.Join(data.Topic.Text, " ")
	case *operation.Explanation:
		return strings.TrimSpace(data.Cause + " " + data.First())
	case *operation.Health:
		var parts []string
		for _, f := range data.Findings {
			if f.Severity != operation.Note {
				parts = append(parts, f.Subject+": "+strings.TrimRight(f.What, "."))
			}
		}
		return strings.Join(parts, "; ")
	case *operation.Failures:
		units := slices.Clone(data.Units)
		if len(data.Failures) > 0 {
			units = append(units, data.Failures[0].Message)
		}
		return strings.Join(units, ", ")
	case *operation.Dependency:
		if len(data.Ways) > 0 {
			var names []string
			for _, path := range data.Ways[0].Chain {
				names = append(names, store.Path(path).Name())
			}
			return strings.Join(names, " → ")
		}
	case *operation.DryActivated:
		return strings.Join(data.Output, "; ")
	}
	return ""
}
