package cli

import (
	"fmt"
	"strings"
	"time"

	"luminousnix/internal/operation"
)

// aboutUndo is what `undo --help` says beside the usage.
const aboutUndo = `Without a number the last change of yours is taken back that can be, said again the
one before it. A number from the history takes back that change; also one that has
taken back another. Nothing is done where something else has changed since.

It takes back what installs, removes or updates packages of your profile, what switches
the system, what edits the configuration, and pins. What was deleted is gone.`

func (a *app) renderHistory(data *operation.History) {
	for i := range data.Checks {
		a.renderHistoryCheck(&data.Checks[i])
	}
	for i := range data.Entries {
		e := &data.Entries[i]
		fmt.Fprintf(a.Out, "  %s (%s)  %s  %s  %s: %s\n", e.Entry, e.Log, e.Time.Local().Format(time.DateTime), clean(e.User), outcomeOf(e), clean(e.Summary))
		if e.Outcome != "" {
			fmt.Fprintln(a.Out, a.style.dim("      "+clean(e.Message)))
		}
	}
}

// outcomeOf says in few words what came of a change, and of that since.
func outcomeOf(e *operation.HistoryEntry) string {
	words := []string{"done"}
	if e.Outcome != "" {
		words[0] = string(e.Outcome)
	}
	if e.ProposedBy == operation.ProposedByModel {
		words = append(words, "proposed by a language model")
	}
	if e.UndoneBy != "" {
		words = append(words, "taken back by "+string(e.UndoneBy))
	}
	return strings.Join(words, ", ")
}

func (a *app) renderHistoryCheck(c *operation.HistoryCheck) {
	a.pairs(a.Out, [][2]string{
		{"log", c.Log}, {"file", c.Path}, {"files", fmt.Sprint(c.Files)}, {"lines", fmt.Sprint(c.Lines)},
	})
	for _, place := range c.Torn {
		fmt.Fprintln(a.Out, "  note: "+clean(place))
	}
}
