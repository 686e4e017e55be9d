package cli

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"luminousnix/internal/operation"
	"luminousnix/internal/persona"
	"luminousnix/internal/progress"
	"luminousnix/internal/settings"
)

// presentation is how a person is told of plans, progress and answers. One is chosen for a
// run of the program: the standard one, or that of a persona, which embeds the standard one
// and does some things otherwise. No presentation has a part in JSON, exit codes, or in
// what is asked, but for unasked.
type presentation interface {
	// observer tells the progress of one operation.
	observer(operation.Operation) operation.Observer
	// plan shows what would be done: on standard error before it is asked about, on
	// standard output where it is the answer.
	plan(w io.Writer, op operation.Operation, plan *operation.Plan)
	// unasked reports whether a change is made without a question and a plan before it.
	unasked(op operation.Operation, plan *operation.Plan) bool
	// question is what stands before the answer to a plan.
	question() string
	// result shows an answer, and failure an error; that of no operation has no name.
	result(operation.Result) error
	failure(operation.Result)

	// table, pairs and entry lay out rows with a head, names with values, and a line of a
	// list.
	table(w io.Writer, rows [][]string)
	pairs(w io.Writer, pairs [][2]string)
	entry(prefix string, width int, name, text string) string
	// reword says running text in other words, before it is broken into lines.
	reword(text string) string
	// diffLine is a line of a diff; "" is left out.
	diffLine(line string) string
	signs() signs
}

// signs are signs, or words in their place.
type signs struct {
	added, removed, changed string
	needs                   string // in a chain of dependencies
	inWords                 bool   // for versions and sizes
}

// change says that something became something else.
func (s signs) change(from ...string) string {
	if !s.inWords || len(from) < 2 {
		return strings.Join(from, " → ")
	}
	said := from[0]
	for _, next := range from[1:] {
		said = persona.Phrase(persona.Standard, "to", said, next)
	}
	return persona.Phrase(persona.Standard, "from", said)
}

// and goes on after a sign with what is left out.
func (s signs) and(sign string) string {
	if s.inWords {
		return sign
	}
	return persona.Phrase(persona.Standard, "and", sign)
}

// size says how much more or less it is.
func (s signs) size(bytes int64) string {
	switch {
	case s.inWords && bytes > 0:
		return persona.Phrase(persona.Standard, "more", operation.Size(bytes))
	case s.inWords && bytes < 0:
		return persona.Phrase(persona.Standard, "less", operation.Size(-bytes))
	case bytes > 0:
		return "+" + operation.Size(bytes)
	}
	return operation.Size(bytes)
}

// usual is the presentation without a persona.
type usual struct{ *app }

func (s usual) observer(op operation.Operation) operation.Observer {
	return &lines{
		out: s.Err, quiet: s.flags.json && s.flags.progress == "", drawn: s.drawn,
		plan: func(w io.Writer, plan *operation.Plan) { s.presented().plan(w, op, plan) },
	}
}

func (s usual) plan(w io.Writer, _ operation.Operation, plan *operation.Plan) {
	s.renderPlan(w, plan)
}

func (s usual) unasked(operation.Operation, *operation.Plan) bool { return false }
func (s usual) question() string                                  { return persona.Phrase(persona.Standard, "question") + " " }
func (s usual) result(result operation.Result) error              { return s.renderResult(result) }
func (s usual) failure(r operation.Result)                        { s.showError(r.Err) }
func (s usual) table(w io.Writer, rows [][]string)                { s.columns(w, rows) }
func (s usual) pairs(w io.Writer, pairs [][2]string)              { s.pairColumns(w, pairs) }
func (s usual) diffLine(line string) string                       { return s.app.diffLine(line) }
func (s usual) signs() signs                                      { return signs{"+", "-", "~", "→", false} }

func (s usual) reword(text string) string { return text }

func (s usual) entry(prefix string, width int, name, text string) string {
	return fmt.Sprintf("  %s%-*s  %s", prefix, width, name, text)
}

// presented is the presentation of this run.
func (a *app) presented() presentation {
	if a.shown == nil {
		return usual{a}
	}
	return a.shown
}

// personaName is the persona that is chosen. At the prompt the flag of a line is younger
// than the settings.
func (a *app) personaName() string { return cmp.Or(a.flags.persona, a.settings.Persona) }

// present chooses the presentation, as the settings say. It is for people: JSON has none.
func (a *app) present() {
	if a.shown != nil || a.settings == nil {
		return
	}
	a.shown = usual{a}
	if a.flags.json {
		return
	}
	switch a.personaName() {
	case persona.Plain:
		a.shown = newPlain(a)
	case persona.Brief:
		a.shown = brief{usual{a}}
	case persona.Technical:
		a.shown = &technical{usual: usual{a}}
	case persona.ScreenReader:
		a.shown = newSpoken(a)
	case persona.Calm:
		a.shown = calm{usual{a}}
	}
}

// tell shows an error of no operation. It may be older than the settings, which are read
// for it as far as they can be.
func (a *app) tell(err *operation.Error) {
	if a.settings == nil {
		loaded, wrong := settings.Load(settings.Places{Getenv: a.getenv, Root: a.flags.root})
		if wrong == nil && a.flags.override(loaded) == nil {
			a.settings = loaded
		}
	}
	a.present()
	a.presented().failure(operation.Result{Err: err})
}

// filter changes what is written on the way. A piece of text has to be written at once.
type filter struct {
	to     io.Writer
	change func(string) string
}

func (f *filter) Write(text []byte) (int, error) {
	if _, err := io.WriteString(f.to, f.change(string(text))); err != nil {
		return 0, err
	}
	return len(text), nil
}

// exact is where text is written that must not be changed on the way.
func exact(w io.Writer) io.Writer {
	if f, ok := w.(*filter); ok {
		return f.to
	}
	return w
}

// phases tells the phases of an operation, a line each, and what must not be missed.
type phases struct {
	to   io.Writer
	say  func(operation.Event) string // "" is nothing to say
	plan func(*operation.Plan)        // may be nil
	// takes says that it is told, once, how long building and downloading takes.
	takes bool
}

// Observe implements [operation.Observer].
func (p *phases) Observe(e operation.Event) {
	switch e.Kind {
	case operation.EventWarning:
		fmt.Fprintln(p.to, persona.Phrase(persona.Standard, "warning", clean(e.Text)))
	case operation.EventPlan:
		if p.plan != nil && e.Plan != nil {
			p.plan(e.Plan)
		}
	case operation.EventEstimate:
		if p.takes && e.Estimate != nil {
			p.takes = false
			if text := progress.Takes(*e.Estimate); text != "" {
				fmt.Fprintln(p.to, text)
			}
		}
	case operation.EventPhase:
		if text := p.say(e); text != "" {
			fmt.Fprintln(p.to, clean(text))
		}
	}
}
