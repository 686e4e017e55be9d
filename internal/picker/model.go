package picker

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"luminousnix/internal/operation"
)

const (
	// moreHits is how many hits are asked for at first, and again each time that
	// the selection comes closer than nearEnd to the last of them.
	moreHits = 100
	nearEnd  = 10
)

// model is all that the screen follows from.
type model struct {
	searcher      Searcher
	style         style
	width, height int // 0 until the terminal has told

	prompt prompt
	inList bool // keys go to the list rather than to the prompt

	asked    question // the newest search
	answered int      // the number of the newest search with an answer
	query    string   // that found is the answer to
	found    operation.Found
	limit    int    // of found
	problem  string // of the newest search, "" if it went well

	selected int // of found.Results
	top      int // the first hit on the screen

	page    page // what is known of a hit: of the selected one, or soon
	about   id   // what page was asked to be about, last
	reading bool // the page fills the screen
	scroll  int  // its first line on the screen

	waiting []tea.Msg // keys that wait for an answer
	done    bool      // the picker is being left
	choice  Choice
}

// question is a search. Its number tells whether an answer is late.
type question struct {
	number int
	query  string
	limit  int
	more   bool // for more hits of the same query
}

// page is what is known of a hit.
type page struct {
	id    id
	entry operation.FoundEntry
	info  operation.Info
	err   error
}

// id tells hits apart.
type id struct {
	kind, attribute string
	homeManager     bool
}

func idOf(e *operation.FoundEntry) id { return id{e.Kind, e.Attribute, e.HomeManager} }

// The messages besides those of bubbletea.
type (
	// foundMsg is the answer to a question, with the page of the first hit so that
	// both change at once.
	foundMsg struct {
		question question
		found    operation.Found
		page     page
		err      error
	}
	pageMsg    struct{ page page }
	inputEnded struct{}
)

func newModel(s Searcher, o Options) model {
	m := model{searcher: s, style: style{on: !o.NoColor}}
	m.prompt = m.prompt.insert(o.Query)
	if query := m.typed(); query != "" {
		m.asked = question{number: 1, query: query, limit: moreHits}
	}
	return m
}

// Init asks for what was typed beforehand.
func (m model) Init() tea.Cmd {
	if m.searching() {
		return m.ask()
	}
	return nil
}

// Update returns the model after a message.
func (m model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if m.done {
		return m, nil
	}
	commands := []tea.Cmd{m.receive(msg)}
	for len(m.waiting) > 0 && !m.done && !m.mustWait(m.waiting[0]) {
		next := m.waiting[0]
		m.waiting = m.waiting[1:]
		commands = append(commands, m.act(next))
	}
	return m, tea.Batch(commands...)
}

// receive takes a message in, or lets it wait.
func (m *model) receive(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
	case foundMsg:
		m.take(msg)
	case pageMsg:
		if msg.page.id == m.about {
			m.page = msg.page
		}
	case tea.KeyPressMsg, tea.PasteMsg, inputEnded:
		if isKey(msg, "ctrl+c") {
			return m.leave(Choice{})
		}
		if len(m.waiting) > 0 || m.mustWait(msg) {
			m.waiting = append(slices.Clip(m.waiting), msg)
			return nil
		}
		return m.act(msg)
	}
	return m.settle()
}

// act does what a key is for.
func (m *model) act(msg tea.Msg) tea.Cmd {
	var command tea.Cmd
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		command = m.press(msg)
	case tea.PasteMsg:
		m.paste(msg.Content)
	case inputEnded:
		return m.leave(Choice{})
	}
	return tea.Batch(command, m.settle())
}

// searching reports whether the hits of what is typed are still to come.
func (m *model) searching() bool {
	return m.answered != m.asked.number && !m.asked.more
}

// mustWait reports whether a message is about something that is still to come: hits
// or, for Enter, the page.
func (m *model) mustWait(msg tea.Msg) bool {
	if m.searching() {
		return !m.editsPrompt(msg)
	}
	return isKey(msg, "enter") && len(m.found.Results) > 0 && m.page.id != m.about
}

// take takes in an answer, unless there is a newer question.
func (m *model) take(msg foundMsg) {
	if msg.question.number != m.asked.number {
		return
	}
	m.answered = msg.question.number
	m.problem = ""
	if msg.err != nil {
		m.problem = msg.err.Error()
		m.forget()
		return
	}
	m.found, m.query, m.limit = msg.found, msg.question.query, msg.question.limit
	if !msg.question.more {
		m.selected, m.top = 0, 0
		if len(m.found.Results) > 0 {
			m.page, m.about = msg.page, msg.page.id
		}
	}
}

// forget drops the keys that were meant for hits that don't come. The end of the
// input stays the end.
func (m *model) forget() {
	ends := slices.Contains(m.waiting, tea.Msg(inputEnded{}))
	m.waiting = nil
	if ends {
		m.waiting = []tea.Msg{inputEnded{}}
	}
}

// settle makes all the rest follow from what was typed, moved or answered, and asks
// for what is missing.
func (m *model) settle() tea.Cmd {
	if query := m.typed(); query != m.asked.query {
		return m.search(query)
	}
	last := len(m.found.Results) - 1
	m.selected = max(0, min(m.selected, last))
	height := max(1, m.layout().list.height)
	m.top = max(0, min(m.top, m.selected, last+1-height))
	m.top = max(m.top, m.selected+1-height)
	m.inList = m.inList && last >= 0
	m.scroll = max(0, min(m.scroll, len(m.pageLines())-m.pageHeight()))
	return tea.Batch(m.askPage(), m.askMore())
}

// search asks for the hits of a query. Nothing typed has none, and takes effect at
// once.
func (m *model) search(query string) tea.Cmd {
	m.asked = question{number: m.asked.number + 1, query: query, limit: moreHits}
	if query == "" {
		m.answered = m.asked.number
		m.query, m.found, m.problem = "", operation.Found{}, ""
		return m.settle()
	}
	return m.ask()
}

func (m *model) ask() tea.Cmd {
	s, q := m.searcher, m.asked
	return func() tea.Msg {
		found, err := s.Search(q.query, q.limit)
		msg := foundMsg{question: q, found: found, err: err}
		if err == nil && len(found.Results) > 0 && !q.more {
			msg.page = open(s, found.Results[0])
		}
		return msg
	}
}

// askMore asks for further hits when the end of those that are there comes near.
func (m *model) askMore() tea.Cmd {
	have := len(m.found.Results)
	if m.answered != m.asked.number || m.problem != "" || have < m.limit || have >= m.found.Total || m.selected < have-nearEnd {
		return nil
	}
	m.asked = question{number: m.asked.number + 1, query: m.query, limit: m.limit + moreHits, more: true}
	return m.ask()
}

// askPage asks for what is known of the selected hit, unless that was done.
func (m *model) askPage() tea.Cmd {
	e := m.hit()
	if e == nil || idOf(e) == m.about {
		return nil
	}
	m.about = idOf(e)
	s, entry := m.searcher, *e
	return func() tea.Msg { return pageMsg{open(s, entry)} }
}

func open(s Searcher, entry operation.FoundEntry) page {
	info, err := s.Info(entry.Attribute)
	return page{id: idOf(&entry), entry: entry, info: info, err: err}
}

// hit is the selected one, or nil.
func (m *model) hit() *operation.FoundEntry {
	if m.selected >= len(m.found.Results) {
		return nil
	}
	return &m.found.Results[m.selected]
}

// install leaves with a hit as the choice.
func (m *model) install(e *operation.FoundEntry) tea.Cmd {
	if e == nil {
		return nil
	}
	return m.leave(Choice{Install: e.Attribute, IsOption: e.Kind == operation.KindOption})
}

func (m *model) leave(c Choice) tea.Cmd {
	m.done, m.choice = true, c
	return tea.Quit
}
