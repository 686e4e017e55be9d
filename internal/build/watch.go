package build

import (
	"errors"
	"fmt"
	"strings"

	"luminousnix/internal/operation"
	"luminousnix/nix/daemon"
	"luminousnix/nix/derivation"
	"luminousnix/nix/store"
)

// mostLines is the number of last lines of a build's log that are kept for the case
// that it fails.
const mostLines = 20

// A watch turns what the daemon tells into events of the operation, and remembers how
// each build ended its log.
type watch struct {
	observer operation.Observer
	running  map[daemon.ActivityID]string // builds: derivation
	shown    map[daemon.ActivityID]bool   // activities that were told
	logs     map[string][]string          // by derivation, the last lines
	order    []string                     // of the derivations with a log
	said     []string                     // the last lines that belong to nothing
}

func newWatch(o operation.Observer) *watch {
	return &watch{
		observer: o, running: make(map[daemon.ActivityID]string), shown: make(map[daemon.ActivityID]bool),
		logs: make(map[string][]string),
	}
}

func (w *watch) event(e daemon.Event) {
	switch e := e.(type) {
	case daemon.Started:
		w.started(e)
	case daemon.Stopped:
		if w.shown[e.ID] {
			w.observer.Observe(operation.Event{Kind: operation.EventStop, Activity: operation.ActivityID(e.ID)})
		}
		delete(w.running, e.ID)
		delete(w.shown, e.ID)
	case daemon.Result:
		w.result(e)
	case daemon.Line:
		said := append(w.said, strings.TrimSuffix(e.Text, "\n"))
		w.said = said[max(0, len(said)-mostLines):]
	}
}

// started tells of builds and downloads; other activities only group these.
func (w *watch) started(e daemon.Started) {
	if len(e.Fields) == 0 {
		return
	}
	subject := e.Fields[0].Text
	var text string
	switch e.Type {
	case daemon.ActivityBuild:
		w.running[e.ID] = subject
		text = "building " + nameOf(subject)
	case daemon.ActivitySubstitute:
		text = "downloading " + nameOf(subject)
	default:
		return
	}
	w.shown[e.ID] = true
	w.observer.Observe(operation.Event{Kind: operation.EventStart, Activity: operation.ActivityID(e.ID), Text: text})
}

func (w *watch) result(e daemon.Result) {
	if drv, ok := w.running[e.ID]; ok {
		if line, ok := e.LogLine(); ok {
			w.log(e.ID, drv, line)
			return
		}
	}
	if p, ok := e.Progress(); ok && w.shown[e.ID] {
		w.observer.Observe(operation.Event{
			Kind: operation.EventProgress, Activity: operation.ActivityID(e.ID), Unit: operation.Bytes,
			Done: int64(p.Done), Expected: int64(p.Expected),
		})
	}
}

func (w *watch) log(id daemon.ActivityID, drv, line string) {
	if w.logs[drv] == nil {
		w.order = append(w.order, drv)
	}
	lines := append(w.logs[drv], line)
	w.logs[drv] = lines[max(0, len(lines)-mostLines):]
	w.observer.Observe(operation.Event{Kind: operation.EventLog, Activity: operation.ActivityID(id), Text: line})
}

// nameOf is what people call a store path.
func nameOf(path string) string {
	name := store.Path(path).Name()
	return strings.TrimSuffix(name, derivation.Extension)
}

// A FailedError is a build that failed, with the end of its log.
type FailedError struct {
	Derivation store.Path
	Message    string
	Log        []string
	Err        error // a *[daemon.BuildError]
}

func (e *FailedError) Error() string {
	return fmt.Sprintf("%s could not be built: %s", nameOf(string(e.Derivation)), e.Message)
}

func (e *FailedError) Unwrap() error { return e.Err }

// explain finds the build that failed: often not the one that was asked for, but one
// that this needs. It is named in the message; else it is the last one with a log.
func (w *watch) explain(err error) error {
	var failed *daemon.BuildError
	if !errors.As(err, &failed) {
		return err
	}
	found := &FailedError{Derivation: failed.Path.Path, Message: firstLine(failed.Message), Err: err}
	for _, drv := range w.order {
		found.Derivation, found.Log = store.Path(drv), w.logs[drv]
		if strings.Contains(failed.Message, drv) {
			break
		}
	}
	return found
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}
