package cli

import (
	"fmt"
	"strings"

	"luminousnix/internal/operation"
)

// renderFound shows a table: what to type, the version or type, what it is, and in
// brackets what is special about it.
func (a *app) renderFound(data *operation.Found) {
	if len(data.Results) == 0 {
		return
	}
	rows := [][]string{{"NAME", "VERSION", "DESCRIPTION"}}
	for i := range data.Results {
		e := &data.Results[i]
		version := e.Version
		if e.Kind == operation.KindOption {
			version = "option"
		}
		rows = append(rows, []string{e.Attribute, version, described(e)})
	}
	a.table(a.Out, a.numbered(rows, data.Offset))
	a.renderCatalogue(data.Catalog)
}

// described is the description of a row, its badges before it, which must not be cut
// off, and how many are folded into it.
func described(e *operation.FoundEntry) string {
	text := firstSentence(e.Description)
	if badges := e.Badges(); len(badges) > 0 {
		text = "[" + strings.Join(badges, ", ") + "] " + text
	}
	if e.Variants > 0 {
		text += fmt.Sprintf(" (+%d)", e.Variants)
	}
	return text
}

// firstSentence cuts a description that is more than a line.
func firstSentence(text string) string {
	const line = 100
	if len(text) <= line {
		return text
	}
	if end := strings.Index(text, ". "); end >= 0 {
		return text[:end+1]
	}
	return text
}

func (a *app) renderCatalogue(c operation.Catalogue) {
	age := ""
	if days := daysSince(c.Date, a.now()); days > 1 {
		age = fmt.Sprintf(", %d days old", days)
	}
	fmt.Fprintln(a.Out, a.style.dim(fmt.Sprintf("from %s of %s%s", c.Name, c.Date, age)))
}

// mostOfAName is the number of other packages of one name that are shown.
const mostOfAName = 5

func (a *app) renderInfo(data *operation.Info) {
	for _, p := range data.Installed {
		a.pairs(a.Out, [][2]string{{"installed", strings.TrimSpace(p.Name + " " + p.Version + " (" + string(p.Scope) + ")")}, {"path", p.Path}})
	}
	var others []string
	for i := range data.Packages {
		p := &data.Packages[i]
		if i == 0 {
			a.renderPackage(p)
		} else if len(others) < mostOfAName {
			others = append(others, strings.TrimSpace(p.Attribute+" "+p.Version))
		}
	}
	if more := len(data.Packages) - 1 - len(others); more > 0 {
		others = append(others, fmt.Sprintf("and %d more", more))
	}
	a.pairs(a.Out, [][2]string{{"others of that name", strings.Join(others, ", ")}})
	for i := range data.Options {
		a.renderOption(&data.Options[i])
	}
	if r := data.Renamed; r != nil && len(data.Packages) > 0 {
		a.pairs(a.Out, [][2]string{{"renamed", strings.TrimSpace(a.presented().signs().change(r.Old, strings.Join(r.New, ", ")) + " " + r.Reason)}})
	}
	a.renderCatalogue(data.Catalog)
}

func (a *app) renderPackage(p *operation.PackageDetails) {
	var problems []string
	for _, problem := range []struct {
		on   bool
		text string
	}{
		{p.Broken, "broken"}, {p.Insecure, "insecure"}, {p.Unfree, "unfree"}, {p.Unsupported, "not for this system"},
	} {
		if problem.on {
			problems = append(problems, problem.text)
		}
	}
	newer := ""
	if p.Newer != nil {
		newer = fmt.Sprintf("%s in %s of %s", p.Newer.Version, p.Newer.Catalog.Name, p.Newer.Catalog.Date)
	}
	programs := strings.Join(p.Programs, " ")
	if p.MainProgram != "" {
		programs = strings.TrimSpace(p.MainProgram + " " + programs)
	}
	a.pairs(a.Out, [][2]string{
		{"available", strings.TrimSpace(p.Attribute + " " + p.Version)},
		{"newer", newer},
		{"what", p.Description},
		{"homepage", p.Homepage},
		{"licence", p.License},
		{"programs", programs},
		{"but it is", strings.Join(problems, ", ")},
		{"platforms", platforms(p.Platforms)},
		{"declared in", p.Position},
		{"output", p.OutputPath},
		{"enabled by", p.Option},
	})
}

// platforms shows a few systems whole and many by their number.
func platforms(all []string) string {
	if len(all) <= 4 {
		return strings.Join(all, " ")
	}
	return fmt.Sprintf("%s … (%d)", strings.Join(all[:3], " "), len(all))
}

func (a *app) renderOption(o *operation.OptionDetails) {
	set := o.Value
	if set != "" {
		set += "  (" + o.SetIn + ")"
	}
	kind := "NixOS"
	if o.HomeManager {
		kind = "home-manager"
	}
	a.pairs(a.Out, [][2]string{
		{"option", o.Option + "  (" + kind + ")"},
		{"what", o.Description},
		{"set to", set},
		{"type", o.Type},
		{"default", o.Default},
		{"example", o.Example},
		{"declared in", o.DeclaredIn},
		{"package", o.Package},
		{"see also", strings.Join(o.Siblings, " ")},
	})
}

func (a *app) renderCatalogues(data *operation.Catalogues) {
	rows := [][]string{{"ROLE", "FROM", "DATE", "ENTRIES", "SIZE", ""}}
	for _, c := range data.Catalogues {
		note := c.Problem
		if c.InUse {
			note = "in use"
		}
		entries, size := "-", "not built yet"
		if c.Bytes > 0 {
			entries, size = fmt.Sprint(c.Entries), operation.Size(c.Bytes)
		}
		rows = append(rows, []string{c.Role, c.Name, c.Date, entries, size, note})
	}
	a.table(a.Out, rows)
}

func (a *app) renderBuilt(data *operation.CatalogBuilt) {
	a.pairs(a.Out, [][2]string{{"catalogue", data.Role}, {"file", data.Path}, {"size", operation.Size(data.Bytes)}})
	for _, failure := range data.Failures {
		fmt.Fprintln(a.Out, a.style.dim("  not evaluated: ")+clean(failure))
	}
	if more := data.Failed - len(data.Failures); more > 0 {
		fmt.Fprintf(a.Out, "  and %d more\n", more)
	}
}
