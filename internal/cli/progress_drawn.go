package cli

import (
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/term"

	"luminousnix/internal/operation"
	"luminousnix/internal/persona"
	"luminousnix/internal/progress"
)

// drawing shows what goes on now as a picture below what is said, as long as something
// does. All that is written to standard error meanwhile goes through it.
type drawing struct {
	live *progress.Live

	mu    sync.Mutex
	state *progress.State // of the operation that runs
}

// draws reports whether what goes on is drawn: for people at a terminal that can do it,
// whose persona has pictures.
func (a *app) draws() bool {
	switch a.flags.progress {
	case "", "auto":
		if kind := a.getenv("TERM"); kind == "" || kind == "dumb" {
			return false
		}
	case "tree":
	default:
		return false
	}
	switch a.personaName() {
	case persona.Standard, persona.Technical, "":
		return a.ErrTerminal && !a.flags.json && !a.settings.Debug
	}
	return false
}

// draw begins to draw, where that is done, until the function that it returns is called.
// caught says that somebody catches the signals that end the program.
func (a *app) draw(caught bool) (end func()) {
	if !a.draws() {
		return a.settle
	}
	before := a.Err
	d := &drawing{}
	colour := a.settings.Color == "always" || a.settings.Color == "auto"
	d.live = &progress.Live{
		Frame: func(now time.Time, width, height int) []string {
			d.mu.Lock()
			defer d.mu.Unlock()
			if d.state == nil {
				return nil
			}
			return d.state.Frame(now, progress.Shape{Width: width, Height: height, Colour: colour})
		},
		Out: before, Size: func() (int, int) { return sizeOf(before) }, Caught: caught,
	}
	a.drawn, a.Err = d, d.live
	return func() {
		a.settle()
		d.live.Stop()
		a.drawn, a.Err = nil, before
	}
}

// sizeOf is how big a terminal is, in columns and lines; 0 is not known.
func sizeOf(w io.Writer) (width, height int) {
	file, ok := w.(*os.File)
	if !ok {
		return 0, 0
	}
	width, height, err := term.GetSize(int(file.Fd()))
	if err != nil {
		return 0, 0
	}
	return width, height
}

func (d *drawing) observe(s *progress.State, e operation.Event) {
	d.mu.Lock()
	d.state = s
	s.Observe(e, time.Now())
	active := s.Active()
	d.mu.Unlock()
	switch e.Kind {
	case operation.EventStart, operation.EventStop, operation.EventProgress, operation.EventStage:
		if active {
			d.live.Touch()
		}
	}
}
