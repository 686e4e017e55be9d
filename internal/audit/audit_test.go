package audit_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/audit"
	"luminousnix/internal/operation"
)

func newLog(t *testing.T) audit.Log {
	t.Helper()
	return audit.Log{Path: filepath.Join(t.TempDir(), "state", "audit.jsonl"), Now: time.Now}
}

// told gives the lines of a log in few words.
func told(t *testing.T, l audit.Log) []string {
	t.Helper()
	lines, err := l.Read()
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, line := range lines {
		if line.Done {
			all = append(all, strings.TrimSpace(fmt.Sprintf("%s ended: %s %s", line.User, line.Code, line.Message)))
		} else {
			all = append(all, line.User+" begun")
		}
	}
	return all
}

func begin(t *testing.T, l audit.Log, user string, judge audit.Judge) *audit.Entry {
	t.Helper()
	entry, err := l.Begin(audit.Line{Time: time.Now(), User: user, Plan: &operation.Plan{Summary: `"done":true`}}, judge)
	if err != nil {
		t.Fatal(err)
	}
	return entry
}

func cut(audit.Line) (audit.Outcome, bool) {
	return audit.Outcome{Code: operation.CodeInterrupted, Message: "cut"}, true
}

func goesOn(audit.Line) (audit.Outcome, bool) { return audit.Outcome{}, false }

// lose writes the first line of a change whose process is gone.
func lose(t *testing.T, l audit.Log, user string) (id string) {
	t.Helper()
	other := audit.Log{Path: filepath.Join(t.TempDir(), "audit.jsonl"), Now: time.Now}
	entry := begin(t, other, user, cut)
	line, err := os.ReadFile(other.Path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(l.Path), 0o700); err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(l.Path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.Write(line); err != nil {
		t.Fatal(err)
	}
	return entry.ID
}

func want(t *testing.T, l audit.Log, lines ...string) {
	t.Helper()
	if diff := cmp.Diff(lines, told(t, l)); diff != "" {
		t.Error(diff)
	}
}

// TestOneOutcome: whoever comes first writes it, and nobody a second one.
func TestOneOutcome(t *testing.T) {
	t.Parallel()
	l := newLog(t)
	a, b := begin(t, l, "a", cut), begin(t, l, "b", cut)
	b.HandOver()
	for range 2 {
		for id, o := range map[string]audit.Outcome{a.ID: {Message: "well"}, "1-1": {Message: "of nobody"}} {
			if err := l.End(id, o); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, e := range []*audit.Entry{a, b} {
		if err := e.End(audit.Outcome{Code: operation.CodeFailed}); err != nil {
			t.Fatal(err)
		}
	}
	want(t, l, "a begun", "b begun", "a ended:  well")
	if err := l.End(b.ID, audit.Outcome{Code: operation.CodeFailed, Message: "by the other"}); err != nil {
		t.Fatal(err)
	}
	want(t, l, "a begun", "b begun", "a ended:  well", "b ended: failed by the other")
}

// TestSettle: what has lost its process is settled by the next change, and by whoever reads
// the log; what still goes on is not.
func TestSettle(t *testing.T) {
	t.Parallel()
	l := newLog(t)
	if err := l.Settle(cut); err != nil {
		t.Fatal(err)
	}
	lose(t, l, "lost")
	first := begin(t, l, "first", goesOn)
	want(t, l, "lost begun", "first begun")
	lost, err := l.Lost()
	if err != nil || len(lost) != 1 || lost[0].User != "lost" {
		t.Errorf("lost are %+v, %v", lost, err)
	}
	second := begin(t, l, "second", cut)
	want(t, l, "lost begun", "first begun", "lost ended: interrupted cut", "second begun")
	lose(t, l, "more")
	for range 2 {
		if err := l.Settle(cut); err != nil {
			t.Fatal(err)
		}
	}
	want(t, l, "lost begun", "first begun", "lost ended: interrupted cut", "second begun", "more begun", "more ended: interrupted cut")
	runtime.KeepAlive([]*audit.Entry{first, second}) // a change that nothing holds is lost
}

// TestManyAtOnce: each has its two lines, though all settle what they find.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	l := newLog(t)
	var all sync.WaitGroup
	for n := range 20 {
		all.Go(func() {
			entry := begin(t, l, fmt.Sprint(n), cut)
			if err := entry.End(audit.Outcome{}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	lines, err := l.Read()
	if err != nil || len(lines) != 40 {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	count := map[string]int{}
	for _, line := range lines {
		if line.Code != "" {
			t.Errorf("%+v", line)
		}
		count[line.User]++
	}
	for user, n := range count {
		if n != 2 {
			t.Errorf("%s has %d lines", user, n)
		}
	}
}

// TestOtherLog: a log that was put in the place of another one is read from its beginning.
func TestOtherLog(t *testing.T) {
	t.Parallel()
	l := newLog(t)
	for range 3 {
		if err := begin(t, l, "a", cut).End(audit.Outcome{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Settle(cut); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(l.Path, l.Path+".old"); err != nil {
		t.Fatal(err)
	}
	lose(t, l, "b")
	if err := l.Settle(cut); err != nil {
		t.Fatal(err)
	}
	want(t, l, "b begun", "b ended: interrupted cut")
}
