package cli

import (
	"fmt"
	"strings"

	"luminousnix/internal/operation"
)

// renderAnswer shows an answer as running text, then what to try, a line each, with
// what it does below: both can be copied.
func (a *app) renderAnswer(t *operation.Topic) {
	a.paragraph("  ", strings.Join(t.Text, " "))
	for _, try := range t.Tries {
		fmt.Fprintln(a.Out)
		what := "in the configuration: " + try.Say
		if try.Command != "" {
			what = try.Say
		}
		fmt.Fprintln(a.Out, "    "+clean(try.Command+try.Line))
		a.paragraph("      ", what)
	}
}

// renderTopics lists topics below their subjects.
func (a *app) renderTopics(data *operation.Topics) {
	width := 0
	for _, t := range data.Topics {
		width = max(width, len(t.ID))
	}
	subject := ""
	for _, t := range data.Topics {
		if t.Subject != subject {
			subject = t.Subject
			fmt.Fprintln(a.Out, "\n"+a.style.bold(subject))
		}
		fmt.Fprintln(a.Out, a.cut(a.presented().entry("", width, t.ID, t.Title)))
	}
}

// widest is the most characters in a line of running text.
const widest = 80

// paragraph writes text in lines that are pleasant to read and fit the terminal.
func (a *app) paragraph(indent, text string) {
	const narrowest = 20
	width := widest
	if a.Width >= narrowest {
		width = min(width, a.Width)
	}
	for _, line := range wrap(a.presented().reword(clean(text)), width-len(indent)) {
		fmt.Fprintln(a.Out, indent+line)
	}
}
