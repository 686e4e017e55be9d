package build

import (
	"context"
	"sync"
	"time"

	"luminousnix/internal/eta"
	"luminousnix/internal/operation"
	"luminousnix/nix/daemon"
)

const (
	// estimateEvery is how often it is foretold anew at most how long it takes, and at
	// least while something goes on.
	estimateEvery = time.Second
	// estimateCost is what part of the time that may take.
	estimateCost = 30
)

// Expect says what is missing of what is built next, so that it can be told how far that is
// and how long it takes.
func (s *Session) Expect(ctx context.Context, missing *daemon.Missing) {
	if len(missing.WillBuild)+len(missing.WillSubstitute) == 0 {
		return
	}
	p := planFor(ctx, s.host, s.how, missing)
	s.watch.mu.Lock()
	defer s.watch.mu.Unlock()
	s.watch.plan = p
}

// observed runs a build, and tells meanwhile how long it takes, and if the daemon seems to
// hang; afterwards it keeps how long it took.
func (s *Session) observed(ctx context.Context, do func() error) error {
	ctx, cancel := context.WithCancel(ctx)
	var beside sync.WaitGroup
	beside.Go(func() { s.suspect(ctx) })
	if s.watch.expect() {
		beside.Go(func() { s.watch.foretell(ctx) })
	}
	err := do()
	cancel()
	beside.Wait()
	s.remember(context.WithoutCancel(ctx))
	return err
}

// expect tells what is going to be done; false if that is not known.
func (w *watch) expect() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.plan == nil {
		return false
	}
	w.observer.Observe(operation.Event{Kind: operation.EventExpect, Expect: &w.plan.expected})
	return true
}

// foretell tells how long it takes, until the context ends.
func (w *watch) foretell(ctx context.Context) {
	for {
		began := time.Now()
		w.estimate()
		pause := max(estimateEvery, estimateCost*time.Since(began))
		select {
		case <-ctx.Done():
			w.mu.Lock()
			w.plan = nil
			w.mu.Unlock()
			return
		case <-time.After(pause):
		}
	}
}

// estimate tells how long it takes now. The daemon is not kept waiting while that is found
// out.
func (w *watch) estimate() {
	w.mu.Lock()
	p, now := w.plan, w.now()
	at := p.tasks.Start()
	for path, took := range w.tally.took {
		if n, ok := p.number[path]; ok {
			at.Elapsed[n], at.Took[n] = eta.Done, took
		}
	}
	for _, r := range w.running {
		// What is left of downloads is told by the bytes that have come.
		if n, ok := p.number[r.path]; ok && r.kind == operation.Building {
			at.Elapsed[n] = now.Sub(r.began).Seconds()
		}
	}
	bytes, took := w.tally.transferred(w.running, now)
	w.mu.Unlock()
	left, ok := p.left(at, bytes, took.Seconds())
	if !ok {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.observer.Observe(operation.Event{Kind: operation.EventEstimate, Estimate: told(left)})
}

// remember keeps how long builds took, and how fast downloads came. What cannot be kept is
// not known next time.
func (s *Session) remember(ctx context.Context) {
	w := s.watch
	w.mu.Lock()
	builds := w.tally.builds
	bytes, took := w.tally.transferred(w.running, w.now())
	w.tally = tally{took: w.tally.took}
	w.mu.Unlock()
	const little = 256 << 10 // bytes; of so few the time is that of asking for them
	if len(builds) == 0 && bytes < little {
		return
	}
	db, err := history(ctx, s.host)
	if err != nil {
		return
	}
	err = db.Add(ctx, builds)
	if err == nil && bytes >= little {
		err = db.AddTransfer(ctx, bytes, took, w.now())
	}
	db.Close()
	_ = HistoryOf(s.host).Recover(err)
}
