package picker

import (
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

const label = "search: "

// area is a rectangle of the screen, in columns and lines.
type area struct{ width, height int }

// layout is where things are. The prompt has the first line and the status the last.
type layout struct {
	list, preview area
	beside        bool // the preview is at the right of the list, not below
}

const (
	wide     = 100 // columns that are enough for a preview at the right
	divider  = 3   // columns between it and the list
	high     = 14  // lines that are enough for a preview below
	mostHigh = 8   // lines of that preview
)

func (m *model) layout() layout {
	body := max(0, m.height-2)
	if m.width >= wide {
		left := m.width * 11 / 20
		return layout{area{left, body}, area{m.width - left - divider, body}, true}
	}
	if m.height >= high {
		below := min(mostHigh, body/3)
		return layout{area{m.width, body - below - 1}, area{m.width, below}, false}
	}
	return layout{list: area{m.width, body}}
}

// View draws the model.
func (m model) View() tea.View {
	lines, cursor := m.screen()
	view := tea.NewView(strings.Join(lines, "\n"))
	view.AltScreen = true
	if cursor != nil {
		// Neither shape nor blinking: the sequence for this one is never sent, and the
		// cursor stays what its owner likes.
		view.Cursor = &tea.Cursor{Position: *cursor, Shape: -1}
	}
	return view
}

// screen returns as many lines as the screen has, none too wide, and where the
// cursor is: where the focus is, for those who follow it with a reader.
func (m *model) screen() ([]string, *tea.Position) {
	if m.width <= 0 || m.height <= 0 {
		return nil, nil
	}
	head, cursor := m.head()
	lines := append([]string{head}, m.body()...)
	lines = append(lines[:min(len(lines), max(1, m.height-1))], m.status())
	lines = lines[:min(len(lines), m.height)]
	for i, line := range lines {
		lines[i] = strings.TrimRight(ansi.Truncate(line, m.width, ""), " ")
	}
	if cursor != nil {
		cursor.X, cursor.Y = min(cursor.X, m.width-1), min(cursor.Y, m.height-1)
	}
	return lines, cursor
}

// head is the first line.
func (m *model) head() (string, *tea.Position) {
	if m.reading {
		return m.style.bold(cut(m.page.title(), m.width)), nil
	}
	text, column := m.prompt.shown(m.width - len(label))
	cursor := &tea.Position{X: len(label) + column}
	if m.inList {
		cursor = &tea.Position{Y: 1 + m.selected - m.top}
	}
	return m.style.dim(label) + text, cursor
}

// body is what is between the first and the last line: always all of it.
func (m *model) body() []string {
	height := max(0, m.height-2)
	switch l := m.layout(); {
	case m.reading:
		return window(m.pageLines(), m.scroll, m.pageHeight())
	case m.query == "":
		return window(help(m.width), 0, height)
	case len(m.found.Results) == 0:
		return window(nothing(m.width), 0, height)
	case l.beside:
		return besides(m.list(l.list), m.preview(l.preview), m.style.dim("│"), l.list.width)
	case l.preview.height > 0:
		rule := m.style.dim(strings.Repeat("─", m.width))
		return append(append(m.list(l.list), rule), m.preview(l.preview)...)
	default:
		return m.list(l.list)
	}
}

// window returns the lines from one of them on, filled up to a height.
func window(lines []string, from, height int) []string {
	shown := make([]string, height)
	if from < len(lines) {
		copy(shown, lines[from:])
	}
	return shown
}

// besides puts two columns of lines next to each other.
func besides(left, right []string, between string, width int) []string {
	lines := make([]string, len(left))
	for i := range left {
		lines[i] = pad(left[i], width) + " " + between + " " + right[i]
	}
	return lines
}
