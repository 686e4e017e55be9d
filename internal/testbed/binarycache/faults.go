package binarycache

import (
	"context"
	"math"
	"net/http"
	"time"
)

// Faults are what goes wrong with answers. They may be combined.
type Faults struct {
	// Path limits them to requests whose path begins so: "/nar/" leaves the
	// descriptions of paths alone. Empty means all.
	Path string
	// Latency passes before each answer begins.
	Latency time.Duration
	// ErrorRate is the share of requests, 0 to 1, that get status 500. They are
	// evenly spread: with 0.3 it is the fourth, seventh and tenth of ten.
	ErrorRate float64
	// CutAfter drops the connection after so many bytes of a body; 0 is never.
	// A client that resumes gets as many again.
	CutAfter int64
	// StallAfter sends no more after so many bytes of a body, but keeps the
	// connection; 0 is never.
	StallAfter int64
	// Silent keeps the connection without answering at all.
	Silent bool
	// FlipAt changes one bit of the byte with this number, counted from 1, in
	// each body; 0 is none.
	FlipAt int64
}

const forever = time.Duration(math.MaxInt64)

// pause waits. It reports false if the client or the test has ended meanwhile.
func (c *Cache) pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
	case <-c.closing:
	}
	return false
}

// faultyWriter spoils one answer. It has no ReadFrom, or the file's bytes would
// go past it.
type faultyWriter struct {
	http.ResponseWriter
	faults *Faults
	hold   func() // waits for the end of the connection
	sent   int64  // bytes of the body
}

// Unwrap is for http.ResponseController.
func (w *faultyWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *faultyWriter) WriteHeader(status int) {
	if w.faults.Silent {
		w.hold()
		panic(http.ErrAbortHandler)
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *faultyWriter) Write(data []byte) (int, error) {
	f := w.faults
	if at := f.FlipAt - 1 - w.sent; f.FlipAt > 0 && at >= 0 && at < int64(len(data)) {
		data = append([]byte(nil), data...)
		data[at] ^= 1
	}
	limit := firstLimit(f.CutAfter, f.StallAfter)
	if limit == 0 || w.sent+int64(len(data)) < limit {
		n, err := w.ResponseWriter.Write(data)
		w.sent += int64(n)
		return n, err
	}
	// What was promised has to arrive before it ends.
	if _, err := w.ResponseWriter.Write(data[:limit-w.sent]); err == nil {
		_ = http.NewResponseController(w.ResponseWriter).Flush()
	}
	if limit != f.CutAfter {
		w.hold()
	}
	panic(http.ErrAbortHandler)
}

// firstLimit is the smaller one of two limits, of which 0 is none.
func firstLimit(a, b int64) int64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}
