package build

import (
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"luminousnix/internal/operation"
	"luminousnix/internal/progress"
	"luminousnix/nix/daemon"
	"luminousnix/nix/derivation"
	"luminousnix/nix/store"
)

const (
	// mostLines is the number of last lines of a build's log that are kept for the case
	// that it fails.
	mostLines = 20
	// tellEvery is how often it is told at most how far a download is: the daemon does so
	// for each 8 KiB.
	tellEvery = 100 * time.Millisecond
)

// A watch turns what the daemon tells into events of the operation, and remembers how
// each build ended its log, and how long it took.
type watch struct {
	observer operation.Observer
	dir      store.Dir
	now      func() time.Time

	mu      sync.Mutex // for what is not of the daemon: the estimates
	heard   time.Time  // when the daemon said something last, or was asked to build
	running map[daemon.ActivityID]*run
	within  map[daemon.ActivityID]part // what goes on for a download
	plan    *plan                      // nil is not known
	tally   tally

	logs  map[string][]string // by derivation, the last lines
	order []string            // of the derivations with a log

	failed []string // derivations that failed
	said   []string // the last lines that belong to nothing
	// mismatch says that one of them told of a download that was not what was said.
	mismatch bool
}

// run is a build or a download that goes on.
type run struct {
	kind   operation.ActivityType
	path   string // of the derivation, or of what is downloaded
	began  time.Time
	told   time.Time // when it was told last how far it is
	done   int64     // bytes
	packed bool      // which are those that are transferred, not what becomes of them
}

// part is the copying of a path, or the transfer of a file, for a download.
type part struct {
	of     daemon.ActivityID // the download
	copies bool
}

func newWatch(o operation.Observer, dir store.Dir) *watch {
	return &watch{
		observer: o, dir: dir, now: time.Now, running: map[daemon.ActivityID]*run{}, within: map[daemon.ActivityID]part{},
		logs: map[string][]string{},
	}
}

func (w *watch) event(e daemon.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.heard = w.now()
	switch e := e.(type) {
	case daemon.Started:
		w.started(e)
	case daemon.Stopped:
		delete(w.within, e.ID)
		if r := w.running[e.ID]; r != nil {
			w.stopped(e.ID, r)
		}
	case daemon.Result:
		w.result(e)
	case daemon.Line:
		w.mismatch = w.mismatch || e.Kind() == daemon.KindHashMismatch
		said := append(w.said, strings.TrimSuffix(e.Text, "\n"))
		w.said = said[max(0, len(said)-mostLines):]
	}
}

// started tells of builds and downloads; other activities only group these, or go on
// within them: a download copies a path, and that transfers a file.
func (w *watch) started(e daemon.Started) {
	if len(e.Fields) == 0 {
		return
	}
	told := operation.Event{Kind: operation.EventStart, Activity: operation.ActivityID(e.ID), Path: e.Fields[0].Text}
	switch e.Type {
	case daemon.ActivityBuild:
		told.Type, told.Text = operation.Building, "building "+progress.Name(told.Path)
	case daemon.ActivitySubstitute:
		told.Type, told.Text = operation.Downloading, "downloading "+progress.Name(told.Path)
	case daemon.ActivityCopyPath, daemon.ActivityFileTransfer:
		w.partOf(e)
		return
	default:
		return
	}
	if len(e.Fields) > 1 {
		told.From = e.Fields[1].Text
	}
	r := &run{kind: told.Type, path: told.Path, began: w.now()}
	w.running[e.ID] = r
	w.tally.begin(r)
	w.observer.Observe(told)
}

// partOf finds the download that something goes on for, if it does for one.
func (w *watch) partOf(e daemon.Started) {
	p := part{of: e.Parent, copies: e.Type == daemon.ActivityCopyPath}
	if above, ok := w.within[e.Parent]; ok {
		p.of = above.of
	}
	r := w.running[p.of]
	if r == nil || r.kind != operation.Downloading {
		return
	}
	w.within[e.ID] = p
	if !p.copies {
		r.packed, r.done = true, 0
	}
}

func (w *watch) stopped(id daemon.ActivityID, r *run) {
	delete(w.running, id)
	failed := !w.there(r)
	w.tally.add(r, failed, w.now())
	switch {
	case r.kind != operation.Building:
	case failed:
		w.failed = append(w.failed, r.path)
	default:
		delete(w.logs, r.path)
		w.order = slices.DeleteFunc(w.order, func(drv string) bool { return drv == r.path })
	}
	w.observer.Observe(operation.Event{Kind: operation.EventStop, Activity: operation.ActivityID(id), Failed: failed})
}

// there reports whether what was built or downloaded is there now: the daemon says only
// that it has ended. What cannot be told is there.
func (w *watch) there(r *run) bool {
	if r.kind == operation.Downloading {
		return exists(r.path)
	}
	name, ok := derivation.NameOf(store.Path(r.path))
	if !ok {
		return true
	}
	data, err := os.ReadFile(r.path)
	if err != nil {
		return true
	}
	drv, err := derivation.Parse(w.dir, name, data)
	if err != nil {
		return true
	}
	for _, output := range drv.Outputs {
		if path, _, _ := output.Fields(); path != "" && !exists(path) {
			return false
		}
	}
	return true
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil || !os.IsNotExist(err)
}

func (w *watch) result(e daemon.Result) {
	if part, ok := w.within[e.ID]; ok {
		if p, ok := e.Progress(); ok && w.running[part.of] != nil {
			w.loaded(part, p)
		}
		return
	}
	r := w.running[e.ID]
	if r == nil || r.kind != operation.Building {
		return
	}
	id := operation.ActivityID(e.ID)
	if line, ok := e.LogLine(); ok {
		w.log(id, r.path, line)
	} else if phase, ok := e.Phase(); ok {
		w.observer.Observe(operation.Event{Kind: operation.EventStage, Activity: id, Phase: phase})
	}
}

// loaded tells how far a download is: in bytes that are transferred, where the daemon says
// that, and else in bytes that become of it.
func (w *watch) loaded(part part, p daemon.Progress) {
	r := w.running[part.of]
	if part.copies && r.packed {
		return
	}
	r.done = int64(p.Done)
	now := w.now()
	if p.Done != p.Expected && now.Sub(r.told) < tellEvery || p.Done == 0 && p.Expected == 0 {
		return
	}
	r.told = now
	w.observer.Observe(operation.Event{
		Kind: operation.EventProgress, Activity: operation.ActivityID(part.of), Unit: operation.Bytes,
		Done: int64(p.Done), Expected: int64(p.Expected),
	})
}

func (w *watch) log(id operation.ActivityID, drv, line string) {
	if w.logs[drv] == nil {
		w.order = append(w.order, drv)
	}
	lines := append(w.logs[drv], line)
	w.logs[drv] = lines[max(0, len(lines)-mostLines):]
	w.observer.Observe(operation.Event{Kind: operation.EventLog, Activity: id, Text: line})
}
