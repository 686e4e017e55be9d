package activation

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"luminousnix/internal/durable"
	"luminousnix/internal/lock"
	"luminousnix/internal/operation"
	"luminousnix/internal/own"
)

// Step is a step of a transaction, written down before it is taken.
type Step string

// The steps, in their order.
const (
	StepBegin    Step = "begin"    // all that has to be known to go back
	StepProfile  Step = "profile"  // the profile is about to be changed
	StepActivate Step = "activate" // switch-to-configuration is about to run
	StepVerify   Step = "verify"   // it has ended, with Status
	StepConfirm  Step = "confirm"  // it is waited until Deadline
	StepRevert   Step = "revert"   // the way back is about to be gone, for Reason
)

// entry is a line of the journal.
type entry struct {
	Step Step      `json:"step"`
	Time time.Time `json:"time"`

	Request *Request `json:"request,omitempty"` // of StepBegin
	Before  *before  `json:"before,omitempty"`  // of StepBegin

	Status   int            `json:"exitStatus,omitempty"` // of StepVerify
	Deadline time.Time      `json:"deadline,omitzero"`    // of StepConfirm
	Reason   string         `json:"reason,omitempty"`     // of StepRevert
	Code     operation.Code `json:"code,omitempty"`       // of StepRevert
}

// before is what the machine was before anything was changed.
type before struct {
	Generation int      `json:"generation"` // that was current; 0 is none
	Target     string   `json:"target"`     // what it leads to
	Running    string   `json:"running"`    // toplevel
	BootID     string   `json:"bootID"`
	Failed     []string `json:"failed"` // units
}

// Names of the files of Machine.Dir.
const (
	journalName = "journal.jsonl" // of the transaction that is not over
	reportName  = "report.json"   // of the last one
	lockName    = "lock"
	answerName  = "answer" // to the question whether it is confirmed
)

// journal is the steps of one transaction on disk.
type journal struct {
	dir     string
	file    *os.File
	entries []entry
	damaged bool // nobody knows what had been done
}

// damagedName is what a damaged journal is called when it was put aside.
const damagedName = journalName + ".damaged"

// mostJournal is more than any journal has.
const mostJournal = 1 << 20

// startJournal makes the file of a new transaction.
func startJournal(dir string) (*journal, error) {
	file, err := os.OpenFile(filepath.Join(dir, journalName), os.O_WRONLY|os.O_APPEND|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, err
	}
	if err := file.Chmod(public); err != nil {
		return nil, errors.Join(err, file.Close(), os.Remove(file.Name()))
	}
	return &journal{dir: dir, file: file}, nil
}

// public is the mode of what others may read, whatever the umask: that a switch was
// interrupted is for all to see.
const public = 0o644

// openJournal reads that of a transaction that is not over. The error matches
// fs.ErrNotExist when there is none.
func openJournal(dir string) (*journal, error) {
	file, err := own.Open(filepath.Join(dir, journalName), os.O_RDWR|os.O_APPEND)
	if err != nil {
		return nil, err
	}
	j := &journal{dir: dir, file: file}
	if j.entries, j.damaged, err = readJournal(dir); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return j, nil
}

// readJournal reads the entries; a line that was cut short by a crash, which only the
// last one of a process can be, stands for a step that was not taken. The first one, without
// which the others say nothing, was on the disk before anything was done: where it has its
// end and is not understood the journal is damaged.
func readJournal(dir string) (entries []entry, damaged bool, err error) {
	text, err := os.ReadFile(filepath.Join(dir, journalName))
	if err != nil {
		return nil, false, err
	}
	if len(text) > mostJournal {
		return nil, true, nil
	}
	for line := range bytes.Lines(text) {
		var e entry
		if json.Unmarshal(line, &e) == nil {
			entries = append(entries, e)
		}
	}
	begun := len(entries) > 0 && entries[0].Request != nil && entries[0].Before != nil
	return entries, !begun && bytes.ContainsRune(text, '\n'), nil
}

// putAside keeps a damaged journal.
func (j *journal) putAside() (path string, err error) {
	path = filepath.Join(j.dir, damagedName)
	return path, os.Rename(j.file.Name(), path)
}

// add writes a step down and waits until the disk has it.
func (j *journal) add(e entry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	// A line before it that was cut short ends here.
	if len(j.entries) > 0 {
		line = append([]byte{'\n'}, line...)
	}
	if _, err := j.file.Write(append(line, '\n')); err != nil {
		return err
	}
	j.entries = append(j.entries, e)
	if err := j.file.Sync(); err != nil {
		return err
	}
	if len(j.entries) == 1 {
		return durable.SyncFolder(j.dir)
	}
	return nil
}

// end keeps the report and removes the journal: the transaction is over.
func (j *journal) end(r operation.Activation) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	temporary := filepath.Join(j.dir, "."+reportName)
	if err := errors.Join(os.WriteFile(temporary, append(text, '\n'), public), os.Chmod(temporary, public)); err != nil {
		return err
	}
	if err := os.Rename(temporary, filepath.Join(j.dir, reportName)); err != nil {
		return err
	}
	if err := os.Remove(j.file.Name()); err != nil && !errors.Is(err, fs.ErrNotExist) { // it may have been put aside
		return err
	}
	return errors.Join(j.file.Close(), durable.SyncFolder(j.dir))
}

func (j *journal) last() entry { return j.entries[len(j.entries)-1] }

// reached reports whether a step was about to be taken.
func (j *journal) reached(step Step) bool {
	for _, e := range j.entries {
		if e.Step == step {
			return true
		}
	}
	return false
}

// ErrBusy means that another transaction runs.
var ErrBusy = errors.New("another switch of this machine's system is under way")

// takeLock takes the lock of the folder. switch-to-configuration inherits it, so that
// a transaction which lost its process is not taken for one that is over while that
// still runs.
func takeLock(dir string) (*os.File, error) {
	// Others have to look into it to say that a switch was interrupted.
	if err := errors.Join(own.Folder(dir), os.Chmod(dir, 0o755)); err != nil {
		return nil, err
	}
	file, err := own.Open(filepath.Join(dir, lockName), os.O_RDWR|os.O_CREATE)
	if err != nil {
		return nil, err
	}
	if err := file.Chmod(public); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	// Whoever looks if it is held holds it for a moment.
	for range 20 {
		err = unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return file, nil
		}
		if !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR) {
			return nil, errors.Join(fmt.Errorf("locking %s: %w", dir, err), file.Close())
		}
		time.Sleep(5 * time.Millisecond)
	}
	return nil, errors.Join(Busy(dir), file.Close())
}

// Busy is [ErrBusy] with the process that has the lock, if that is known.
func Busy(dir string) error {
	holder, ok := lock.Find(filepath.Join(dir, lockName))
	if !ok {
		return ErrBusy
	}
	return fmt.Errorf("%w: %w", ErrBusy, &lock.HeldError{Path: dir, Holder: holder})
}

// Pending is a transaction that is not over.
type Pending struct {
	Request Request
	Step    Step // the last one that was reached
	Since   time.Time
	// Runs says that a process is at it; else it was interrupted.
	Runs bool
	// Deadline is until when it has to be confirmed; zero when it need not.
	Deadline time.Time
	// Damaged says that the journal is, so that nobody knows what had been done.
	Damaged bool
}

// Find looks for a transaction that is not over; nil is none. It costs one system
// call where there is none.
func Find(dir string) (*Pending, error) {
	var stat unix.Stat_t
	if unix.Lstat(filepath.Join(dir, journalName), &stat) != nil {
		return nil, nil
	}
	entries, damaged, err := readJournal(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // it ended in between
	}
	if err != nil {
		return nil, fmt.Errorf("reading the journal of a switch: %w", err)
	}
	if damaged || len(entries) == 0 || entries[0].Request == nil {
		return &Pending{Step: StepBegin, Runs: locked(dir), Damaged: damaged}, nil // nothing has been done, or nobody knows
	}
	last := entries[len(entries)-1]
	return &Pending{
		Request: *entries[0].Request, Step: last.Step, Since: entries[0].Time, Runs: locked(dir), Deadline: last.Deadline,
	}, nil
}

// locked reports whether somebody holds the lock.
func locked(dir string) bool {
	file, err := os.Open(filepath.Join(dir, lockName))
	if err != nil {
		return false
	}
	defer file.Close()
	return errors.Is(unix.Flock(int(file.Fd()), unix.LOCK_SH|unix.LOCK_NB), unix.EWOULDBLOCK)
}

// Last reads the report of the last transaction; ok is false when there is none.
func Last(dir string) (r operation.Activation, ok bool) {
	text, err := os.ReadFile(filepath.Join(dir, reportName))
	return r, err == nil && json.Unmarshal(text, &r) == nil
}
