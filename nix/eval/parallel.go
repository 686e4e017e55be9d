package eval

import (
	"context"
	"sync"
)

// parked knows which workers wait for thunks that others evaluate.
type parked struct {
	mu     sync.Mutex
	wakeup *sync.Cond
	last   tag            // owner bits of the worker that was made last
	waits  map[tag]*Thunk // by owner bits of the one who waits
}

func (p *parked) init() {
	p.wakeup = sync.NewCond(&p.mu)
	p.waits = make(map[tag]*Thunk)
}

// worker returns a worker for one call of a public method. Its number is that of
// no other, but for one that is 8 million calls older.
func (ev *Evaluator) worker(ctx context.Context) *worker {
	w := &worker{Evaluator: ev, ctx: ctx}
	if ev.options.Parallel {
		ev.parked.mu.Lock()
		ev.parked.last += ownerBit
		w.id = ev.parked.last
		ev.parked.mu.Unlock()
	}
	return w
}

// wait waits until nobody evaluates t any more, which was found in the given
// state. It fails if that would never be, since who does so waits for this worker,
// and when the worker's own context ends.
func (w *worker) wait(t *Thunk, state tag, pos Pos) error {
	if state&ownerMask == w.id {
		return w.infiniteRecursion(t, pos)
	}
	p := &w.parked
	p.mu.Lock()
	defer p.mu.Unlock()
	watched := false // whether the end of the context wakes this worker
	for {
		state := t.state()
		if state&stateMask != tagBlackhole {
			return nil
		}
		if state&waitedFor == 0 && !t.markWaited(state) {
			continue
		}
		if p.endless(w.id, t) {
			return w.infiniteRecursion(t, pos)
		}
		if err := w.interruptedNow(); err != nil {
			return err
		}
		if !watched {
			watched = true
			defer context.AfterFunc(w.ctx, p.wake)()
		}
		p.waits[w.id] = t
		p.wakeup.Wait()
		delete(p.waits, w.id)
	}
}

// endless says whether the worker would wait for itself if it waited for t.
func (p *parked) endless(id tag, t *Thunk) bool {
	for t != nil {
		state := t.state()
		if state&stateMask != tagBlackhole {
			return false
		}
		if state&ownerMask == id {
			return true
		}
		t = p.waits[state&ownerMask]
	}
	return false
}

// wake has all who wait look again.
func (p *parked) wake() {
	p.mu.Lock()
	p.wakeup.Broadcast()
	p.mu.Unlock()
}
