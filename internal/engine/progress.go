package engine

import (
	"context"
	"strings"
	"sync"
	"time"
	"unicode"

	"luminousnix/internal/operation"
)

// progress stands between an operation and whoever watches it: events come one
// at a time, with their time, without control characters, and there always is somebody to tell.
type progress struct {
	next   Executor
	engine *Engine
}

func (p *progress) Execute(ctx context.Context, call Call) operation.Result {
	call.Observer = &orderly{observer: call.observer(), now: p.engine.now}
	return p.next.Execute(ctx, call)
}

type orderly struct {
	mu       sync.Mutex
	observer operation.Observer
	now      func() time.Time
}

func (o *orderly) Observe(event operation.Event) {
	event.Text, event.Phase, event.From = printable(event.Text), printable(event.Phase), printable(event.From)
	o.mu.Lock()
	defer o.mu.Unlock()
	if event.At.IsZero() {
		event.At = o.now()
	}
	o.observer.Observe(event)
}

// printable drops what could move the cursor or change the colour of a
// terminal: output of builders and scripts is not to be trusted with it.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case unicode.IsPrint(r):
			return r
		}
		return -1
	}, s)
}
