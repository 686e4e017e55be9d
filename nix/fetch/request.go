package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

const (
	maxRedirects = 10
	// maxWait is how long a server may make a client wait with Retry-After.
	maxWait = 30 * time.Second
)

// request asks for a URL until there is an answer that will stay.
func (f *Fetcher) request(ctx context.Context, u *url.URL, c cache, old entry) (entry, error) {
	for try := 1; ; try++ {
		now, wait, err := f.attempt(ctx, u, c, old)
		if ctx.Err() != nil {
			return entry{}, ctx.Err()
		}
		if err == nil || !Passing(err) || try >= f.options.Tries {
			return now, err
		}
		backoff := f.options.Delay << (try - 1)
		backoff += rand.N(backoff/4 + 1)
		wait = max(backoff, min(wait, maxWait))
		f.warn("%v; trying again in %v (%d of %d)", err, wait.Round(time.Millisecond), try+1, f.options.Tries)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return entry{}, ctx.Err()
		}
	}
}

// attempt makes one request. wait is how long the server wants to be left alone.
func (f *Fetcher) attempt(ctx context.Context, u *url.URL, c cache, old entry) (now entry, wait time.Duration, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stalled := time.AfterFunc(f.options.Stall, func() { cancel(errStalled) })
	defer stalled.Stop()

	r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return entry{}, 0, &AddressError{shown(u), "cannot be asked for"}
	}
	r.Header.Set("User-Agent", "ask-nix")
	if old.ETag != "" {
		r.Header.Set("If-None-Match", old.ETag)
	} else if old.LastModified != "" {
		r.Header.Set("If-Modified-Since", old.LastModified)
	}
	answer, err := f.client().Do(r)
	if err != nil {
		return entry{}, 0, f.networkError(ctx, u, err)
	}
	defer answer.Body.Close()
	switch {
	case answer.StatusCode == http.StatusNotModified && old.known():
		now, err = c.renew(old)
		return now, 0, err
	case answer.StatusCode != http.StatusOK:
		return entry{}, retryAfter(answer.Header), &StatusError{shown(u), answer.StatusCode}
	}
	body := &progressReader{answer.Body, stalled, f.options.Stall}
	now, err = c.save(body, f.options.MaxBytes)
	now.ETag, now.LastModified = answer.Header.Get("ETag"), answer.Header.Get("Last-Modified")
	var read *readError
	switch {
	case errors.As(err, &read):
		return entry{}, 0, f.networkError(ctx, u, read.error)
	case errors.Is(err, errTooLarge):
		return entry{}, 0, &LimitError{shown(u), f.options.MaxBytes}
	}
	return now, 0, err
}

// client is the one of the options, with our rules for redirects.
func (f *Fetcher) client() *http.Client {
	c := *f.options.Client
	c.CheckRedirect = func(next *http.Request, via []*http.Request) error {
		if len(via) > maxRedirects {
			return errRedirects
		}
		from, to := via[len(via)-1].URL.Scheme, next.URL.Scheme
		if to != "https" && (to != "http" || from != "http") {
			return errRedirect
		}
		return nil
	}
	return &c
}

func (f *Fetcher) networkError(ctx context.Context, u *url.URL, err error) error {
	if errors.Is(context.Cause(ctx), errStalled) {
		err = errStalled
	}
	return &NetworkError{shown(u), reason(err)}
}

func retryAfter(h http.Header) time.Duration {
	value := h.Get("Retry-After")
	if seconds, err := strconv.Atoi(value); err == nil && seconds >= 0 && seconds < 1<<20 {
		return time.Duration(seconds) * time.Second
	}
	if when, err := http.ParseTime(value); err == nil {
		return max(0, time.Until(when))
	}
	return 0
}

func (f *Fetcher) warn(format string, args ...any) {
	f.warning.Lock()
	defer f.warning.Unlock()
	fmt.Fprintf(f.options.Warnings, "warning: "+format+"\n", args...)
}

// progressReader puts off a timer whenever something arrives.
type progressReader struct {
	io.Reader
	timer *time.Timer
	limit time.Duration
}

func (r *progressReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if n > 0 {
		r.timer.Reset(r.limit)
	}
	return n, err
}
