package shelf

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"luminousnix/nix/fetch"
)

// A meter watches the requests of a fetcher, one at a time: how much has come, of
// when it is, and whether the server has answered at all, which a fetcher that has
// an old copy makes light of.
type meter struct {
	to         http.RoundTripper
	onProgress func(done, total int64) // may be nil

	modified time.Time // by the last answer, zero if that did not say
	status   int       // of the last answer
	err      error     // why there was none
}

// RoundTrip implements http.RoundTripper.
func (m *meter) RoundTrip(r *http.Request) (*http.Response, error) {
	m.reset()
	answer, err := m.to.RoundTrip(r)
	if err != nil {
		m.err = causeOf(r.Context(), err)
		return nil, err
	}
	m.status = answer.StatusCode
	if modified, err := http.ParseTime(answer.Header.Get("Last-Modified")); err == nil {
		m.modified = modified
	}
	answer.Body = &meteredBody{answer.Body, m, r, 0, max(answer.ContentLength, 0)}
	return answer, nil
}

func (m *meter) reset() { m.modified, m.status, m.err = time.Time{}, 0, nil }

// failure tells why a server has not said what it has now; it is nil if it has, or
// if none was asked.
func (m *meter) failure(address string) error {
	switch {
	case m.err != nil:
		return &fetch.NetworkError{URL: address, Err: m.err}
	case m.status != 0 && m.status != http.StatusOK && m.status != http.StatusNotModified:
		return &fetch.StatusError{URL: address, Code: m.status}
	}
	return nil
}

// causeOf tells why a request was given up rather than that it was.
func causeOf(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

type meteredBody struct {
	io.ReadCloser
	meter       *meter
	request     *http.Request
	done, total int64
}

func (b *meteredBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.done += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		b.meter.err = causeOf(b.request.Context(), err)
	}
	if n > 0 && b.meter.onProgress != nil && b.meter.status == http.StatusOK {
		b.meter.onProgress(b.done, b.total)
	}
	return n, err
}
