package picker

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// status is the last line: what is shown at the left and keys at the right.
//
// Where it is narrow, what is shown becomes shorter before the two keys that matter
// most go, and at last only one of them is left.
func (m *model) status() string {
	keys := m.keys()
	room := m.width - ansi.StringWidth(strings.Join(keys[:min(2, len(keys))], "  ")) - 2
	texts := m.statusTexts()
	text := fitting(texts, room)
	if text == "" {
		text = cut(texts[len(texts)-1], m.width)
	}
	r := row{left: m.width}
	r.add(m.style.none, text)
	shown := ""
	for _, key := range keys {
		if ansi.StringWidth(shown)+ansi.StringWidth(key)+2 > r.left {
			break
		}
		shown += "  " + key
	}
	r.add(m.style.none, strings.Repeat(" ", r.left-ansi.StringWidth(shown)))
	r.add(m.style.dim, shown)
	return r.text
}

// fitting is the first text that is not too wide, or "".
func fitting(texts []string, most int) string {
	for _, text := range texts {
		if ansi.StringWidth(text) <= most {
			return text
		}
	}
	return ""
}

// keys are those that do something here, the most important first.
func (m *model) keys() []string {
	esc := "esc clear"
	if m.prompt.text() == "" {
		esc = "esc leave"
	}
	switch {
	case m.reading:
		return []string{"i install", "esc back", "up/down move"}
	case len(m.found.Results) == 0:
		return []string{esc}
	case m.inList:
		return []string{"i install", "enter info", "/ search", "j/k move"}
	}
	return []string{"ctrl-o install", "enter info", "tab list", esc}
}

// statusTexts are what the status says, from the longest way of saying it to the
// shortest.
func (m *model) statusTexts() []string {
	if m.problem != "" {
		return []string{strings.TrimSpace("error: " + clean(m.problem))}
	}
	if m.reading {
		return m.pageTexts()
	}
	if m.query == "" {
		return []string{""}
	}
	count := counted(m.found.Total)
	texts := []string{count}
	if c := m.found.Catalog; c.Name != "" {
		texts = []string{count + ", " + from(c), count + ", " + clean(c.Date), count}
	}
	if m.found.Total > 1 {
		texts = append([]string{fmt.Sprintf("%d of %s", m.selected+1, texts[0])}, texts...)
	}
	return texts
}

func (m *model) pageTexts() []string {
	all, last := len(m.pageLines()), m.scroll+m.pageHeight()
	catalogue := from(m.page.info.Catalog)
	if all <= m.pageHeight() {
		return []string{catalogue, ""}
	}
	lines := fmt.Sprintf("lines %d-%d of %d", m.scroll+1, min(last, all), all)
	if catalogue == "" {
		return []string{lines}
	}
	return []string{lines + ", " + catalogue, lines}
}

func counted(n int) string {
	switch n {
	case 0:
		return "no hits"
	case 1:
		return "1 hit"
	}
	return fmt.Sprintf("%d hits", n)
}
