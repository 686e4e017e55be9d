package evaluation

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"luminousnix/nix/daemon"
	"luminousnix/nix/eval/resultcache"
	"luminousnix/nix/eval/trace"
	"luminousnix/nix/store"
)

// kept is a result as it is kept.
type kept struct {
	Derivations []Derivation `json:"derivations,omitempty"`
	Values      [][]byte     `json:"values,omitempty"` // not always UTF-8
	Messages    []byte       `json:"messages,omitempty"`
}

// cached evaluates only if something has changed since the last time. Whatever is
// wrong with the cache, the evaluation is done: it is then only slower.
func (n *Native) cached(ctx context.Context, r Request) (*Result, error) {
	cache, err := openCache(ctx, n.CacheFile)
	if err != nil {
		return n.evaluate(ctx, r, nil)
	}
	defer cache.Close()
	key := n.key(r)
	hit := &hit{run: &run{Native: n, request: r, result: &Result{Backend: "native", Cached: true}}}
	defer hit.close()
	_, miss, err := cache.Find(ctx, key, n.inputs(&r), func(content []byte) (bool, error) { return hit.accept(ctx, content) })
	if err == nil && miss == nil {
		return hit.result, hit.finish(ctx)
	}
	recorder := trace.NewRecorder(n.inputs(&r), trace.Options{StoreDir: n.Host.StoreDir})
	result, err := n.evaluate(ctx, r, recorder)
	if result == nil || err != nil {
		return result, err
	}
	if miss != nil && miss.Reason != resultcache.Unknown {
		result.Missed = miss.String()
	}
	result.Trace = recorder.Trace()
	if result.keepable && result.Trace.Storable() {
		content, err := json.Marshal(result.kept())
		if err == nil {
			_ = cache.Put(ctx, key, result.Trace, content) // the result is there all the same
		}
	}
	return result, nil
}

// openCache opens the database, in a folder that is made for its owner if need be.
func openCache(ctx context.Context, file string) (*resultcache.Cache, error) {
	cache, err := resultcache.Open(ctx, file, resultcache.Options{})
	if err == nil {
		return cache, nil
	}
	if _, missing := os.Stat(filepath.Dir(file)); missing == nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return nil, err
	}
	return resultcache.Open(ctx, file, resultcache.Options{})
}

// Kept is how many results of evaluations a file holds, and in how many bytes; none
// if there is no such file.
func Kept(ctx context.Context, file string) (entries int, bytes int64, err error) {
	err = withCache(ctx, file, func(cache *resultcache.Cache) error {
		stats, err := cache.Stats(ctx)
		entries, bytes = stats.Entries, stats.Bytes
		return err
	})
	return entries, bytes, err
}

// Forget deletes all results of evaluations that a file holds.
func Forget(ctx context.Context, file string) error {
	return withCache(ctx, file, func(cache *resultcache.Cache) error { return cache.Clear(ctx) })
}

// withCache opens the database if there is one.
func withCache(ctx context.Context, file string, do func(*resultcache.Cache) error) error {
	if _, err := os.Lstat(file); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	cache, err := resultcache.Open(ctx, file, resultcache.Options{})
	if err != nil {
		return err
	}
	return errors.Join(do(cache), cache.Close())
}

// key is a digest of everything that a result depends on and that is not in its
// trace: the request, the store, and this program.
func (n *Native) key(r Request) []byte {
	r.Stderr, r.NoCache, r.Link, r.Made = nil, false, "", nil
	r.ShowTrace, r.Settings, r.DownloadTTL = false, nil, 0 // these change no result
	r.MaxMemory, r.Workers = 0, 0
	h := sha256.New()
	// %#v writes strings with quotes, so different requests are different text.
	fmt.Fprintf(h, "%#v\n%q %v %q\n", r, n.Host.StoreDir, n.Dry, ThisSystem())
	if self, err := os.Stat("/proc/self/exe"); err == nil {
		program, _ := os.Readlink("/proc/self/exe") // the size and time would do
		fmt.Fprintf(h, "%q %d %d", program, self.Size(), self.ModTime().UnixNano())
	}
	return h.Sum(nil)
}

func (r *Result) kept() kept {
	k := kept{Messages: r.Messages}
	for _, text := range r.Values {
		k.Values = append(k.Values, []byte(text))
	}
	for _, d := range r.Derivations {
		d.Link = ""
		k.Derivations = append(k.Derivations, d)
	}
	return k
}

// hit is a result that was kept, on its way to be used.
type hit struct{ *run }

func (h *hit) close() {
	if h.conn != nil {
		h.conn.Close()
	}
}

// accept says whether a result can be used: derivations that were written must be
// in the store still. They are kept from being collected from now on.
func (h *hit) accept(ctx context.Context, content []byte) (bool, error) {
	var k kept
	if err := json.Unmarshal(content, &k); err != nil {
		return false, nil // from another version
	}
	if h.request.Write && !h.Dry && h.request.Want == Derivations {
		if ok, err := h.hold(ctx, k.Derivations); !ok {
			return false, err
		}
	}
	h.result.Derivations, h.result.Messages = k.Derivations, k.Messages
	for _, text := range k.Values {
		h.result.Values = append(h.result.Values, string(text))
	}
	return true, nil
}

// hold makes temporary roots of the derivations and says whether all are valid.
// Nobody is asked about those that are not there even.
func (h *hit) hold(ctx context.Context, derivations []Derivation) (bool, error) {
	paths := make([]store.Path, len(derivations))
	for i, d := range derivations {
		paths[i] = d.Path
		if _, err := os.Lstat(string(d.Path)); err != nil {
			return false, nil
		}
	}
	if h.conn == nil {
		conn, err := h.dial(ctx)
		if err != nil {
			return false, err
		}
		h.conn = conn
	}
	return holdAll(ctx, h.conn, paths)
}

func holdAll(ctx context.Context, conn *daemon.Conn, paths []store.Path) (bool, error) {
	for _, p := range paths {
		if err := conn.AddTempRoot(ctx, p); err != nil {
			return false, err
		}
	}
	valid, err := conn.ValidPaths(ctx, paths, false)
	if err != nil {
		return false, err
	}
	distinct := make(map[store.Path]bool, len(paths))
	for _, p := range paths {
		distinct[p] = true
	}
	return len(valid) == len(distinct), nil
}

// finish makes the links and repeats what was said.
func (h *hit) finish(ctx context.Context) error {
	if h.request.Stderr != nil {
		if _, err := h.request.Stderr.Write(h.result.Messages); err != nil {
			return err
		}
	}
	for i := range h.result.Derivations {
		if err := h.link(ctx, i); err != nil {
			return err
		}
	}
	return nil
}
