package batch_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/batch"
	"luminousnix/internal/intent"
	"luminousnix/internal/operation"
)

// runner answers requests by their sentences: "read 3" takes 3 s, "change 3" too, and what
// contains "fail" fails.
type runner struct {
	mu       sync.Mutex
	reading  int
	changing int
	most     int // that were read at once
	wrong    []string
	answers  []string
}

func request(text string) batch.Request {
	name := operation.ListGenerations
	if strings.HasPrefix(text, "change") {
		name = operation.Rollback
	}
	return batch.Request{Operations: []operation.Operation{operation.New(name, operation.Arguments{})}, Sentence: text}
}

func (r *runner) execute(ctx context.Context, q batch.Request) []operation.Result {
	change := strings.HasPrefix(q.Sentence, "change")
	r.count(q.Sentence, change, 1)
	var seconds int
	fmt.Sscanf(strings.TrimLeft(q.Sentence, "abcdefghijklmnopqrstuvwxyz "), "%d", &seconds)
	select {
	case <-time.After(time.Duration(seconds) * time.Second):
	case <-ctx.Done():
	}
	r.count(q.Sentence, change, -1)
	result := operation.Result{Operation: q.Operations[0], Message: q.Sentence}
	if strings.Contains(q.Sentence, "fail") {
		result.Err = operation.Errorf(operation.CodeNotFound, "failed")
	}
	return []operation.Result{result}
}

func (r *runner) count(what string, change bool, n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if change {
		r.changing += n
	} else {
		r.reading += n
	}
	r.most = max(r.most, r.reading)
	if r.changing > 1 || r.changing == 1 && r.reading > 0 {
		r.wrong = append(r.wrong, what)
	}
}

func (r *runner) answer(a batch.Answer) error {
	r.answers = append(r.answers, a.Request.Sentence)
	return nil
}

func (r *runner) run(ctx context.Context, failFast bool, texts ...string) error {
	requests := make(chan batch.Request, len(texts))
	for _, text := range texts {
		requests <- request(text)
	}
	close(requests)
	return batch.Run(ctx, requests, batch.Options{Execute: r.execute, Answer: r.answer, FailFast: failFast, AtOnce: 3})
}

func TestOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &runner{}
		texts := []string{
			"read 9", "read 1", "read 2", "read 3", "change 2", "change 1 fail", "read 4 fail", "read 1", "change 1", "read 1",
		}
		start := time.Now()
		if err := r.run(t.Context(), false, texts...); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(texts, r.answers); diff != "" {
			t.Error(diff)
		}
		if len(r.wrong) > 0 || r.most != 3 {
			t.Errorf("not by itself: %q; %d were read at once", r.wrong, r.most)
		}
		if took := time.Since(start); took != 18*time.Second { // 9, 2, 1, 4, 1, 1
			t.Errorf("it took %v", took)
		}
	})
}

func TestFailFast(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ texts, want []string }{
		"a change after it":  {[]string{"read 1", "read 5 fail", "read 2", "change 1"}, []string{"read 1", "read 5 fail"}},
		"a change that does": {[]string{"change 1 fail", "change 2", "read 1"}, []string{"change 1 fail"}},
		"none does":          {[]string{"read 1", "change 1"}, []string{"read 1", "change 1"}},
	} {
		synctest.Test(t, func(t *testing.T) {
			r := &runner{}
			var changed atomic.Bool
			requests := make(chan batch.Request, len(test.texts))
			for _, text := range test.texts {
				requests <- request(text)
			}
			close(requests)
			err := batch.Run(t.Context(), requests, batch.Options{
				Answer: r.answer, FailFast: true, AtOnce: 3,
				Execute: func(ctx context.Context, q batch.Request) []operation.Result {
					if strings.HasPrefix(q.Sentence, "change") && !slices.Contains(test.want, q.Sentence) {
						changed.Store(true)
					}
					return r.execute(ctx, q)
				},
			})
			if err != nil || changed.Load() {
				t.Errorf("%s: %v; changed after the failure: %v", name, err, changed.Load())
			}
			if diff := cmp.Diff(test.want, r.answers); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
		})
	}
}

// TestNobodyReads: when answers cannot be handed out nothing more is begun.
func TestNobodyReads(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		gone := errors.New("the pipe is broken")
		requests := make(chan batch.Request)
		go func() {
			defer close(requests)
			for {
				select {
				case requests <- request("read 1"):
				case <-t.Context().Done():
					return
				}
			}
		}()
		r := &runner{}
		err := batch.Run(t.Context(), requests, batch.Options{
			Execute: r.execute, AtOnce: 2, Answer: func(batch.Answer) error { return gone },
		})
		if !errors.Is(err, gone) {
			t.Error(err)
		}
	})
}

// TestInterrupted: what runs is told, nothing more is begun, and a reader that waits for
// input is not waited for.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		r := &runner{}
		requests := make(chan batch.Request, 3)
		requests <- request("read 5")
		requests <- request("change 5")
		err := batch.Run(ctx, requests, batch.Options{Execute: r.execute, Answer: r.answer, AtOnce: 2})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		if diff := cmp.Diff([]string{"read 5"}, r.answers); diff != "" {
			t.Error(diff)
		}
	})
}

func read(t *testing.T, text string) (requests []batch.Request) {
	t.Helper()
	feed, done, failed := make(chan batch.Request), make(chan struct{}), make(chan error, 1)
	go func() {
		failed <- batch.Read(strings.NewReader(text), understood, feed, done)
		close(feed)
	}()
	for r := range feed {
		requests = append(requests, r)
	}
	if err := <-failed; err != nil {
		t.Fatal(err)
	}
	return requests
}

func TestRead(t *testing.T) {
	t.Parallel()
	list := operation.New(operation.ListGenerations, operation.Arguments{})
	diff := operation.New(operation.CompareGenerations, operation.Arguments{From: 1, To: 2})
	for _, test := range []struct {
		line string
		want operation.Operation
		code operation.Code
		says string
	}{
		{line: "list my generations", want: list},
		{line: "  list-generations\r", want: list},
		{line: `{"operation":"list-generations"}`, want: list},
		{line: `{"sentence":"list my generations"}`, want: list},
		{line: `{"operation":"compare-generations","arguments":{"from":1,"to":2}}`, want: diff},
		{line: "compare generation 1 with 2", want: diff},
		{line: "colourless green ideas sleep", code: operation.CodeNotUnderstood},
		{line: `{"operation":"list-generations"`, code: operation.CodeUsage, says: "no request"},
		{line: `{"operation":"list-generations"} {}`, code: operation.CodeUsage, says: "more behind"},
		{line: `{"operation":"list-generations","argument":{}}`, code: operation.CodeUsage, says: "unknown field"},
		{line: `{"operation":"compare-generations","arguments":{"form":1}}`, code: operation.CodeUsage, says: "unknown field"},
		{line: `{"operation":"list-generations","sentence":"hello"}`, code: operation.CodeUsage, says: "either"},
		{line: `{}`, code: operation.CodeUsage, says: "either"},
		{line: `{"operation":"format-disk"}`, code: operation.CodeUsage, says: "no operation"},
		{line: `{"operation":"search-packages","arguments":{"query":"$(id)"}}`, code: operation.CodeRefused},
		{line: "install $(id)", code: operation.CodeRefused},
		{line: strings.Repeat("a", 300<<10), code: operation.CodeUsage, says: "longer than"},
	} {
		got := read(t, "\n \n"+test.line+"\n")
		if len(got) != 1 {
			t.Errorf("%.60q: %d requests", test.line, len(got))
			continue
		}
		if err := got[0].Err; test.code != "" {
			if err == nil || err.Code != test.code || !strings.Contains(err.Message, test.says) {
				t.Errorf("%.60q: %v, want %s", test.line, err, test.code)
			}
			continue
		}
		if got[0].Err != nil {
			t.Errorf("%q: %v", test.line, got[0].Err)
			continue
		}
		if diff := cmp.Diff([]operation.Operation{test.want}, got[0].Operations); diff != "" {
			t.Errorf("%q: %s", test.line, diff)
		}
	}
	// A line without an end is one, and a long one swallows no other.
	got := read(t, strings.Repeat("b", 300<<10)+"\ndisk-usage\nshow-system")
	if len(got) != 3 || got[0].Err == nil || got[2].Operations[0].Name != operation.ShowSystem {
		t.Errorf("%d requests", len(got))
	}
}

func FuzzUnderstand(f *testing.F) {
	for _, line := range []string{"list my generations", `{"operation":"rollback","arguments":{"steps":1}}`, "{", "\x00", `{"sentence":"x"}`} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		r := batch.Understand(line, same)
		if r.Err == nil && len(r.Operations) == 0 {
			t.Error("neither an operation nor an error")
		}
		for _, op := range r.Operations {
			if err := op.Validate(); r.Err == nil && err != nil {
				t.Errorf("%+v passed: %v", op, err)
			}
		}
	})
}

func understood(sentence string) (intent.Reading, error) {
	return intent.Understand(sentence, time.Unix(1_700_000_000, 0))
}

// same is an understanding that costs nothing: that of package intent is fuzzed there.
func same(sentence string) (intent.Reading, error) {
	if len(sentence)%3 == 0 {
		return intent.Reading{}, operation.Errorf(operation.CodeNotUnderstood, "%d bytes", len(sentence))
	}
	return intent.Reading{Operations: []operation.Operation{operation.New(operation.ShowSystem, operation.Arguments{})}, Confidence: 1}, nil
}
