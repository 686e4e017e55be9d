package resultcache_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/nix/eval"
	"luminousnix/nix/eval/resultcache"
)

// counted counts what is read.
type counted struct {
	eval.Host
	reads *atomic.Int64
}

func (c counted) ReadFile(path string) ([]byte, error) {
	c.reads.Add(1)
	return c.Host.ReadFile(path)
}

func (c counted) ReadDir(path string) ([]fs.DirEntry, error) {
	c.reads.Add(1)
	return c.Host.ReadDir(path)
}

// A file that was touched is read until it is old enough, and then once more.
func TestRefreshed(t *testing.T) {
	t.Parallel()
	const old = 2100 * time.Millisecond
	dir := private(t)
	path := filepath.Join(dir, "file")
	c := open(t, filepath.Join(dir, "results"), resultcache.Options{})
	in := counted{reads: new(atomic.Int64)}
	var got []int64
	reads := func() {
		in.reads.Store(0)
		result, miss, err := c.Find(t.Context(), []byte("key"), in, nil)
		must(t, err)
		if string(result) != "result" {
			t.Fatalf("missed: %v", miss)
		}
		got = append(got, in.reads.Load())
	}
	write(t, path, "content")
	time.Sleep(old)
	must(t, c.Put(t.Context(), []byte("key"), readOf(t, path), []byte("result")))
	reads()
	must(t, os.Chtimes(path, time.Now(), time.Now()))
	reads()
	reads()
	time.Sleep(old)
	reads()
	reads()
	if diff := cmp.Diff([]int64{0, 1, 1, 1, 0}, got); diff != "" {
		t.Errorf("reads (-want +got):\n%s", diff)
	}
	stats, err := c.Stats(t.Context())
	must(t, err)
	if stats.Entries != 1 {
		t.Errorf("%d entries", stats.Entries)
	}
}
