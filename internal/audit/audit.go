// Package audit keeps the audit log: what was changed, for whom, and what came of it.
//
// Every change has two lines with the same id: one before anything is changed
// ([Log.Begin]), and one with the outcome. The second is written by whoever makes the
// change: the process that has written the first ([Entry.End]), or one that it has
// handed the change over to and that goes on without it ([Log.End]). Where that process
// was killed, nobody has written it; then the next change does, or whoever reads the log
// ([Log.Settle]), who has to find out what came of it. Nobody writes a second one.
package audit

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"luminousnix/internal/operation"
	"luminousnix/internal/record"
)

// Line is one line of the log.
type Line struct {
	ID         string              `json:"id"` // the time in nanoseconds, "-", and the process
	Time       time.Time           `json:"time"`
	User       string              `json:"user"`
	UID        int                 `json:"uid"`
	Operation  operation.Operation `json:"request"`
	Sentence   string              `json:"sentence,omitempty"`
	ProposedBy string              `json:"proposedBy,omitempty"` // who guessed it; "" is asked for
	Plan       *operation.Plan     `json:"plan,omitempty"`       // in the first line
	// Shown is when the plan was given to whoever confirmed it, in the first line;
	// nil for a change that is not asked about.
	Shown   *time.Time     `json:"shown,omitempty"`
	Done    bool           `json:"done"` // this is the second line
	Outcome operation.Code `json:"outcome,omitempty"`
	Message string         `json:"message,omitempty"`
}

// Outcome is what came of a change. Code is "" when it was made.
type Outcome struct {
	Code    operation.Code
	Message string
}

// Judge finds out what came of a change whose process is gone; over is false where it
// still goes on in another process, or has to be brought to an end first.
type Judge func(Line) (o Outcome, over bool)

// Log is an audit log, a file of whoever makes the changes.
type Log struct {
	Path string
	Now  func() time.Time
}

func (l Log) file() record.File { return record.File{Path: l.Path, Sync: true} }

// Read returns all lines, oldest first.
func (l Log) Read() ([]Line, error) { return record.Read[Line](l.file()) }

// Entry is a change that this process has begun.
type Entry struct {
	ID string

	log    Log
	at     *os.File // held for as long as this process is at it
	handed bool
}

// Begin writes the first line of a change, after what is missing of earlier ones. It
// fills in the id.
func (l Log) Begin(line Line, judge Judge) (*Entry, error) {
	lock, err := l.lock()
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	if err := l.settle(lock, judge); err != nil {
		return nil, err
	}
	line.ID = fmt.Sprintf("%d-%d", line.Time.UnixNano(), os.Getpid())
	at, err := l.open()
	if err != nil {
		return nil, err
	}
	// Where the file system knows no locks nobody's change is ever taken for one that
	// was cut short, and this is no reason not to make it.
	_ = hold(at, unix.F_OFD_SETLK, unix.F_RDLCK, place(line.ID))
	if err := l.file().Append(line); err != nil {
		return nil, errors.Join(err, at.Close())
	}
	return &Entry{ID: line.ID, log: l, at: at}, nil
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
	lock, err := l.lock()
	if err != nil {
		return err
	}
	defer lock.Close()
	recent, err := l.recent(lock)
	if err != nil {
		return err
	}
	for _, line := range recent.unfinished() {
		if line.ID == id {
			return l.end(line.Line, o)
		}
	}
	return nil
}

func (l Log) end(line Line, o Outcome) error {
	line.Plan, line.Shown = nil, nil
	line.Time, line.Done, line.Outcome, line.Message = l.Now(), true, o.Code, o.Message
	return l.file().Append(line)
}

// Settle writes the second lines that are missing.
func (l Log) Settle(judge Judge) error {
	if _, err := os.Lstat(l.Path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	lock, err := l.lock()
	if err != nil {
		return err
	}
	defer lock.Close()
	return l.settle(lock, judge)
}

func (l Log) settle(lock *os.File, judge Judge) error {
	recent, err := l.recent(lock)
	if err != nil {
		return err
	}
	begin := recent.end
	for _, line := range recent.unfinished() {
		outcome, over := Outcome{}, false
		if !held(lock, place(line.ID)) {
			outcome, over = judge(line.Line)
		}
		if !over {
			begin = min(begin, line.at)
			continue
		}
		if err := l.end(line.Line, outcome); err != nil {
			return err
		}
	}
	return recent.next(lock, begin)
}

// Lost returns the first lines of the changes without a second one whose process is gone.
func (l Log) Lost() (lost []Line, err error) {
	if _, err := os.Lstat(l.Path); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	lock, err := l.open()
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	recent, err := l.recent(lock)
	if err != nil {
		return nil, err
	}
	for _, line := range recent.unfinished() {
		if !held(lock, place(line.ID)) {
			lost = append(lost, line.Line)
		}
	}
	return lost, nil
}

// lockName is the file beside the log whose bytes are locked: the first one while the
// log is written, and that of the time of each change while its process is there. The
// locks are gone with the process, however it ends. What is in it says where the recent
// lines begin.
const lockName = "audit.lock"

func (l Log) open() (*os.File, error) {
	dir := filepath.Dir(l.Path)
	const flags = os.O_RDWR | os.O_CREATE | unix.O_NOFOLLOW
	file, err := os.OpenFile(filepath.Join(dir, lockName), flags, 0o600)
	if !errors.Is(err, fs.ErrNotExist) {
		return file, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	return os.OpenFile(filepath.Join(dir, lockName), flags, 0o600)
}

// lock keeps everybody else from writing the log until the file is closed.
func (l Log) lock() (*os.File, error) {
	file, err := l.open()
	if err != nil {
		return nil, err
	}
	if err := hold(file, unix.F_OFD_SETLKW, unix.F_WRLCK, 0); err != nil && !errors.Is(err, unix.ENOLCK) {
		return nil, errors.Join(fmt.Errorf("locking %s: %w", file.Name(), err), file.Close())
	}
	return file, nil
}

// place is the byte that stands for a change; 0 is none.
func place(id string) int64 {
	text, _, _ := strings.Cut(id, "-")
	n, _ := strconv.ParseInt(text, 10, 64) // what is no number was not begun by us
	return n
}

func hold(file *os.File, command int, kind int16, at int64) error {
	for {
		err := unix.FcntlFlock(file.Fd(), command, &unix.Flock_t{Type: kind, Start: at, Len: 1})
		if !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// held reports whether somebody holds the byte, or might.
func held(file *os.File, at int64) bool {
	if at == 0 {
		return false
	}
	lock := unix.Flock_t{Type: unix.F_WRLCK, Start: at, Len: 1}
	err := unix.FcntlFlock(file.Fd(), unix.F_OFD_GETLK, &lock)
	return err != nil || lock.Type != unix.F_UNLCK
}
