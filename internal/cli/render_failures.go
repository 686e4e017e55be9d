package cli

import (
	"fmt"
	"strings"
	"time"

	"luminousnix/internal/operation"
)

func (a *app) renderFailures(data *operation.Failures) {
	for _, unit := range data.Units {
		fmt.Fprintf(a.Out, "  unit %s\n", clean(unit))
	}
	for _, f := range data.Failures {
		fmt.Fprintf(a.Out, "  %s  %s: %s\n", when(f.Time), f.Operation, clean(f.Message))
		if f.Hint != "" {
			fmt.Fprintln(a.Out, a.style.dim("      "+clean(f.Hint)))
		}
	}
	for _, b := range data.Builds {
		fmt.Fprintf(a.Out, "  %s  build of %s\n", when(b.Time), clean(b.Name))
		for _, line := range b.Log {
			fmt.Fprintln(a.Out, "      > "+clean(line))
		}
		if b.Explanation != "" {
			fmt.Fprintln(a.Out, a.style.dim("      "+clean(b.Explanation)))
		}
		fmt.Fprintln(a.Out, a.style.dim("      "+b.File))
	}
	for _, e := range data.Journal {
		fmt.Fprintf(a.Out, "  %s  %s: %s\n", when(e.Time), clean(e.Unit), clean(e.Message))
	}
	for _, unknown := range data.Unknown {
		a.note("note: not looked at: " + unknown)
	}
}

func when(t time.Time) string { return t.Local().Format(time.DateTime) }

func (a *app) renderExplanation(e *operation.Explanation) {
	a.pairs(a.Out, [][2]string{{"it said", e.Error}, {"that was", e.Source}, {"subject", e.Subject}})
	fmt.Fprintln(a.Out, clean(e.Cause))
	a.fixes("", e.Fixes)
}

// fixes writes what helps, a line each.
func (a *app) fixes(indent string, fixes []operation.Fix) {
	for _, fix := range fixes {
		fmt.Fprintln(a.Out, indent+"  - "+clean(fix.String()))
	}
}

func (a *app) renderHealth(h *operation.Health) {
	for _, f := range h.Findings {
		mark := string(f.Severity)
		switch f.Severity {
		case operation.Problem:
			mark = a.style.red(mark)
		case operation.Warning:
			mark = a.style.bold(mark)
		}
		fmt.Fprintf(a.Out, "%s  %s: %s\n", mark, f.Subject, clean(f.What))
		a.fixes("  ", f.Fixes)
	}
	found := make([][2]string, len(h.Places))
	for i, p := range h.Places {
		found[i] = [2]string{p.Name, strings.TrimSpace(p.Path + " (" + p.From + ")")}
	}
	a.pairs(a.Out, found)
	fmt.Fprintln(a.Out, a.style.dim("looked at: "+strings.Join(h.Checked, ", ")))
	if len(h.Unknown) > 0 {
		fmt.Fprintln(a.Out, a.style.dim("nothing is known of: "+strings.Join(h.Unknown, ", ")))
	}
}
