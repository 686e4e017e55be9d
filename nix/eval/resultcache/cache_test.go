package resultcache_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/nix/eval"
	"luminousnix/nix/eval/resultcache"
	"luminousnix/nix/eval/trace"
)

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// private is a directory like that of a cache.
func private(tb testing.TB) string {
	tb.Helper()
	dir := filepath.Join(tb.TempDir(), "cache")
	must(tb, os.Mkdir(dir, 0o700))
	return dir
}

func open(tb testing.TB, path string, options resultcache.Options) *resultcache.Cache {
	tb.Helper()
	c, err := resultcache.Open(tb.Context(), path, options)
	must(tb, err)
	tb.Cleanup(func() { must(tb, c.Close()) })
	return c
}

// readOf is the trace of reading a file.
func readOf(tb testing.TB, path string) *trace.Trace {
	tb.Helper()
	recorder := trace.NewRecorder(eval.Host{}, trace.Options{})
	_, err := recorder.ReadFile(path)
	must(tb, err)
	return recorder.Trace()
}

func write(tb testing.TB, path, content string) {
	tb.Helper()
	must(tb, os.WriteFile(path, []byte(content), 0o644))
}

// found is what Find said.
type found struct {
	Result string
	Miss   string
}

func find(tb testing.TB, c *resultcache.Cache, key string, valid func([]byte) (bool, error)) found {
	tb.Helper()
	result, miss, err := c.Find(tb.Context(), []byte(key), eval.Host{}, valid)
	must(tb, err)
	f := found{Result: string(result)}
	if miss != nil {
		f.Miss = miss.String()
	}
	return f
}

func TestFind(t *testing.T) {
	t.Parallel()
	dir := private(t)
	file := filepath.Join(dir, "file")
	c := open(t, filepath.Join(dir, "results"), resultcache.Options{})
	expect := func(want found, valid func([]byte) (bool, error)) {
		t.Helper()
		if diff := cmp.Diff(want, find(t, c, "key", valid)); diff != "" {
			t.Errorf("found (-want +got):\n%s", diff)
		}
	}
	expect(found{Miss: "it was not evaluated before"}, nil)
	write(t, file, "a")
	must(t, c.Put(t.Context(), []byte("key"), readOf(t, file), []byte("result of a")))
	expect(found{Result: "result of a"}, nil)
	if diff := cmp.Diff(found{Miss: "it was not evaluated before"}, find(t, c, "another key", nil)); diff != "" {
		t.Errorf("found (-want +got):\n%s", diff)
	}

	write(t, file, "b")
	expect(found{Miss: file + " changed"}, nil)
	must(t, c.Put(t.Context(), []byte("key"), readOf(t, file), []byte("result of b")))
	expect(found{Result: "result of b"}, nil)
	write(t, file, "a")
	expect(found{Result: "result of a"}, nil)

	// The store does not have the derivation any more.
	asked := ""
	refuse := func(result []byte) (bool, error) { asked += string(result); return false, nil }
	expect(found{Miss: file + " changed"}, refuse) // says what is with the newest
	write(t, file, "b")
	expect(found{Miss: "what it names is not in the store any more"}, refuse)
	if asked != "result of aresult of b" {
		t.Errorf("asked whether valid: %s", asked)
	}
	failure := errors.New("no daemon")
	fail := func([]byte) (bool, error) { return false, failure }
	if _, _, err := c.Find(t.Context(), []byte("key"), eval.Host{}, fail); !errors.Is(err, failure) {
		t.Errorf("error %v", err)
	}
	must(t, os.Remove(file))
	expect(found{Miss: file + " is gone"}, nil)
}

// What is found may have an empty result.
func TestEmptyResult(t *testing.T) {
	t.Parallel()
	c := open(t, filepath.Join(private(t), "results"), resultcache.Options{})
	must(t, c.Put(t.Context(), []byte("key"), new(trace.Trace), nil))
	result, miss, err := c.Find(t.Context(), []byte("key"), eval.Host{}, nil)
	if len(result) != 0 || miss != nil || err != nil {
		t.Errorf("%q, %v, %v", result, miss, err)
	}
}

// Four results are kept under a key, the last used; one that depends on the same
// as another takes its place.
func TestAlternatives(t *testing.T) {
	t.Parallel()
	dir := private(t)
	c := open(t, filepath.Join(dir, "results"), resultcache.Options{})
	put := func(content, result string) {
		write(t, filepath.Join(dir, "file"), content)
		must(t, c.Put(t.Context(), []byte("key"), readOf(t, filepath.Join(dir, "file")), []byte(result)))
	}
	for i := range 6 {
		put(fmt.Sprint(i), fmt.Sprint("result ", i))
	}
	put("4", "result 4 again")
	entries, err := c.Lookup(t.Context(), []byte("key"))
	must(t, err)
	var got []string
	for _, e := range entries {
		got = append(got, string(e.Result))
	}
	want := []string{"result 4 again", "result 5", "result 3", "result 2"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
	stats, err := c.Stats(t.Context())
	must(t, err)
	if stats.Entries != 4 {
		t.Errorf("%d entries", stats.Entries)
	}
	must(t, c.Clear(t.Context()))
	stats, err = c.Stats(t.Context())
	must(t, err)
	if diff := cmp.Diff(resultcache.Stats{}, stats); diff != "" {
		t.Errorf("after Clear (-want +got):\n%s", diff)
	}
}

func TestNotKept(t *testing.T) {
	t.Parallel()
	c := open(t, filepath.Join(private(t), "results"), resultcache.Options{MaxBytes: 1000})
	recorder := trace.NewRecorder(eval.Host{}, trace.Options{})
	recorder.Now()
	if err := c.Put(t.Context(), []byte("key"), recorder.Trace(), nil); !errors.Is(err, trace.ErrNotStorable) {
		t.Errorf("what depends on the time: %v", err)
	}
	if err := c.Put(t.Context(), []byte("key"), new(trace.Trace), make([]byte, 1000)); !errors.Is(err, resultcache.ErrTooLarge) {
		t.Errorf("what is large: %v", err)
	}
	if got := find(t, c, "key", nil); got.Miss == "" {
		t.Errorf("found %q", got.Result)
	}
}

// The file stays as small as was asked for.
func TestBounded(t *testing.T) {
	t.Parallel()
	path := filepath.Join(private(t), "results")
	const maxBytes = 2 << 20
	c := open(t, path, resultcache.Options{MaxBytes: maxBytes})
	for i := range 300 {
		must(t, c.Put(t.Context(), fmt.Append(nil, i), new(trace.Trace), make([]byte, 10_000+i*200)))
	}
	stats, err := c.Stats(t.Context())
	must(t, err)
	info, err := os.Stat(path)
	must(t, err)
	if stats.Bytes > maxBytes || stats.Bytes < maxBytes*9/10 || info.Size() > maxBytes*11/10 {
		t.Errorf("%d entries of %d bytes in a file of %d", stats.Entries, stats.Bytes, info.Size())
	}
	if find(t, c, "299", nil).Miss != "" || find(t, c, "0", nil).Miss == "" {
		t.Error("the newest is gone, or the oldest is there")
	}
}

func TestModes(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "deep", "cache")
	path := filepath.Join(dir, "results")
	open(t, path, resultcache.Options{})
	for name, want := range map[string]fs.FileMode{dir: fs.ModeDir | 0o700, path: 0o600} {
		info, err := os.Stat(name)
		must(t, err)
		if info.Mode() != want {
			t.Errorf("%s: %v, want %v", name, info.Mode(), want)
		}
	}
}

func TestEndsWithItsContext(t *testing.T) {
	t.Parallel()
	path := filepath.Join(private(t), "results")
	c := open(t, path, resultcache.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := resultcache.Open(ctx, path, resultcache.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Open: %v", err)
	}
	if _, _, err := c.Find(ctx, []byte("key"), eval.Host{}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("Find: %v", err)
	}
	if got := find(t, c, "key", nil); got.Miss == "" {
		t.Errorf("later: %+v", got)
	}
}
