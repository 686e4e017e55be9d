package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"luminousnix/internal/operation"
	"luminousnix/internal/own"
)

// Task is a job that this process does. It is an [operation.Observer].
type Task struct {
	*Job
	lock *os.File

	mu     sync.Mutex
	events *os.File
}

// Take makes this process the one of the job in the folder. It fails when there is
// one already, or the job has its result.
func Take(dir string) (*Task, error) {
	j, err := Read(dir)
	if err != nil {
		return nil, err
	}
	lock, err := j.make(lockName, os.O_RDWR)
	if err != nil {
		return nil, fmt.Errorf("taking job %s: %w", j.Request.ID, err)
	}
	if err := flock(lock); err != nil {
		return nil, errors.Join(fmt.Errorf("taking job %s: %w", j.Request.ID, err), lock.Close())
	}
	if j.State() == Done {
		return nil, errors.Join(fmt.Errorf("job %s has ended already", j.Request.ID), lock.Close())
	}
	events, err := j.make(eventsName, os.O_WRONLY|os.O_APPEND)
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return &Task{Job: j, lock: lock, events: events}, nil
}

// make opens a file of the job, and makes it where it is not there.
func (j *Job) make(name string, flags int) (*os.File, error) {
	file, err := own.Open(j.file(name), flags|os.O_CREATE)
	if err == nil {
		err = publish(j.file(name), 0o644)
	}
	return file, err
}

// flock takes the lock; whoever looks if it is held holds it for a moment too.
func flock(file *os.File) error {
	for range 100 {
		err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR) {
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
	return errors.New("another process does it")
}

// held reports whether a process holds the lock.
func held(path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	return errors.Is(unix.Flock(int(file.Fd()), unix.LOCK_SH|unix.LOCK_NB), unix.EWOULDBLOCK)
}

// Observe adds an event. That it cannot be written is no reason to stop the work.
func (t *Task) Observe(e operation.Event) {
	line, err := json.Marshal(e)
	if err != nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	_, _ = t.events.Write(append(line, '\n'))
}

// cancelPause is how often it is looked whether the job is to end.
const cancelPause = 100 * time.Millisecond

// Context ends when somebody wants the job to end.
func (t *Task) Context(parent context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(parent)
	go func() {
		for ctx.Err() == nil {
			if _, err := os.Stat(t.file(cancelName)); err == nil {
				cancel()
				return
			}
			select {
			case <-ctx.Done():
			case <-time.After(cancelPause):
			}
		}
	}()
	return ctx, cancel
}

// Finish keeps the result; the job has ended then.
func (t *Task) Finish(result any) error {
	err := t.write(resultName, result)
	return errors.Join(err, t.events.Close(), t.lock.Close())
}
