package picker

import (
	"strings"

	tea "charm.land/bubbletea/v2"
)

// press does what a key is for, depending on where the focus is.
func (m *model) press(key tea.KeyPressMsg) tea.Cmd {
	switch key.String() {
	case "ctrl+l": // for a screen that a bad line has spoilt
		return tea.ClearScreen
	case "alt+esc": // what Esc pressed twice looks like, when it comes at once
		esc := tea.KeyPressMsg{Code: tea.KeyEscape}
		return tea.Batch(m.press(esc), m.press(esc))
	}
	if m.reading {
		return m.pressOnPage(key)
	}
	if m.move(key) {
		return nil
	}
	switch key.String() {
	case "enter":
		m.reading, m.scroll = m.hit() != nil, 0
		return nil
	case "ctrl+o":
		return m.install(m.hit())
	case "tab", "shift+tab":
		m.inList = !m.inList
		return nil
	}
	if m.inList {
		return m.pressInList(key)
	}
	return m.pressAtPrompt(key)
}

// move moves the selection with the keys that do so at any time.
func (m *model) move(key tea.KeyPressMsg) bool {
	screen := max(1, m.layout().list.height-1)
	switch key.String() {
	case "up", "ctrl+p":
		m.selected--
	case "down", "ctrl+n":
		m.selected++
	case "pgup":
		m.selected -= screen
	case "pgdown":
		m.selected += screen
	default:
		return false
	}
	return true
}

func (m *model) pressAtPrompt(key tea.KeyPressMsg) tea.Cmd {
	if key.String() == "esc" {
		if m.prompt.text() == "" {
			return m.leave(Choice{})
		}
		m.prompt = prompt{}
		return nil
	}
	m.prompt, _ = m.prompt.edit(key)
	return nil
}

// pressInList has keys of one letter. Any other letter is meant for the prompt.
func (m *model) pressInList(key tea.KeyPressMsg) tea.Cmd {
	switch key.String() {
	case "i":
		return m.install(m.hit())
	case "j":
		m.selected++
	case "k":
		m.selected--
	case "home":
		m.selected = 0
	case "end":
		m.selected = len(m.found.Results) - 1
	case "/", "esc":
		m.inList = false
	default:
		var edits bool
		m.prompt, edits = m.prompt.edit(key)
		m.inList = !edits
	}
	return nil
}

func (m *model) pressOnPage(key tea.KeyPressMsg) tea.Cmd {
	switch key.String() {
	case "i", "ctrl+o":
		return m.install(&m.page.entry)
	case "esc", "q", "backspace", "ctrl+h":
		m.reading = false
	case "up", "ctrl+p", "k":
		m.scroll--
	case "down", "ctrl+n", "j", "enter":
		m.scroll++
	case "pgup", "b":
		m.scroll -= max(1, m.pageHeight()-1)
	case "pgdown", "space":
		m.scroll += max(1, m.pageHeight()-1)
	case "home":
		m.scroll = 0
	case "end":
		m.scroll = len(m.pageLines())
	}
	return nil
}

func (m *model) paste(text string) {
	if !m.reading {
		m.inList = false
		m.prompt = m.prompt.insert(text)
	}
}

// typed is the query that the prompt has.
func (m *model) typed() string { return strings.TrimSpace(m.prompt.text()) }

// editsPrompt reports whether a message only changes what is typed, and so is not
// about any hits.
func (m *model) editsPrompt(msg tea.Msg) bool {
	if m.reading || m.inList {
		return false
	}
	switch msg := msg.(type) {
	case tea.PasteMsg:
		return true
	case tea.KeyPressMsg:
		switch msg.String() {
		case "esc", "alt+esc", "ctrl+l":
			return true
		}
		_, edits := m.prompt.edit(msg)
		return edits
	}
	return false
}

func isKey(msg tea.Msg, name string) bool {
	key, ok := msg.(tea.KeyPressMsg)
	return ok && key.String() == name
}
