package cli

import (
	"fmt"
	"io"
	"strings"

	"luminousnix/internal/operation"
)

// lines tells progress as plain lines.
type lines struct {
	out   io.Writer
	quiet bool // only warnings
	plan  func(io.Writer, *operation.Plan)
}

// Observe prints what is worth a line of its own.
func (l *lines) Observe(e operation.Event) {
	switch {
	case e.Kind == operation.EventWarning:
		fmt.Fprintln(l.out, "warning: "+clean(e.Text))
	case !l.quiet && e.Kind == operation.EventPlan && e.Plan != nil:
		l.plan(l.out, e.Plan)
	case l.quiet || e.Text == "":
	case e.Kind == operation.EventPhase:
		fmt.Fprintln(l.out, clean(e.Text)+"…")
	case e.Kind == operation.EventStart:
		fmt.Fprintln(l.out, "  "+clean(e.Text))
	case e.Kind == operation.EventLog && e.Activity != 0:
		// The lines of a build come with its failure.
	case e.Kind == operation.EventLog:
		fmt.Fprintln(l.out, "  "+clean(strings.ReplaceAll(e.Text, "\t", " ")))
	}
}
