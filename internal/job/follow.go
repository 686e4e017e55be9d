package job

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"luminousnix/internal/operation"
)

const (
	followPause = 20 * time.Millisecond
	// startTime is how long a job may take until its process has taken it, or taken
	// it again after it was killed.
	startTime = 3 * time.Second
)

// ErrDied means that the process of a job ended without a result.
var ErrDied = errors.New("its process ended before its time")

// Follow tells the observer all events of the job, from the first one on, until the job
// has ended or ctx ends. The error matches [ErrDied] when there will be no result.
func (j *Job) Follow(ctx context.Context, o operation.Observer) error {
	events := reader{path: j.file(eventsName), observer: o}
	defer events.close()
	alive := time.Now()
	for {
		// Asked before the events are read: there are none after the result.
		_, err := os.Stat(j.file(resultName))
		ended := err == nil
		if err := events.read(); err != nil {
			return fmt.Errorf("following job %s: %w", j.Request.ID, err)
		}
		switch {
		case ended:
			return nil
		case held(j.file(lockName)):
			alive = time.Now()
		case time.Since(alive) > startTime:
			if j.starting() {
				alive = time.Now() // systemd has it; on a busy disk it takes its time
				continue
			}
			return j.died()
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(followPause):
		}
	}
}

// reader reads the events of a file that grows.
type reader struct {
	path     string
	observer operation.Observer
	file     *os.File
	rest     []byte // of a line that is not whole yet
}

func (r *reader) read() error {
	if r.file == nil {
		var err error
		if r.file, err = os.Open(r.path); errors.Is(err, fs.ErrNotExist) {
			return nil
		} else if err != nil {
			return err
		}
	}
	more, err := io.ReadAll(r.file)
	if err != nil {
		return err
	}
	r.rest = append(r.rest, more...)
	end := bytes.LastIndexByte(r.rest, '\n') + 1
	for line := range bytes.Lines(r.rest[:end]) {
		var event operation.Event
		if json.Unmarshal(line, &event) == nil { // else it was cut short
			r.observer.Observe(event)
		}
	}
	r.rest = bytes.Clone(r.rest[end:])
	return nil
}

func (r *reader) close() {
	if r.file != nil {
		r.file.Close()
	}
}
