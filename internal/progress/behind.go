package progress

import (
	"sync"

	"luminousnix/internal/operation"
)

const (
	// enough is how many events may wait until those are left out that others make up for:
	// progress, logs, estimates.
	enough = 512
	// most is how many may wait at all.
	most = 8192
)

// Behind passes events on to an observer that may take its time. It is an
// [operation.Observer] that never waits: when events come faster than they are taken, some
// are left out.
type Behind struct {
	to operation.Observer

	mu      sync.Mutex
	settled sync.Cond
	queue   []operation.Event
	passing bool // a goroutine passes them on
	lost    int
}

// NewBehind returns one before an observer.
func NewBehind(to operation.Observer) *Behind {
	b := &Behind{to: to}
	b.settled.L = &b.mu
	return b
}

// Observe implements [operation.Observer].
func (b *Behind) Observe(e operation.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.queue) >= most || len(b.queue) >= enough && spared(e.Kind) {
		b.lost++
		return
	}
	b.queue = append(b.queue, e)
	if !b.passing {
		b.passing = true
		go b.pass()
	}
}

// spared reports whether others make up for an event.
func spared(k operation.EventKind) bool {
	switch k {
	case operation.EventProgress, operation.EventLog, operation.EventEstimate, operation.EventStage:
		return true
	}
	return false
}

func (b *Behind) pass() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.queue) > 0 {
		events := b.queue
		b.queue = nil
		b.mu.Unlock()
		for _, e := range events {
			b.to.Observe(e)
		}
		b.mu.Lock()
	}
	b.passing = false
	b.settled.Broadcast()
}

// Settle waits until all events have been passed on.
func (b *Behind) Settle() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.passing {
		b.settled.Wait()
	}
}

// Lost is how many events were left out.
func (b *Behind) Lost() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.lost
}
