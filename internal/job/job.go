// Package job has work outlive whoever asked for it: a closed terminal or a lost
// connection does not end it, and how it went can be asked afterwards.
//
// A [Job] is a folder. Whoever asks makes it ([Folder.Create]), starts the process of
// the job ([Job.Start]) and follows it ([Job.Follow]), which everybody can do who may
// read the folder, at any time and from the beginning. The process takes the job
// ([Take]), tells its progress and keeps its result there:
//
//	request.json   what the job is, written before it starts
//	lock           held by the process for as long as it runs
//	events.jsonl   its progress, one operation.Event a line
//	cancel         is there when somebody wants it to end
//	result.json    its result, when it has ended
package job

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"luminousnix/internal/operation"
	"luminousnix/internal/own"
	"luminousnix/internal/systemd"
)

// Names of the files of a job.
const (
	requestName = "request.json"
	lockName    = "lock"
	eventsName  = "events.jsonl"
	cancelName  = "cancel"
	resultName  = "result.json"
)

// keep is how many jobs that have ended are kept.
const keep = 50

// Request says what a job is.
type Request struct {
	ID        string                 `json:"job"`
	Time      time.Time              `json:"time"`
	User      string                 `json:"user"`
	Operation operation.Operation    `json:"request"`
	Sentence  string                 `json:"sentence,omitempty"`
	Confirmed operation.Confirmation `json:"confirmed,omitempty"`
	NoCache   bool                   `json:"noCache,omitempty"` // neither uses nor keeps answers
	// Task is what the process has to know beyond that, by the kind of the job.
	Kind Kind            `json:"kind"`
	Task json.RawMessage `json:"task,omitempty"`
}

// Kind is what the process of a job does.
type Kind string

// The kinds.
const (
	Operation  Kind = "operation"  // runs the operation, confirmed beforehand
	Activation Kind = "activation" // takes the machine to another system
)

// Folder is where the jobs of somebody are.
type Folder string

// Job is one job.
type Job struct {
	Dir     string
	Request Request

	unit *systemd.Unit // that it runs in, if this process has started it
}

// ErrNotExist means that there is no such job.
var ErrNotExist = errors.New("there is no such job")

// Create makes the folder of a job and gives it an id. Of jobs that have ended the
// oldest are removed.
func (f Folder) Create(r Request) (*Job, error) {
	f.sweep()
	var random [2]byte
	rand.Read(random[:])
	r.ID = r.Time.UTC().Format("20060102-150405-") + hex.EncodeToString(random[:])
	j := &Job{Dir: filepath.Join(string(f), r.ID), Request: r}
	if err := own.Folder(string(f)); err != nil {
		return nil, fmt.Errorf("making a job: %w", err)
	}
	if err := os.Mkdir(j.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("making a job: %w", err)
	}
	for _, dir := range []string{string(f), j.Dir} {
		if err := publish(dir, 0o755); err != nil {
			return nil, fmt.Errorf("making a job: %w", err)
		}
	}
	if err := j.write(requestName, r); err != nil {
		return nil, fmt.Errorf("making a job: %w", err)
	}
	return j, nil
}

// Open finds a job by its id.
func (f Folder) Open(id string) (*Job, error) {
	if id == "" || id != filepath.Base(id) || strings.HasPrefix(id, ".") {
		return nil, fmt.Errorf("%q: %w", id, ErrNotExist)
	}
	return Read(filepath.Join(string(f), id))
}

// Read reads the job in a folder.
func Read(dir string) (*Job, error) {
	text, err := os.ReadFile(filepath.Join(dir, requestName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%q: %w", filepath.Base(dir), ErrNotExist)
	}
	if err != nil {
		return nil, fmt.Errorf("reading a job: %w", err)
	}
	j := &Job{Dir: dir}
	if err := json.Unmarshal(text, &j.Request); err != nil {
		return nil, fmt.Errorf("reading a job: %w", err)
	}
	return j, nil
}

// List returns the jobs, newest first. There are none where there is no folder.
func (f Folder) List() ([]*Job, error) {
	entries, err := os.ReadDir(string(f))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("listing jobs: %w", err)
	}
	var jobs []*Job
	for _, entry := range slices.Backward(entries) { // ids begin with the time
		if j, err := f.Open(entry.Name()); err == nil {
			jobs = append(jobs, j)
		}
	}
	return jobs, nil
}

// sweep removes the oldest jobs that have ended. One that cannot be removed stays. Those
// from the future are the oldest: they are from before the clock was set back.
func (f Folder) sweep() {
	jobs, err := f.List()
	if err != nil || len(jobs) < keep {
		return
	}
	now := time.Now()
	early := func(j *Job) bool { return j.Request.Time.After(now) }
	jobs = slices.Concat(slices.DeleteFunc(slices.Clone(jobs), early), slices.DeleteFunc(jobs, func(j *Job) bool { return !early(j) }))
	for _, j := range jobs[keep-1:] {
		if j.State() != Running {
			_ = os.RemoveAll(j.Dir)
		}
	}
}

// RemoveEnded removes all jobs that do not run.
func (f Folder) RemoveEnded() error {
	jobs, err := f.List()
	for _, j := range jobs {
		if j.State() != Running {
			err = errors.Join(err, os.RemoveAll(j.Dir))
		}
	}
	return err
}

// State is how a job is.
type State string

// The states.
const (
	Running State = "running"
	Done    State = "done" // with a result, which may be a failure
	Died    State = "died" // it ended without a result
)

// State finds out how the job is. One that was only just made runs.
func (j *Job) State() State {
	if _, err := os.Stat(j.file(resultName)); err == nil {
		return Done
	}
	if age := time.Since(j.Request.Time); held(j.file(lockName)) || 0 <= age && age < startTime {
		return Running
	}
	return Died
}

// Result reads the result into value; ok is false when there is none yet.
func (j *Job) Result(value any) (ok bool, err error) {
	text, err := os.ReadFile(j.file(resultName))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err == nil {
		err = json.Unmarshal(text, value)
	}
	if err != nil {
		return false, fmt.Errorf("reading the result of job %s: %w", j.Request.ID, err)
	}
	return true, nil
}

// Cancel asks the job to end. What cannot be stopped half-way goes on.
func (j *Job) Cancel() error {
	file, err := os.OpenFile(j.file(cancelName), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("cancelling job %s: %w", j.Request.ID, err)
	}
	return file.Close()
}

// Remove removes a job that was never started.
func (j *Job) Remove() error { return os.RemoveAll(j.Dir) }

func (j *Job) file(name string) string { return filepath.Join(j.Dir, name) }

// publish lets everybody read what is of root's jobs: who may not switch may see that
// somebody does. Those of others are their own affair.
func publish(path string, mode os.FileMode) error {
	if os.Geteuid() != 0 {
		return nil
	}
	return os.Chmod(path, mode)
}

// write writes a file as a whole.
func (j *Job) write(name string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	temporary := j.file("." + name)
	if err := errors.Join(os.WriteFile(temporary, append(text, '\n'), 0o600), publish(temporary, 0o644)); err != nil {
		return err
	}
	return os.Rename(temporary, j.file(name))
}
