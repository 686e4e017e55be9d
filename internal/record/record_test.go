package record_test

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/record"
)

type entry struct{ N int }

func read(t *testing.T, f record.File) []entry {
	t.Helper()
	got, err := record.Read[entry](f)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestTornLineLosesOnlyItself(t *testing.T) {
	t.Parallel()
	f := record.File{Path: filepath.Join(t.TempDir(), "state", "log.jsonl")}
	if diff := cmp.Diff([]entry(nil), read(t, f)); diff != "" {
		t.Error(diff)
	}
	if err := f.Append(entry{1}); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(f.Path)
	if err != nil {
		t.Fatal(err)
	}
	for cut := range len(whole) - 1 {
		if err := os.WriteFile(f.Path, append(append([]byte{}, whole...), whole[:cut+1]...), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := f.Append(entry{3}); err != nil {
			t.Fatal(err)
		}
		got := read(t, f)
		if len(got) < 2 || got[0].N != 1 || got[len(got)-1].N != 3 {
			t.Errorf("cut at %d: %v", cut, got)
		}
	}
}

func TestPrivateAndNotThroughLinks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f := record.File{Path: filepath.Join(dir, "log")}
	if err := f.Append(entry{1}); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(f.Path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	link := record.File{Path: filepath.Join(dir, "link")}
	if err := os.Symlink(f.Path, link.Path); err != nil {
		t.Fatal(err)
	}
	if err := link.Append(entry{2}); err == nil {
		t.Error("a link was followed")
	}
}

func TestBoundedKeepsNewest(t *testing.T) {
	t.Parallel()
	f := record.File{Path: filepath.Join(t.TempDir(), "log"), Max: 100}
	for n := range 100 {
		if err := f.Append(entry{n}); err != nil {
			t.Fatal(err)
		}
	}
	got := read(t, f)
	if len(got) < 10 || len(got) > 30 || got[len(got)-1].N != 99 {
		t.Errorf("%d entries, last %v", len(got), got[len(got)-1])
	}
}

func TestConcurrentAppends(t *testing.T) {
	t.Parallel()
	f := record.File{Path: filepath.Join(t.TempDir(), "log")}
	var group sync.WaitGroup
	for n := range 100 {
		group.Go(func() {
			if err := f.Append(entry{n}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if got := read(t, f); len(got) != 100 {
		t.Errorf("%d entries", len(got))
	}
}

func TestLinesAreBounded(t *testing.T) {
	t.Parallel()
	f := record.File{Path: filepath.Join(t.TempDir(), "log"), MaxLines: 5}
	for n := range 23 {
		if err := f.Append(entry{n}); err != nil {
			t.Fatal(err)
		}
		if got := read(t, f); len(got) > 10 || got[len(got)-1].N != n || n >= 5 && len(got) < 5 {
			t.Errorf("after %d lines there are %v", n+1, got)
		}
	}
	if err := f.Remove(); err != nil {
		t.Fatal(err)
	}
	if got := read(t, f); len(got) > 0 {
		t.Errorf("after removing it there are %v", got)
	}
	if err := f.Remove(); err != nil {
		t.Errorf("removing what is not there: %v", err)
	}
}
