package picker

import (
	"fmt"
	"slices"
	"strings"

	"luminousnix/internal/operation"
)

// A field is one thing that is known of a hit.
type field struct{ name, text string }

// fieldWidth is the width of the column of names.
const fieldWidth = 13

// title is the name, version and badges of a hit.
func (p *page) title() string {
	kind := p.entry.Version
	if p.entry.Kind == operation.KindOption {
		kind = "(" + optionKind(p.entry.HomeManager) + ")"
	}
	return strings.Join(strings.Fields(clean(p.entry.Attribute)+" "+clean(kind)+" "+badges(&p.entry)), " ")
}

func optionKind(homeManager bool) string {
	if homeManager {
		return "option of home-manager"
	}
	return "option of NixOS"
}

// preview is the beginning of what is known of the selected hit, without empty lines.
// If there is more than fits, the last line tells.
func (m *model) preview(a area) []string {
	lines := append([]string{m.style.bold(cut(m.page.title(), a.width))}, m.lines(m.page.brief(), a.width)...)
	lines = slices.DeleteFunc(lines, func(line string) bool { return line == "" })
	if len(lines) > a.height && a.height > 1 {
		lines = append(lines[:a.height-1], m.style.dim(cut("… enter shows all", a.width)))
	}
	return window(lines, 0, a.height)
}

// pageHeight is how many lines of the page are on the screen when it fills it.
func (m *model) pageHeight() int { return max(0, m.height-2) }

// pageLines are the lines of the whole page, below its title.
func (m *model) pageLines() []string {
	if !m.reading {
		return nil
	}
	return append([]string{""}, m.lines(m.page.all(), m.width)...)
}

// lines are the fields that are there, their texts wrapped beside their names. A
// field without a name has the whole width.
func (m *model) lines(fields []field, width int) []string {
	var lines []string
	for _, f := range fields {
		if strings.TrimSpace(f.text) == "" {
			continue
		}
		lines = append(lines, m.field(f, width)...)
	}
	return lines
}

// field is a field with a text.
func (m *model) field(f field, width int) []string {
	if f.name == "" {
		return wrap(f.text, width)
	}
	if width < 2*fieldWidth {
		return append([]string{m.style.dim(cut(f.name+":", width))}, wrap(f.text, width)...)
	}
	lines := wrap(f.text, width-fieldWidth)
	for i, text := range lines {
		name := ""
		if i == 0 {
			name = f.name
		}
		lines[i] = m.style.dim(pad(name, fieldWidth)) + text
	}
	return lines
}

// brief is what helps to choose, the most telling first.
func (p *page) brief() []field {
	e := &p.entry
	why := field{"found by", strings.Join(e.Why, ", ")}
	if o := p.option(); o != nil {
		return []field{
			{"", o.Description},
			{"set to", setTo(o)},
			{"type", o.Type},
			{"default", o.Default},
			{"example", o.Example},
			{"declared in", o.DeclaredIn},
			why,
		}
	}
	if d := p.details(); d != nil {
		return []field{
			{"", d.Description},
			{"homepage", d.Homepage},
			{"licence", d.License},
			{"programs", programs(d)},
			{"platforms", platforms(d.Platforms)},
			why,
		}
	}
	return []field{{"", e.Description}, {"type", e.Type}, {"set to", e.Value}, why, p.failure()}
}

// all is all that is known.
func (p *page) all() []field {
	fields := p.brief()
	if o := p.option(); o != nil {
		fields = append(fields, field{"package", o.Package}, field{"see also", strings.Join(o.Siblings, "\n")})
	} else if d := p.details(); d != nil {
		fields = append(fields, field{"declared in", d.Position}, field{"output", d.OutputPath},
			field{"enabled by", d.Option}, newer(d))
	}
	fields = append(fields, p.namesakes())
	for _, i := range p.info.Installed {
		fields = append(fields, field{"installed", strings.TrimSpace(i.Name+" "+i.Version) + " (" + string(i.Scope) + ")\n" + i.Path})
	}
	if r := p.info.Renamed; r != nil {
		fields = append(fields, field{"renamed", r.Old + " → " + strings.Join(r.New, ", ") + " " + r.Reason})
	}
	return append(fields, field{"from", from(p.info.Catalog)})
}

// option is the option that the hit is, or nil.
func (p *page) option() *operation.OptionDetails {
	if p.entry.Kind != operation.KindOption {
		return nil
	}
	for i := range p.info.Options {
		if o := &p.info.Options[i]; o.Option == p.entry.Attribute && o.HomeManager == p.entry.HomeManager {
			return o
		}
	}
	return nil
}

// details are those of the package that the hit is, or nil.
func (p *page) details() *operation.PackageDetails {
	if p.entry.Kind == operation.KindOption {
		return nil
	}
	for i := range p.info.Packages {
		if d := &p.info.Packages[i]; d.Attribute == p.entry.Attribute {
			return d
		}
	}
	return nil
}

func (p *page) failure() field {
	if p.err == nil {
		return field{}
	}
	return field{"no more", "because of an error: " + p.err.Error()}
}

func newer(d *operation.PackageDetails) field {
	if d.Newer == nil {
		return field{}
	}
	return field{"newer", d.Newer.Version + " in " + from(d.Newer.Catalog)}
}

// namesakes are other packages of the name.
func (p *page) namesakes() field {
	if p.entry.Kind == operation.KindOption {
		return field{}
	}
	var all []string
	for i := range p.info.Packages {
		if d := &p.info.Packages[i]; d.Attribute != p.entry.Attribute {
			all = append(all, strings.TrimSpace(d.Attribute+" "+d.Version))
		}
	}
	return field{"see also", strings.Join(all, "\n")}
}

// setTo is what an option is set to, and where.
func setTo(o *operation.OptionDetails) string {
	if o.SetIn == "" {
		return o.Value
	}
	return o.Value + " (in " + o.SetIn + ")"
}

// programs are the main one and then the others.
func programs(d *operation.PackageDetails) string {
	all := []string{}
	if d.MainProgram != "" {
		all = append(all, d.MainProgram)
	}
	for _, name := range d.Programs {
		if name != d.MainProgram {
			all = append(all, name)
		}
	}
	return strings.Join(all, " ")
}

// platforms shows a few systems whole and many by their number.
func platforms(all []string) string {
	if len(all) <= 4 {
		return strings.Join(all, " ")
	}
	return fmt.Sprintf("%s … (%d)", strings.Join(all[:3], " "), len(all))
}

func from(c operation.Catalogue) string {
	switch {
	case c.Name == "":
		return ""
	case c.Date == "":
		return clean(c.Name)
	}
	return clean(c.Name + " of " + c.Date)
}
