// Package audit keeps the audit log: what was changed, for whom, and what came of it.
//
// Every change has two lines with the same id: one before anything is changed
// ([Log.Begin]), and one with the outcome. The second is written by whoever makes the
// change: the process that has written the first ([Entry.End]), or one that it has
// handed the change over to and that goes on without it ([Log.End]). Where that process
// was killed, nobody has written it; then the next change does, or whoever reads the log
// ([Log.Settle]), who has to find out what came of it. Nobody writes a second one.
//
// The lines are a chain: each has a number and names the hash of the line before
// (chain.go). They are only ever appended, each with one write that reaches the disk
// (writer.go). A file that is full is put aside under the number of its last line, and the
// oldest such files are deleted (rotate.go). A file beside them, the head, says where the
// chain ends (head.go). [Log.Verify] checks all of it (verify.go).
package audit

import (
	"fmt"
	"os"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"luminousnix/internal/operation"
)

// Line is one line of the log.
type Line struct {
	Link
	ID         string              `json:"id,omitempty"` // the time in nanoseconds, "-", and the process
	Time       time.Time           `json:"time"`
	User       string              `json:"user,omitempty"` // who asked; under sudo who has called it
	UID        int                 `json:"uid"`            // theirs
	EUID       int                 `json:"euid"`           // as whom it was done
	Operation  operation.Operation `json:"request,omitzero"`
	Sentence   string              `json:"sentence,omitempty"`
	Argv       []string            `json:"argv,omitempty"`       // what was typed where that was no sentence, in the first line
	ProposedBy string              `json:"proposedBy,omitempty"` // who guessed it; "" is asked for
	Asked      string              `json:"asked,omitempty"`      // the change in the log of whoever had root make this
	Undoes     string              `json:"undoes,omitempty"`     // the change that this takes back
	Plan       *operation.Plan     `json:"plan,omitempty"`       // in the first line
	// Shown is when the plan was given to whoever confirmed it, in the first line;
	// nil for a change that is not asked about. Confirmed says how it was confirmed.
	Shown     *time.Time             `json:"shown,omitempty"`
	Confirmed operation.Confirmation `json:"confirmed,omitempty"`
	Done      bool                   `json:"done,omitempty"` // this is the second line
	Outcome
	// Torn stands for bytes that a crash has left before this line, which says nothing else.
	Torn *Torn `json:"torn,omitempty"`
}

// Outcome is what came of a change. Code is "" when it was made.
type Outcome struct {
	Code    operation.Code `json:"outcome,omitempty"`
	Message string         `json:"message,omitempty"`
	// Back is how it can be taken back; nil where it cannot be.
	Back *operation.WayBack `json:"back,omitempty"`
	// Recovery are the attempts that were made to go on when something failed, in order.
	// The first line has those from before it, the second all of them.
	Recovery []string `json:"recovery,omitempty"`
}

// Judge finds out what came of a change whose process is gone; over is false where it
// still goes on in another process, or has to be brought to an end first.
type Judge func(Line) (o Outcome, over bool)

// Log is an audit log, a file of whoever makes the changes, with others beside it.
type Log struct {
	Path string
	Now  func() time.Time
	// Group finds the group that may read it, when a file is made: 0 is nobody but its
	// owner, as is nil.
	Group func() int
	// Max is the size in bytes from which a file is put aside, Keep how many of those are
	// kept; 0 are the defaults.
	Max  int64
	Keep int
}

// Entry is a change that this process has begun.
type Entry struct {
	ID     string
	Number int64 // of its first line

	log    Log
	at     *os.File // held for as long as this process is at it
	handed bool
}

// Begin writes the first line of a change, after what is missing of earlier ones. It
// fills in the id.
func (l Log) Begin(line Line, judge Judge) (*Entry, error) {
	w, err := l.write()
	if err != nil {
		return nil, err
	}
	defer w.Close()
	if err := w.settle(judge); err != nil {
		return nil, err
	}
	if err := w.rotate(); err != nil {
		return nil, err
	}
	line.ID = fmt.Sprintf("%d-%d", line.Time.UnixNano(), os.Getpid())
	at, err := l.openLock()
	if err != nil {
		return nil, err
	}
	// Where the file system knows no locks nobody's change is ever taken for one that
	// was cut short, and this is no reason not to make it.
	_ = hold(at, unix.F_OFD_SETLK, unix.F_RDLCK, place(line.ID))
	if err := w.append(line); err != nil {
		at.Close()
		return nil, err
	}
	return &Entry{ID: line.ID, Number: w.head.Lines, log: l, at: at}, nil
}

// HandOver leaves the second line to another process, which is there from now on.
func (e *Entry) HandOver() { e.handed = true }

// End writes the second line, unless it was left to somebody else.
func (e *Entry) End(o Outcome) error {
	defer e.at.Close()
	if e.handed {
		return nil
	}
	return e.log.End(e.ID, o)
}

// End writes the second line of a change. It does nothing where that is there, and where
// there is no first one: the log may be that of somebody else.
func (l Log) End(id string, o Outcome) error {
	w, err := l.write()
	if err != nil {
		return err
	}
	defer w.Close()
	open := unfinished(w.recent)
	at := slices.IndexFunc(open, func(line located) bool { return line.ID == id })
	if at < 0 {
		return nil
	}
	if err := w.end(open[at].Line, o); err != nil {
		return err
	}
	w.forget(slices.Delete(open, at, at+1))
	return nil
}

// Settle writes the second lines that are missing.
func (l Log) Settle(judge Judge) error {
	if !l.exists() {
		return nil
	}
	w, err := l.write()
	if err != nil {
		return err
	}
	defer w.Close()
	return w.settle(judge)
}

// Lost returns the first lines of the changes without a second one whose process is gone.
func (l Log) Lost() (lost []Line, err error) {
	if !l.exists() {
		return nil, nil
	}
	w, err := l.look()
	if err != nil {
		return nil, err
	}
	defer w.Close()
	for _, line := range unfinished(w.recent) {
		if !held(w.lock, place(line.ID)) {
			lost = append(lost, line.Line)
		}
	}
	return lost, nil
}

// unfinished are the first lines of changes that have no second one, oldest first.
func unfinished(lines []located) (open []located) {
	done := map[string]bool{}
	for _, line := range lines {
		done[line.ID] = done[line.ID] || line.Done
	}
	for _, line := range lines {
		if line.ID != "" && !done[line.ID] {
			open = append(open, line)
		}
	}
	return open
}
