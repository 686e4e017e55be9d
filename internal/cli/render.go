package cli

import (
	"fmt"
	"io"
	"strings"

	"luminousnix/internal/operation"
	"luminousnix/internal/progress"
)

// render shows a result to a person, with its plan where that is part of the answer.
func (a *app) render(result operation.Result) error {
	if a.planIsAnswer(result) {
		a.presented().plan(a.Out, result.Operation, result.Plan)
	}
	if result.Err != nil {
		a.presented().failure(result)
		return nil
	}
	return a.presented().result(result)
}

// renderResult shows what it is first, then its data, then what to know and what could
// come next.
func (a *app) renderResult(result operation.Result) error {
	fmt.Fprintln(a.Out, a.style.bold(clean(result.Message)))
	if err := a.renderData(result); err != nil {
		return err
	}
	a.renderWarnings(result)
	if len(result.Suggestions) > 0 {
		fmt.Fprintln(a.Out)
		for _, suggestion := range result.Suggestions {
			fmt.Fprintln(a.Out, a.style.dim("next: "+clean(suggestion)))
		}
	}
	return nil
}

func (a *app) renderWarnings(result operation.Result) {
	for _, warning := range result.Warnings {
		a.note("note: " + warning)
	}
}

// planIsAnswer reports whether the plan itself is what was asked for, or all
// that there is to show: of a dry run, and of a change that nobody could be
// asked about. A plan that somebody confirmed was shown then.
func (a *app) planIsAnswer(result operation.Result) bool {
	switch {
	case result.Plan == nil || result.Plan.Nothing:
		return false
	case a.flags.dryRun:
		return true
	}
	spec, _ := operation.Lookup(result.Operation.Name)
	return (spec.Asks() || result.ProposedBy != "") && a.confirmer() == nil && result.Err != nil
}

// mostInPlan is how many packages of each kind of change a plan shows.
const mostInPlan = 8

func (a *app) renderPlan(w io.Writer, plan *operation.Plan) {
	fmt.Fprintln(w, a.style.bold(clean(plan.Summary)+"."))
	for i, step := range plan.Steps {
		fmt.Fprintf(w, "  %d. %s\n", i+1, clean(step.Action))
		if step.Path != "" {
			fmt.Fprintln(w, a.style.dim("     "+clean(step.Path)))
		}
	}
	if plan.Option != nil {
		a.renderPlanOption(w, plan.Option)
	}
	a.renderFiles(w, plan.Files)
	if plan.Changes != nil {
		a.renderChanges(w, plan.Changes, mostInPlan)
	}
	if plan.Impact != nil {
		a.pairs(w, impactPairs(plan.Impact, someOf))
	}
	for _, s := range plan.Space {
		fmt.Fprintf(w, "  space: %s of %s needed, %s free\n", operation.Size(s.Needed), clean(s.Path), operation.Size(s.Free))
	}
	if plan.Time != nil {
		fmt.Fprintln(w, "  time: "+progress.RangeOf(*plan.Time))
	}
	for _, warning := range plan.Warnings {
		fmt.Fprintln(w, "  note: "+clean(warning))
	}
	if plan.Frees > 0 {
		fmt.Fprintln(w, "  frees: "+operation.Size(plan.Frees))
	}
	fmt.Fprintf(w, "  risk: %s", plan.Risk)
	if plan.Undo != "" {
		fmt.Fprintf(w, "; taken back with: %s", clean(plan.Undo))
	}
	fmt.Fprintln(w)
}

// someOf names the first of a list.
func someOf(names []string) string {
	if more := len(names) - mostInPlan; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:mostInPlan], ", "), more)
	}
	return strings.Join(names, ", ")
}

func (a *app) showError(err *operation.Error) {
	a.note("ask-nix: " + err.Message)
	for i, other := range err.Alternatives {
		a.note(fmt.Sprintf("  %d. %s", i+1, other.Say))
	}
	if err.Hint != "" {
		a.note("hint: " + err.Hint)
	}
	for _, line := range err.Details {
		a.note("  " + line)
	}
}

func (a *app) renderData(result operation.Result) error {
	switch data := result.Data.(type) {
	case nil:
	case *operation.Generations:
		a.renderGenerations(data)
	case *operation.Comparison:
		a.renderChanges(a.Out, data, 0)
	case *operation.Found:
		a.renderFound(data)
	case *operation.Info:
		a.renderInfo(data)
	case *operation.Catalogues:
		a.renderCatalogues(data)
	case *operation.CatalogBuilt:
		a.renderBuilt(data)
	case *operation.InstalledPackages:
		a.renderInstalled(data)
	case *operation.Disk:
		a.renderDisk(data)
	case *operation.Pins:
		a.renderPins(data)
	case *operation.Freed:
		a.renderFreed(data)
	case *operation.StoreCheck:
		a.renderStoreCheck(data)
	case *operation.Dependency:
		a.renderDependency(data)
	case *operation.System:
		a.renderSystem(data)
	case *operation.Configuration:
		a.renderConfiguration(data)
	case *operation.Check:
		a.renderCheck(data)
	case *operation.Built:
		a.renderSystemBuilt(data)
	case *operation.Failures:
		a.renderFailures(data)
	case *operation.Explanation:
		a.renderExplanation(data)
	case *operation.Answered:
		a.renderAnswer(&data.Topic)
	case *operation.Topics:
		a.renderTopics(data)
	case *operation.Health:
		a.renderHealth(data)
	case *operation.History:
		a.renderHistory(data)
	case *operation.Metrics:
		a.renderMetrics(data)
	case *operation.Cache:
		a.renderCache(data)
	case *operation.HelpData:
		a.renderHelp(data)
	case *operation.DryActivated:
		for _, line := range data.Output {
			fmt.Fprintln(a.Out, "  "+clean(line))
		}
	case *operation.Jobs:
		a.renderJobs(data)
	case *operation.Tried:
		a.renderTried(data)
	case *operation.Updated:
		a.renderUpdated(data)
	case *operation.Cleared, *operation.Switched, *operation.Edited, *operation.Migrated, *operation.Activation, *operation.Job, *operation.Optimised, *operation.Rebuilt: // the message says it all
	default:
		return fmt.Errorf("there is no way to show a %T", data)
	}
	return nil
}

// pairs writes names and values as the presentation does.
func (a *app) pairs(w io.Writer, pairs [][2]string) { a.presented().pairs(w, pairs) }

// pairColumns writes names and values in two columns.
func (a *app) pairColumns(w io.Writer, pairs [][2]string) {
	width := 0
	for _, pair := range pairs {
		width = max(width, len(pair[0]))
	}
	for _, pair := range pairs {
		if pair[1] != "" {
			fmt.Fprintln(w, a.style.dim(fmt.Sprintf("  %-*s  ", width, pair[0]))+clean(pair[1]))
		}
	}
}
