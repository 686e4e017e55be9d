package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"luminousnix/internal/operation"
	"luminousnix/internal/progress"
)

// sumEvery is how long plain lines say nothing of what still goes on.
const sumEvery = 30 * time.Second

// lines tells progress as plain lines.
type lines struct {
	out   io.Writer
	quiet bool // only warnings
	plan  func(io.Writer, *operation.Plan)
	drawn *drawing // draws what goes on now; nil where that is told by lines, too

	state   progress.State
	told    bool      // how long it takes
	spoke   time.Time // when a line of progress was written last
	summary bool      // what was built was summed up
}

// Observe prints what is worth a line of its own.
func (l *lines) Observe(e operation.Event) {
	switch {
	case e.Kind == operation.EventWarning:
		fmt.Fprintln(l.out, "warning: "+clean(e.Text))
	case !l.quiet && e.Kind == operation.EventPlan && e.Plan != nil:
		l.plan(l.out, e.Plan)
	case l.quiet || e.Text == "":
	case e.Kind == operation.EventPhase:
		fmt.Fprintln(l.out, clean(e.Text)+"…")
	case e.Kind == operation.EventStart && (l.drawn != nil || e.Type == operation.Evaluating):
	case e.Kind == operation.EventStart:
		fmt.Fprintln(l.out, "  "+clean(e.Text))
	case e.Kind == operation.EventLog && e.Activity != 0:
		// The lines of a build come with its failure.
	case e.Kind == operation.EventLog:
		fmt.Fprintln(l.out, "  "+clean(strings.ReplaceAll(e.Text, "\t", " ")))
	}
	if l.quiet {
		return
	}
	if l.drawn != nil {
		l.drawn.observe(&l.state, e)
	} else {
		l.state.Observe(e, time.Now())
	}
	l.sums(e)
}

// sums tells now and then how far it all is, and in the end what was done.
func (l *lines) sums(e operation.Event) {
	now := e.At
	if now.IsZero() {
		now = time.Now()
	}
	switch e.Kind {
	case operation.EventExpect:
		l.spoke, l.summary = now, false
	case operation.EventStop:
		if !l.summary && l.state.Finished() {
			l.summary = true
			l.say(now, l.state.Summary(now))
		}
	}
	low, high, known := l.state.Left(now)
	switch {
	case l.drawn != nil || l.spoke.IsZero() || !l.state.Active():
	case known && !l.told:
		if l.told = true; high >= progress.WorthTelling {
			l.say(now, progress.Remaining(low, high))
		}
	case now.Sub(l.spoke) >= sumEvery:
		l.say(now, l.state.Sums(now))
	}
}

func (l *lines) say(now time.Time, text string) {
	l.spoke = now
	fmt.Fprintln(l.out, "  "+clean(text))
}

// eventLines tells each event as a line of JSON.
type eventLines struct{ to io.Writer }

// Observe implements [operation.Observer]. Nobody can be told that a line cannot be written.
func (j eventLines) Observe(e operation.Event) {
	line, err := json.Marshal(e)
	if err == nil {
		_, _ = j.to.Write(append(line, '\n'))
	}
}

// watching is who is told of the progress of an operation, behind a queue: no terminal and
// no pipe that takes nothing slows the work.
func (a *app) watching(op operation.Operation) operation.Observer {
	var to operation.Observer
	switch a.flags.progress {
	case "json":
		to = eventLines{exact(a.Err)}
	case "none":
		to = &lines{out: a.Err, quiet: true}
	default:
		to = a.presented().observer(op)
	}
	behind := progress.NewBehind(to)
	a.behind = append(a.behind, behind)
	return behind
}

// settle waits until all progress so far is shown.
func (a *app) settle() {
	for _, b := range a.behind {
		b.Settle()
	}
}
