package picker

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"luminousnix/internal/operation"
)

const (
	widestVersion = 12 // columns
	// narrow is how many columns are too few for a column of versions. The page of
	// the hit has it.
	narrow = 50
)

// columns are the widths of the columns of the list.
type columns struct{ all, name, version int }

// columns follow from all hits, not from those on the screen, so that they stand
// still while the list moves.
func (m *model) columns(width int) columns {
	c := columns{all: width}
	for i := range m.found.Results {
		e := &m.found.Results[i]
		c.name = max(c.name, ansi.StringWidth(clean(e.Attribute)))
		c.version = max(c.version, ansi.StringWidth(clean(version(e))))
	}
	c.name = min(c.name, width*2/5)
	c.version = min(c.version, widestVersion)
	if width < narrow {
		c.version = 0
	}
	return c
}

func (m *model) list(a area) []string {
	c := m.columns(a.width)
	lines := make([]string, a.height)
	for i := range lines {
		if n := m.top + i; n < len(m.found.Results) {
			lines[i] = m.row(&m.found.Results[n], n == m.selected, c)
		}
	}
	return lines
}

// row is a hit: what to type, the version, what is special about it and what it is.
// Badges come before the description, so that they are not cut off.
func (m *model) row(e *operation.FoundEntry, selected bool, c columns) string {
	r := row{left: c.all}
	mark, paint := "  ", m.style.none
	if selected {
		mark, paint = "> ", m.style.bold
	}
	r.add(paint, mark+pad(shortName(e.Attribute, c.name), c.name)+"  ")
	if c.version > 0 {
		r.add(m.style.dim, pad(cut(clean(version(e)), c.version), c.version)+"  ")
	}
	r.add(m.style.none, described(e))
	return r.text
}

// shortName is a name that fits. Of members of a set and of options the end is kept:
// it is what sets them apart.
func shortName(name string, width int) string {
	if strings.Contains(name, ".") {
		return cutLeft(clean(name), width)
	}
	return cut(clean(name), width)
}

func version(e *operation.FoundEntry) string {
	if e.Kind == operation.KindOption {
		return "option"
	}
	return e.Version
}

func described(e *operation.FoundEntry) string {
	text := strings.TrimSpace(clean(e.Description))
	if b := badges(e); b != "" {
		text = b + " " + text
	}
	if e.Variants > 0 {
		text += fmt.Sprintf(" (+%d)", e.Variants)
	}
	return text
}

// badges are in brackets, or "" if there are none.
func badges(e *operation.FoundEntry) string {
	all := e.Badges()
	if len(all) == 0 {
		return ""
	}
	return "[" + clean(strings.Join(all, ", ")) + "]"
}
