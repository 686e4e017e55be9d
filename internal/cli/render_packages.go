package cli

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"luminousnix/internal/operation"
)

// seeAll says how to see all that differs, where both are generations.
func seeAll(c *operation.Comparison) string {
	if c.From == 0 || c.To == 0 {
		return ""
	}
	return fmt.Sprintf(": ask-nix diff %d %d", c.From, c.To)
}

// renderChanges shows what differs, at most so many packages of each kind; 0 is
// all of them.
func (a *app) renderChanges(w io.Writer, c *operation.Comparison, most int) {
	signs := a.presented().signs()
	sections := []struct {
		sign    string
		changes []operation.Change
		colour  func(string) string
	}{
		{signs.added, c.Added, a.style.green},
		{signs.removed, c.Removed, a.style.red},
		{signs.changed, c.Changed, a.style.bold},
	}
	for _, section := range sections {
		var plain []string
		for i, change := range section.changes {
			if most > 0 && i == most {
				fmt.Fprintf(w, "  %s %d more%s\n", signs.and(section.sign), len(section.changes)-most, seeAll(c))
				break
			}
			if versions(change.From)+versions(change.To) == "" {
				plain = append(plain, clean(change.Name)) // parts of the system itself
				continue
			}
			fmt.Fprintf(w, "  %s %s %s\n", section.colour(section.sign), clean(change.Name), clean(signs.versions(change)))
		}
		if len(plain) > 0 {
			fmt.Fprintln(w, a.cut(fmt.Sprintf("  %s %s", section.sign, strings.Join(plain, ", "))))
		}
	}
	fmt.Fprintf(w, "  size: %s\n", signs.size(c.SizeDelta))
}

// versions tells the versions of a change.
func (s signs) versions(change operation.Change) string {
	switch {
	case len(change.From) == 0:
		return versions(change.To)
	case len(change.To) == 0:
		return versions(change.From)
	}
	return s.change(versions(change.From), versions(change.To))
}

func versions(list []string) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(list), func(v string) bool { return v == "" }), ", ")
}

func (a *app) renderInstalled(data *operation.InstalledPackages) {
	if len(data.Packages) == 0 {
		return
	}
	rows := [][]string{{"PACKAGE", "VERSION", "FOR"}}
	for _, p := range data.Packages {
		rows = append(rows, []string{p.Name, p.Version, cmp.Or(string(p.Scope), "-")})
	}
	a.table(a.Out, a.numbered(rows, 0))
}
