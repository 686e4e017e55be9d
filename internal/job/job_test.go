package job_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/job"
	"luminousnix/internal/operation"
)

func create(t *testing.T, folder job.Folder, at time.Time) *job.Job {
	t.Helper()
	j, err := folder.Create(job.Request{Time: at, User: "rose", Operation: operation.New(operation.SwitchSystem, operation.Arguments{}), Kind: job.Operation})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// TestFollow follows a job from its beginning, while it runs and when it has ended.
func TestFollow(t *testing.T) {
	t.Parallel()
	folder := job.Folder(t.TempDir())
	j := create(t, folder, time.Now())
	task, err := job.Take(j.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if j.State() != job.Running {
		t.Errorf("it is %s", j.State())
	}
	if _, err := job.Take(j.Dir); err == nil {
		t.Error("two processes took the job")
	}
	var want []operation.Event
	for n := range 100 {
		want = append(want, operation.Event{Kind: operation.EventLog, Text: fmt.Sprint("line ", n)})
	}
	var wait sync.WaitGroup
	follow := func() {
		defer wait.Done()
		opened, err := folder.Open(j.Request.ID)
		if err != nil {
			t.Error(err)
			return
		}
		var got []operation.Event
		if err := opened.Follow(t.Context(), operation.ObserverFunc(func(e operation.Event) { got = append(got, e) })); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
	wait.Add(2)
	go follow()
	for _, event := range want {
		task.Observe(event)
	}
	if err := task.Finish(map[string]int{"answer": 42}); err != nil {
		t.Fatal(err)
	}
	go follow()
	wait.Wait()
	var result map[string]int
	if ok, err := j.Result(&result); !ok || err != nil || result["answer"] != 42 || j.State() != job.Done {
		t.Errorf("%v, %v, %v, %s", result, ok, err, j.State())
	}
	if _, err := job.Take(j.Dir); err == nil {
		t.Error("a job that has ended was taken")
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	j := create(t, job.Folder(t.TempDir()), time.Now())
	task, err := job.Take(j.Dir)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := task.Context(t.Context())
	defer cancel()
	if err := j.Cancel(); err != nil {
		t.Fatal(err)
	}
	<-ctx.Done()
	if !errors.Is(ctx.Err(), context.Canceled) {
		t.Error(ctx.Err())
	}
}

// TestDied finds a job whose process is gone without a result; a line that was cut short
// is passed over.
func TestDied(t *testing.T) {
	t.Parallel()
	j := create(t, job.Folder(t.TempDir()), time.Now().Add(-time.Hour))
	text := `{"event":"log","text":"whole"}` + "\n" + `{"event":"log","te`
	if err := os.WriteFile(filepath.Join(j.Dir, "events.jsonl"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if j.State() != job.Died {
		t.Errorf("it is %s", j.State())
	}
	var got []string
	err := j.Follow(t.Context(), operation.ObserverFunc(func(e operation.Event) { got = append(got, e.Text) }))
	if !errors.Is(err, job.ErrDied) {
		t.Error(err)
	}
	if diff := cmp.Diff([]string{"whole"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	folder := job.Folder(t.TempDir())
	for _, id := range []string{"", "..", "../x", ".hidden", "none", "a/b"} {
		if _, err := folder.Open(id); !errors.Is(err, job.ErrNotExist) {
			t.Errorf("%q: %v", id, err)
		}
	}
	if jobs, err := job.Folder(filepath.Join(string(folder), "none")).List(); err != nil || len(jobs) != 0 {
		t.Errorf("%v, %v", jobs, err)
	}
}

// TestSweep: of many jobs the newest are kept, and those that run.
func TestSweep(t *testing.T) {
	t.Parallel()
	folder := job.Folder(t.TempDir())
	begin := time.Now().Add(-48 * time.Hour)
	oldest := create(t, folder, begin)
	running, err := job.Take(oldest.Dir)
	if err != nil {
		t.Fatal(err)
	}
	defer running.Finish(nil)
	for n := range 70 {
		create(t, folder, begin.Add(time.Duration(n+1)*time.Minute))
	}
	jobs, err := folder.List()
	if err != nil {
		t.Fatal(err)
	}
	if len(jobs) != 51 || jobs[50].Request.ID != oldest.Request.ID || !jobs[0].Request.Time.After(jobs[1].Request.Time) {
		t.Errorf("%d jobs are left", len(jobs))
	}
}

// TestFaultClockSetBack: a job from the future does not run for ever, and of many jobs those go
// first, not what was made since.
func TestFaultClockSetBack(t *testing.T) {
	t.Parallel()
	folder := job.Folder(t.TempDir())
	for n := range 60 {
		j := create(t, folder, time.Now().AddDate(1, 0, n))
		if j.State() != job.Died {
			t.Fatalf("a job of which nobody holds the lock is %s", j.State())
		}
	}
	var recent []string
	for range 10 {
		j := create(t, folder, time.Now().Add(-time.Minute))
		recent = append(recent, j.Request.ID)
	}
	for _, id := range recent {
		if _, err := folder.Open(id); err != nil {
			t.Error(err)
		}
	}
	if jobs, err := folder.List(); err != nil || len(jobs) != 50 {
		t.Errorf("%d jobs, %v", len(jobs), err)
	}
}
