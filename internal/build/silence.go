package build

import (
	"context"
	"errors"
	"time"

	"luminousnix/internal/host"
	"luminousnix/internal/operation"
)

// suspicious is how many times the patience for an answer the daemon may say nothing in a
// build before it is asked whether it is still there.
const suspicious = 6

// hangs is what people are told of a daemon that seems to.
const hangs = "the Nix daemon says nothing, and answers nobody else either: it may hang. " +
	"Ctrl-C ends the waiting; sudo systemctl restart nix-daemon starts it anew"

// suspect warns of a daemon that seems to hang, once for each silence, until the context ends.
// A build may be silent for hours, so that only a daemon that does not greet others either is
// suspected.
func (s *Session) suspect(ctx context.Context) {
	if s.host.Patience <= 0 || s.host.Substituted() != "" {
		return
	}
	limit, warned := suspicious*s.host.Patience, time.Time{}
	s.watch.ask()
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(limit / 2):
		}
		heard := s.watch.lastHeard()
		if !heard.Equal(warned) && time.Since(heard) >= limit && errors.Is(s.host.Greet(ctx), host.ErrSilent) {
			s.watch.warn(hangs)
			warned = heard
		}
	}
}

// ask notes that the daemon was asked something now.
func (w *watch) ask() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.heard = w.now()
}

// lastHeard is when the daemon said something last, or was asked.
func (w *watch) lastHeard() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.heard
}

func (w *watch) warn(text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.observer.Observe(operation.Event{Kind: operation.EventWarning, Text: text})
}
