package resultcache_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"luminousnix/nix/eval/resultcache"
	"luminousnix/nix/eval/trace"
)

// filled makes a file with some results, and returns its path.
func filled(t *testing.T) string {
	t.Helper()
	path := filepath.Join(private(t), "results")
	c, err := resultcache.Open(t.Context(), path, resultcache.Options{})
	must(t, err)
	for _, key := range []string{"a", "b", "c"} {
		must(t, c.Put(t.Context(), []byte(key), new(trace.Trace), bytes.Repeat([]byte(key), 20_000)))
	}
	must(t, c.Close())
	return path
}

// alter runs SQL.
func alter(sql string) func(*testing.T, string) {
	return func(t *testing.T, path string) {
		t.Helper()
		conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite, sqlite.OpenCreate)
		must(t, err)
		must(t, sqlitex.ExecuteScript(conn, sql, nil))
		must(t, conn.Close())
	}
}

// overwrite writes bytes at an offset.
func overwrite(offset int64, content []byte) func(*testing.T, string) {
	return func(t *testing.T, path string) {
		t.Helper()
		file, err := os.OpenFile(path, os.O_WRONLY, 0)
		must(t, err)
		_, err = file.WriteAt(content, offset)
		must(t, err)
		must(t, file.Close())
	}
}

// anew puts a file in the place of the database.
func anew(content string) func(*testing.T, string) {
	return func(t *testing.T, path string) {
		t.Helper()
		must(t, os.WriteFile(path, []byte(content), 0o600))
	}
}

// Whatever is at the path, there is a working cache or a typed error, and what is
// not a cache is left alone.
func TestFaults(t *testing.T) {
	t.Parallel()
	junk := bytes.Repeat([]byte{0xa5}, 200_000)
	for name, c := range map[string]struct {
		damage func(*testing.T, string)
		want   error // nil if it can be used again
	}{
		"nothing":           {func(t *testing.T, path string) { must(t, os.Remove(path)) }, nil},
		"no directory":      {func(t *testing.T, path string) { must(t, os.RemoveAll(filepath.Dir(path))) }, nil},
		"empty":             {anew(""), nil},
		"zeros":             {anew(strings.Repeat("\x00", 100_000)), nil},
		"cut short":         {func(t *testing.T, path string) { must(t, os.Truncate(path, 5000)) }, nil},
		"cut in the header": {func(t *testing.T, path string) { must(t, os.Truncate(path, 10)) }, nil},
		"junk in pages":     {overwrite(4096, junk), nil},
		"junk in header":    {overwrite(16, junk), nil},
		"older form":        {alter("drop table entries; pragma user_version = 0;"), nil},
		"missing table":     {alter("drop table entries;"), nil},
		"newer form":        {alter("pragma user_version = 99;"), resultcache.ErrNewer},
		"of others":         {alter("pragma application_id = 77;"), resultcache.ErrForeign},
		"other database": {func(t *testing.T, path string) {
			must(t, os.Remove(path))
			alter("create table precious (x);")(t, path)
			must(t, os.Chmod(path, 0o600))
		}, resultcache.ErrForeign},
		"text":     {anew("Dear diary,\ntoday"), resultcache.ErrForeign},
		"writable": {func(t *testing.T, path string) { must(t, os.Chmod(path, 0o622)) }, resultcache.ErrForeign},
		"in a writable directory": {func(t *testing.T, path string) {
			must(t, os.Chmod(filepath.Dir(path), 0o777))
		}, resultcache.ErrForeign},
		"symbolic link": {func(t *testing.T, path string) {
			must(t, os.Rename(path, path+".real"))
			must(t, os.Symlink(path+".real", path))
		}, resultcache.ErrForeign},
		"directory": {func(t *testing.T, path string) {
			must(t, os.Remove(path))
			must(t, os.Mkdir(path, 0o700))
		}, resultcache.ErrForeign},
		"below a file": {func(t *testing.T, path string) {
			must(t, os.RemoveAll(filepath.Dir(path)))
			must(t, os.WriteFile(filepath.Dir(path), nil, 0o600))
		}, fs.ErrExist},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filled(t)
			c.damage(t, path)
			before, _ := os.ReadFile(path)
			cache, err := resultcache.Open(t.Context(), path, resultcache.Options{})
			if c.want != nil {
				var file *fs.PathError
				if !errors.Is(err, c.want) && !errors.As(err, &file) {
					t.Fatalf("error %v, want %v", err, c.want)
				}
				if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
					t.Error("the file was changed")
				}
				return
			}
			must(t, err)
			defer cache.Close()
			usable(t, cache)
		})
	}
}

// usable says whether a cache finds nothing that is wrong, and keeps things.
func usable(t *testing.T, cache *resultcache.Cache) {
	t.Helper()
	for _, key := range []string{"a", "b", "c"} {
		if got := find(t, cache, key, nil); got.Result != "" && got.Result != strings.Repeat(key, 20_000) {
			t.Errorf("wrong result for %s", key)
		}
	}
	must(t, cache.Put(t.Context(), []byte("new"), new(trace.Trace), []byte("result")))
	if diff := cmp.Diff(found{Result: "result"}, find(t, cache, "new", nil)); diff != "" {
		t.Errorf("found (-want +got):\n%s", diff)
	}
}

// A single byte of the file is spoilt, at many places.
func TestSpoiltByte(t *testing.T) {
	t.Parallel()
	path := filled(t)
	content, err := os.ReadFile(path)
	must(t, err)
	for offset := 96; offset < len(content); offset += 509 {
		spoilt := bytes.Clone(content)
		spoilt[offset] ^= 0x41
		must(t, os.WriteFile(path, spoilt, 0o600))
		cache, err := resultcache.Open(t.Context(), path, resultcache.Options{})
		if errors.Is(err, resultcache.ErrForeign) || errors.Is(err, resultcache.ErrNewer) {
			continue
		}
		must(t, err)
		usable(t, cache)
		must(t, cache.Close())
	}
}

func TestDeletedWhileOpen(t *testing.T) {
	t.Parallel()
	path := filled(t)
	cache := open(t, path, resultcache.Options{})
	usable(t, cache)
	must(t, os.RemoveAll(filepath.Dir(path)))
	usable(t, cache)
	if _, err := os.Stat(path); err != nil {
		t.Errorf("not made again: %v", err)
	}
}

func TestLocked(t *testing.T) {
	t.Parallel()
	path := filled(t)
	cache := open(t, path, resultcache.Options{})
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite)
	must(t, err)
	must(t, sqlitex.ExecuteTransient(conn, "begin exclusive", nil))
	if _, err := cache.Lookup(t.Context(), []byte("a")); !errors.Is(err, resultcache.ErrBusy) {
		t.Errorf("Lookup: %v", err)
	}
	if err := cache.Put(t.Context(), []byte("a"), new(trace.Trace), nil); !errors.Is(err, resultcache.ErrBusy) {
		t.Errorf("Put: %v", err)
	}
	if _, err := resultcache.Open(t.Context(), path, resultcache.Options{}); !errors.Is(err, resultcache.ErrBusy) {
		t.Errorf("Open: %v", err)
	}
	must(t, conn.Close())
	usable(t, cache)
}

func TestClosed(t *testing.T) {
	t.Parallel()
	cache, err := resultcache.Open(t.Context(), filled(t), resultcache.Options{})
	must(t, err)
	must(t, cache.Close())
	must(t, cache.Close())
	if _, err := cache.Lookup(t.Context(), []byte("a")); err == nil {
		t.Error("a closed cache answers")
	}
}
