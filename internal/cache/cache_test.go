package cache_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/cache"
)

type clock struct{ now time.Time }

func newCache(t *testing.T) (*cache.Cache, *clock, string) {
	t.Helper()
	c := &clock{time.Unix(1_700_000_000, 0)}
	dir := filepath.Join(t.TempDir(), "answers")
	return cache.New(dir, 5*time.Minute, func() time.Time { return c.now }), c, dir
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	c, clock, _ := newCache(t)
	if err := c.Put("k", []byte("answer")); err != nil {
		t.Fatal(err)
	}
	clock.now = clock.now.Add(5*time.Minute - 1)
	got, ok := c.Get("k")
	if diff := cmp.Diff("answer", string(got)); diff != "" || !ok {
		t.Error(ok, diff)
	}
	clock.now = clock.now.Add(1)
	if _, ok := c.Get("k"); ok {
		t.Error("an answer outlived its time")
	}
	stats, err := c.Stats()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(cache.Stats{Entries: 1, Expired: 1, Bytes: stats.Bytes}, stats); diff != "" {
		t.Error(diff)
	}
	if err := c.Put("fresh", []byte("x")); err != nil {
		t.Fatal(err)
	}
	removed, err := c.Clear(true)
	if err != nil || removed.Entries != 1 {
		t.Errorf("removed %+v, %v", removed, err)
	}
	if _, ok := c.Get("fresh"); !ok {
		t.Error("clearing the expired ones removed a fresh one")
	}
}

func TestDamagedEntriesAreNoAnswers(t *testing.T) {
	t.Parallel()
	c, _, dir := newCache(t)
	if err := c.Put("k", []byte("answer")); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	whole, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	for i := range whole {
		flipped := append([]byte{}, whole...)
		flipped[i] ^= 0x10
		for _, damaged := range [][]byte{flipped, whole[:i]} {
			if err := os.WriteFile(files[0], damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			if got, ok := c.Get("k"); ok {
				t.Errorf("byte %d damaged: answered %q", i, got)
			}
		}
	}
}

func TestFolderOfOthersIsNotUsed(t *testing.T) {
	t.Parallel()
	c, _, dir := newCache(t)
	if err := c.Put("k", []byte("answer")); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if _, ok := c.Get("k"); ok {
		t.Error("read from a folder that others may write")
	}
	if err := c.Put("k", []byte("answer")); err == nil {
		t.Error("wrote to a folder that others may write")
	}
}

func TestBounded(t *testing.T) {
	t.Parallel()
	c, _, _ := newCache(t)
	big := make([]byte, 1<<20)
	for n := range 20 {
		if err := c.Put(string(rune('a'+n)), big); err != nil {
			t.Fatal(err)
		}
	}
	stats, err := c.Stats()
	if err != nil || stats.Bytes > 10<<20 || stats.Entries < 8 {
		t.Errorf("%+v, %v", stats, err)
	}
}
