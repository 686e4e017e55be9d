package resultcache_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"luminousnix/nix/eval"
	"luminousnix/nix/eval/resultcache"
	"luminousnix/nix/eval/trace"
)

// BenchmarkFind opens a cache of 200 results as large as those of a NixOS system,
// and finds one of which nothing changed.
func BenchmarkFind(b *testing.B) {
	dir := private(b)
	for i := range 1500 {
		path := filepath.Join(dir, fmt.Sprint("package", i), "default.nix")
		must(b, os.Mkdir(filepath.Dir(path), 0o777))
		write(b, path, fmt.Sprint(i))
	}
	time.Sleep(2100 * time.Millisecond)
	recorder := trace.NewRecorder(eval.Host{}, trace.Options{})
	for i := range 1500 {
		path := filepath.Join(dir, fmt.Sprint("package", i), "default.nix")
		for _, path := range []string{filepath.Dir(path), path} {
			_, err := recorder.Lstat(path)
			must(b, err)
		}
		_, err := recorder.ReadFile(path)
		must(b, err)
	}
	read := recorder.Trace()
	path := filepath.Join(dir, "results")
	c, err := resultcache.Open(b.Context(), path, resultcache.Options{})
	must(b, err)
	for i := range 200 {
		must(b, c.Put(b.Context(), fmt.Append(nil, "key", i), read, []byte("result")))
	}
	must(b, c.Close())

	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			c, err := resultcache.Open(b.Context(), path, resultcache.Options{})
			must(b, err)
			must(b, c.Close())
		}
	})
	b.Run("lookup", func(b *testing.B) {
		for b.Loop() {
			c, err := resultcache.Open(b.Context(), path, resultcache.Options{})
			must(b, err)
			entries, err := c.Lookup(b.Context(), []byte("key7"))
			if len(entries) != 1 || err != nil {
				b.Fatal(entries, err)
			}
			must(b, c.Close())
		}
	})
	b.Run("find", func(b *testing.B) {
		for b.Loop() {
			c, err := resultcache.Open(b.Context(), path, resultcache.Options{})
			must(b, err)
			if _, miss, err := c.Find(b.Context(), []byte("key7"), eval.Host{}, nil); miss != nil || err != nil {
				b.Fatal(miss, err)
			}
			must(b, c.Close())
		}
	})
	b.Run("put", func(b *testing.B) {
		c := open(b, path, resultcache.Options{})
		for b.Loop() {
			must(b, c.Put(b.Context(), []byte("key7"), read, []byte("result")))
		}
	})
}
