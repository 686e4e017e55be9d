package cli

import (
	"fmt"
	"io"
	"strings"

	"luminousnix/internal/operation"
)

// renderFiles shows what an edit changes in files, as a diff.
func (a *app) renderFiles(w io.Writer, files []operation.FileEdit) {
	for _, f := range files {
		for line := range strings.Lines(f.Diff) {
			if line = a.presented().diffLine(strings.TrimRight(line, "\r\n")); line != "" {
				fmt.Fprintln(exact(w), line)
			}
		}
	}
}

// diffLine is a line of a diff, indented and coloured.
func (a *app) diffLine(line string) string {
	parts := strings.Split(line, "\t")
	for i := range parts {
		parts[i] = clean(parts[i])
	}
	line = strings.Join(parts, "\t")
	switch {
	case strings.HasPrefix(line, "---"), strings.HasPrefix(line, "+++"):
		return "  " + a.style.bold(line)
	case strings.HasPrefix(line, "-"):
		return "  " + a.style.red(line)
	case strings.HasPrefix(line, "+"):
		return "  " + a.style.green(line)
	case strings.HasPrefix(line, "@@"):
		return "  " + a.style.dim(line)
	}
	return "  " + line
}

// mostOfDescription is how many lines of an option's description a plan shows.
const mostOfDescription = 6

// renderPlanOption shows the documentation of the option that a plan sets.
func (a *app) renderPlanOption(w io.Writer, o *operation.OptionDetails) {
	lines := wrap(clean(strings.Join(strings.Fields(o.Description), " ")), 76)
	if len(lines) > mostOfDescription {
		lines = append(lines[:mostOfDescription], "…")
	}
	for _, line := range lines {
		fmt.Fprintln(w, "  "+line)
	}
	pairs := [][2]string{{"type", o.Type}, {"default", o.Default}, {"now", o.Value}, {"set in", o.SetIn}}
	for i := range pairs {
		pairs[i][1] = strings.Join(strings.Fields(pairs[i][1]), " ")
	}
	a.pairs(w, pairs)
}

// renderTried shows how to find the programs of packages that are tried, where no shell
// is started with them: a line for a shell to evaluate.
func (a *app) renderTried(data *operation.Tried) {
	if data.Path != "" {
		fmt.Fprintf(exact(a.Out), "export PATH=%s:\"$PATH\"\n", data.Path)
	}
}
