// Package binarycache serves a signed binary cache to a testbed's Nix over HTTP
// on the loopback interface, with faults on demand.
//
// The cache comes first, because a daemon has to be started with its address and
// its key. Paths are put in from the bed itself: they carry the name of its store's
// directory, so no other bed could take them out.
//
//	cache := binarycache.New(t)
//	nix := testbed.NewWith(t, testbed.Options{Settings: cache.Settings()})
//	err := cache.Push(ctx, nix, path)        // path is built, signed and copied
//	// nix-store --delete path
//	cache.SetFaults(binarycache.Faults{CutAfter: 1000})
//	// nix-store --realise path              // is substituted, over several connections
package binarycache

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"luminousnix/internal/testbed"
)

// Cache is a running server and the directory that it serves. Its methods may be
// called from several goroutines.
type Cache struct {
	Dir       string // nix-cache-info, *.narinfo and nar/; empty at first
	URL       string // http://127.0.0.1:PORT
	PublicKey string // NAME:BASE64, as in trusted-public-keys
	KeyFile   string // the secret key, as in secret-key-files
	// Compression of what Push adds: xz, zstd, none and so on; empty for Nix's
	// own choice, xz.
	Compression string

	closing chan struct{} // closed when stalled answers are to end

	mu       sync.Mutex
	faults   Faults
	matched  int // requests that the present faults are for
	requests []Request
}

// Request is one that the server got.
type Request struct {
	Method string
	Path   string // /nix-cache-info, /HASH.narinfo or /nar/FILE
	Range  string // the header; empty for the whole file
}

// New starts a server of an empty cache with a new key for one test. It ends, and
// the files go, with the test.
func New(tb testing.TB) *Cache {
	tb.Helper()
	dir := tb.TempDir()
	c := &Cache{
		Dir:     filepath.Join(dir, "cache"),
		KeyFile: filepath.Join(dir, "secret-key"),
		closing: make(chan struct{}),
	}
	if err := c.makeKey(); err != nil {
		tb.Fatalf("binarycache: %v", err)
	}
	if err := os.Mkdir(c.Dir, 0o755); err != nil {
		tb.Fatalf("binarycache: %v", err)
	}
	server := httptest.NewServer(c.handler())
	c.URL = server.URL
	tb.Cleanup(func() {
		close(c.closing)
		server.CloseClientConnections()
		server.Close()
	})
	return c
}

// keyName is the part of a key and of a signature before the colon.
const keyName = "testbed-1"

// makeKey makes a pair of the form that `nix key generate-secret` gives: a secret
// key is 64 bytes, the seed and the public key.
func (c *Cache) makeKey() error {
	public, secret, err := ed25519.GenerateKey(nil)
	if err != nil {
		return err
	}
	c.PublicKey = keyName + ":" + base64.StdEncoding.EncodeToString(public)
	text := keyName + ":" + base64.StdEncoding.EncodeToString(secret)
	return os.WriteFile(c.KeyFile, []byte(text), 0o600)
}

// Settings are lines of nix.conf that make this cache a bed's only substituter.
// The limits are short, so that faults are noticed within seconds. They have to be
// in the daemon's own nix.conf: the daemon of Nix 2.8 takes no limits from
// clients. What the cache has is not remembered, because tests change it.
func (c *Cache) Settings() string {
	return fmt.Sprintf(`substituters = %s
trusted-public-keys = %s
connect-timeout = 2
stalled-download-timeout = 1
download-attempts = 3
narinfo-cache-positive-ttl = 0
narinfo-cache-negative-ttl = 0
`, c.URL, c.PublicKey)
}

// Push copies paths with their closures from the bed's store into the cache, and
// signs them. A copy that fails is a *testbed.CommandError.
func (c *Cache) Push(ctx context.Context, n *testbed.Nix, paths ...string) error {
	// Without WantMassQuery Nix asks a cache for what it builds only.
	about := fmt.Sprintf("StoreDir: %s\nWantMassQuery: 1\nPriority: 40\n", n.StoreDir)
	if err := os.WriteFile(filepath.Join(c.Dir, "nix-cache-info"), []byte(about), 0o644); err != nil {
		return fmt.Errorf("binarycache: %w", err)
	}
	query := url.Values{"secret-key": {c.KeyFile}}
	if c.Compression != "" {
		query.Set("compression", c.Compression)
	}
	args := append([]string{"copy", "--to", "file://" + c.Dir + "?" + query.Encode()}, paths...)
	cmd := n.Command(ctx, "nix", args...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		return &testbed.CommandError{Args: cmd.Args, Stderr: stderr.String(), Err: err}
	}
	return nil
}

// SetFaults makes all requests from now on go wrong as f says. The zero value
// makes the cache a good one again.
func (c *Cache) SetFaults(f Faults) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults = f
	c.matched = 0
}

// Requests are those that have come so far, in order.
func (c *Cache) Requests() []Request {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]Request(nil), c.requests...)
}

// handler serves Dir, through the faults.
func (c *Cache) handler() http.Handler {
	files := http.FileServer(http.Dir(c.Dir))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f, refuse := c.arrive(r)
		if f == nil {
			files.ServeHTTP(w, r)
			return
		}
		if !c.pause(r.Context(), f.Latency) {
			panic(http.ErrAbortHandler)
		}
		if refuse {
			http.Error(w, "a fault of the test", http.StatusInternalServerError)
			return
		}
		files.ServeHTTP(&faultyWriter{ResponseWriter: w, faults: f, hold: func() { c.pause(r.Context(), forever) }}, r)
	})
}

// arrive takes note of a request. It returns the faults that are for it, nil if
// there are none, and whether it is one of those that get status 500.
func (c *Cache) arrive(r *http.Request) (f *Faults, refuse bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests = append(c.requests, Request{Method: r.Method, Path: r.URL.Path, Range: r.Header.Get("Range")})
	faults := c.faults
	if !strings.HasPrefix(r.URL.Path, faults.Path) {
		return nil, false
	}
	before := int(float64(c.matched) * faults.ErrorRate)
	c.matched++
	return &faults, int(float64(c.matched)*faults.ErrorRate) > before
}
