// Package fetch downloads files for an evaluation and keeps them in a cache.
//
// A Fetcher takes http, https and file URLs. What it downloaded lies below one
// directory by its SHA-256, and is not asked for again for an hour (Nix's
// tarball-ttl); after that the server is asked whether it has changed, by ETag
// or date. While a server cannot be reached, the last copy is used, with a
// warning. Several processes may share a directory: files appear whole or not at
// all, and never change. What was not used for a month is deleted.
//
// A file URL is not copied: the file itself is what was downloaded.
package fetch

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"luminousnix/nix/eval"
	"luminousnix/nix/network"
	"luminousnix/nix/store"
)

// Options say where and how to download. The zero value needs a CacheDir, and
// takes sensible limits for all else.
type Options struct {
	// CacheDir is the directory for downloads; it is created.
	CacheDir string
	// Client makes the requests; one with sensible time limits if nil. Its
	// CheckRedirect is not used.
	Client *http.Client
	// TTL is how long a download is taken as it is, without asking the server;
	// an hour if 0, never if negative.
	TTL time.Duration
	// Tries is how often a request is made that fails for reasons that may pass;
	// 4 if 0. Delay is how long to wait after the first, and twice as long after
	// each further one; 250 ms if 0.
	Tries int
	Delay time.Duration
	// Stall is how long nothing may arrive before the connection counts as
	// broken; a minute if 0.
	Stall time.Duration
	// MaxBytes is how large a file may be; 16 GiB if 0.
	MaxBytes int64
	// Offline makes no requests: what is in the cache is used, however old.
	Offline bool
	// Warnings takes lines about copies that may be out of date, and about
	// requests that are repeated; nil discards them.
	Warnings io.Writer
}

func (o Options) withDefaults() Options {
	if o.Client == nil {
		o.Client = &http.Client{Transport: network.NewTransport()}
	}
	if o.TTL == 0 {
		o.TTL = time.Hour
	}
	if o.Tries == 0 {
		o.Tries = 4
	}
	if o.Delay == 0 {
		o.Delay = 250 * time.Millisecond
	}
	if o.Stall == 0 {
		o.Stall = time.Minute
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = 16 << 30
	}
	if o.Warnings == nil {
		o.Warnings = io.Discard
	}
	return o
}

// Fetcher downloads files. It is an eval.Downloader. Its methods may be called by
// several goroutines.
type Fetcher struct {
	options Options

	mu      sync.Mutex
	busy    map[string]chan struct{} // by key: closed when its download has ended
	warning sync.Mutex
}

var _ eval.Downloader = (*Fetcher)(nil)

// New returns a Fetcher. Nothing is read or written yet.
func New(options Options) *Fetcher {
	return &Fetcher{options: options.withDefaults(), busy: make(map[string]chan struct{})}
}

// Download fetches what is at a URL, or takes it from the cache. The file stays
// for as long as somebody could still want it, and nobody may change it. Errors
// are a *StatusError, *NetworkError or *LimitError, an eval.NotSupportedError for
// other kinds of URL, ctx's, or one of the file system. errors.Is(err,
// fs.ErrNotExist) says that there is no such file.
func (f *Fetcher) Download(ctx context.Context, address string) (eval.Download, error) {
	u, err := url.Parse(address)
	if err != nil {
		return eval.Download{}, &AddressError{why: "is not valid"}
	}
	switch u.Scheme {
	case "file":
		return localFile(ctx, u)
	case "http", "https":
	case "":
		return eval.Download{}, &AddressError{shown(u), "doesn't have a scheme"}
	default:
		return eval.Download{}, &eval.NotSupportedError{Builtin: "fetchTree"}
	}
	if u.Host == "" {
		return eval.Download{}, &AddressError{shown(u), "names no host"}
	}
	return f.remote(ctx, u.ResolveReference(u)) // without . and ..
}

// remote answers from the cache or the network, one goroutine and one process at
// a time for each URL.
func (f *Fetcher) remote(ctx context.Context, u *url.URL) (eval.Download, error) {
	key := keyOf(u)
	free, err := f.claim(ctx, key)
	if err != nil {
		return eval.Download{}, err
	}
	defer free()
	if err := os.MkdirAll(f.options.CacheDir, 0o700); err != nil {
		return eval.Download{}, err
	}
	c := cache(f.options.CacheDir)
	entry, known := c.entry(key)
	if known && f.fresh(entry) {
		return c.download(entry)
	}
	unlock, err := lock(ctx, filepath.Join(f.options.CacheDir, key+".lock"))
	if err != nil {
		return eval.Download{}, err
	}
	defer unlock()
	// Another process may have been quicker.
	if entry, known = c.entry(key); known && f.fresh(entry) {
		return c.download(entry)
	}
	return f.update(ctx, u, c, key, entry, known)
}

func (f *Fetcher) fresh(e entry) bool {
	age := time.Since(e.Checked)
	return f.options.Offline || age >= 0 && age < f.options.TTL
}

// update asks the server, which may say that old is still what it has.
func (f *Fetcher) update(ctx context.Context, u *url.URL, c cache, key string, old entry, known bool) (eval.Download, error) {
	var err error
	var now entry
	if f.options.Offline {
		err = &NetworkError{shown(u), ErrOffline}
	} else {
		now, err = f.request(ctx, u, c, old)
	}
	switch {
	case err == nil:
		if err := c.put(key, now); err != nil {
			return eval.Download{}, err
		}
		if !known || now.Hash != old.Hash {
			c.prune(time.Now())
		}
		return c.download(now)
	case known && ctx.Err() == nil && unreachable(err):
		f.warn("%v; using the copy of %s", err, old.Checked.Local().Format("2006-01-02 15:04"))
		return c.download(old)
	}
	return eval.Download{}, err
}

// claim waits until no other goroutine works on a key. free lets the next one.
func (f *Fetcher) claim(ctx context.Context, key string) (free func(), err error) {
	for {
		f.mu.Lock()
		done, taken := f.busy[key]
		if !taken {
			done = make(chan struct{})
			f.busy[key] = done
		}
		f.mu.Unlock()
		if !taken {
			return func() {
				f.mu.Lock()
				delete(f.busy, key)
				f.mu.Unlock()
				close(done)
			}, nil
		}
		select {
		case <-done:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// sum hashes what is read from r.
func sum(r io.Reader) (store.Hash, int64, error) {
	h := store.SHA256.New()
	n, err := io.Copy(h, r)
	if err != nil {
		return store.Hash{}, 0, err
	}
	hash, err := store.NewHash(store.SHA256, h.Sum(nil))
	return hash, n, err
}
