package cache_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"luminousnix/internal/cache"
)

type clock struct{ now time.Time }

func (c *clock) time() time.Time { return c.now }

// machine is a folder that several processes use, of which each has a cache.
type machine struct {
	clock clock
	dir   string
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	return &machine{clock{time.Unix(1_700_000_000, 0)}, filepath.Join(t.TempDir(), "answers")}
}

func (m *machine) process() *cache.Cache { return cache.New(m.dir, 5*time.Minute, m.clock.time) }

func TestExpiry(t *testing.T) {
	t.Parallel()
	for _, folder := range []bool{true, false} {
		m := newMachine(t)
		if !folder {
			m.dir = ""
		}
		c := m.process()
		for key, put := range map[string]func(string, []byte) error{"exact": c.Put, "said": c.PutFor} {
			if err := put(key, []byte("answer")); err != nil {
				t.Fatal(err)
			}
		}
		m.clock.now = m.clock.now.Add(5*time.Minute - 1)
		if got, ok := c.Get("said"); string(got) != "answer" || !ok {
			t.Errorf("%q, %v", got, ok)
		}
		m.clock.now = m.clock.now.Add(1)
		if _, ok := c.Get("said"); ok {
			t.Error("an answer outlived its time")
		}
		stats, err := c.Stats()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(cache.Stats{Entries: 2, Expired: 1, Bytes: stats.Bytes, Oldest: stats.Oldest}, stats); diff != "" || stats.Oldest.IsZero() {
			t.Error(diff, stats)
		}
		if removed, err := c.Clear(true); err != nil || removed.Entries != 1 {
			t.Errorf("removed %+v, %v", removed, err)
		}
		if _, ok := c.Get("exact"); !ok {
			t.Error("clearing the expired ones removed one that is exact")
		}
		if removed, err := c.Clear(false); err != nil || removed.Entries != 1 {
			t.Errorf("removed %+v, %v", removed, err)
		}
		if _, ok := c.Get("exact"); ok {
			t.Error("it is still there")
		}
	}
}

// TestFaultClockSetBack: what a server said is not believed for longer than its time, whenever
// that was; what is exact stays.
func TestFaultClockSetBack(t *testing.T) {
	t.Parallel()
	for _, folder := range []bool{true, false} {
		m := newMachine(t)
		if !folder {
			m.dir = ""
		}
		before := m.process()
		for key, put := range map[string]func(string, []byte) error{"exact": before.Put, "said": before.PutFor} {
			if err := put(key, []byte("answer")); err != nil {
				t.Fatal(err)
			}
		}
		m.clock.now = m.clock.now.AddDate(-1, 0, 0)
		after := before
		if folder {
			after = m.process()
		}
		if _, ok := after.Get("said"); ok {
			t.Error("an answer from the future is believed")
		}
		if _, ok := after.Get("exact"); !ok {
			t.Error("what is exact is lost")
		}
		if err := after.PutFor("said", []byte("answer")); err != nil {
			t.Fatal(err)
		}
		if _, ok := after.Get("said"); !ok {
			t.Error("nothing is kept any more")
		}
		if stats, err := after.Stats(); err != nil || stats.Entries != 2 || stats.Expired != 0 {
			t.Errorf("%+v, %v", stats, err)
		}
	}
}

func TestNothingIsKeptWithoutATimeToLive(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	c := cache.New(m.dir, 0, m.clock.time)
	if err := c.Put("k", []byte("answer")); err != nil {
		t.Fatal(err)
	}
	if _, ok := c.Get("k"); ok {
		t.Error("it was kept")
	}
	if _, err := os.Stat(m.dir); !os.IsNotExist(err) {
		t.Errorf("there is a folder: %v", err)
	}
}

func TestDamagedEntriesAreNoAnswers(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	if err := m.process().Put("k", []byte("answer")); err != nil {
		t.Fatal(err)
	}
	file := m.entries(t)[0]
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := m.process().Get("k"); !ok || string(got) != "answer" {
		t.Fatalf("%q, %v", got, ok)
	}
	for i := range whole {
		flipped := append([]byte{}, whole...)
		flipped[i] ^= 0x10
		for _, damaged := range [][]byte{flipped, whole[:i]} {
			if err := os.WriteFile(file, damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			if got, ok := m.process().Get("k"); ok {
				t.Errorf("byte %d damaged: answered %q", i, got)
			}
		}
	}
}

func (m *machine) entries(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(m.dir, "????????????????????????????????"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	return files
}

// TestFolderOfOthersIsNotUsed: one that others may write, that is a link, or that is
// somebody else's.
func TestFolderOfOthersIsNotUsed(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(dir string) error{
		"writable": func(dir string) error { return os.Chmod(dir, 0o777) },
		"readable": func(dir string) error { return os.Chmod(dir, 0o750) },
		"a link": func(dir string) error {
			if err := os.Rename(dir, dir+"-moved"); err != nil {
				return err
			}
			return os.Symlink(dir+"-moved", dir)
		},
		"somebody else's": func(dir string) error {
			if os.Geteuid() != 0 {
				return os.Chmod(dir, 0o755) // only root can give it away
			}
			return os.Chown(dir, 12345, 12345)
		},
	} {
		m := newMachine(t)
		if err := m.process().Put("k", []byte("answer")); err != nil {
			t.Fatal(err)
		}
		if err := spoil(m.dir); err != nil {
			t.Fatal(err)
		}
		if _, ok := m.process().Get("k"); ok {
			t.Errorf("%s: it was read from", name)
		}
		c := m.process()
		if err := c.Put("l", []byte("answer")); err == nil {
			t.Errorf("%s: it was written to", name)
		}
		if _, ok := c.Get("l"); !ok {
			t.Errorf("%s: it is not even in memory", name)
		}
		if stats, err := c.Stats(); err != nil || stats.Entries != 0 {
			t.Errorf("%s: %+v, %v", name, stats, err)
		}
	}
}

func TestBounded(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ size, count, least int }{
		"bytes":   {1 << 20, 20, 7},
		"entries": {10, 1100, 700},
	} {
		m := newMachine(t)
		c := m.process()
		for n := range test.count {
			if err := c.Put(fmt.Sprint(n), make([]byte, test.size)); err != nil {
				t.Fatal(err)
			}
		}
		stats, err := c.Stats()
		if err != nil || stats.Bytes > 10<<20 || stats.Entries < test.least || stats.Entries > 1000 {
			t.Errorf("%s: %+v, %v", name, stats, err)
		}
		if _, ok := m.process().Get(fmt.Sprint(test.count - 1)); !ok {
			t.Errorf("%s: the newest one is gone", name)
		}
	}
}

// TestOneWriter: while another process has the lock nothing is written, nobody waits to
// write, and everybody reads.
func TestOneWriter(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	if err := m.process().Put("before", []byte("answer")); err != nil {
		t.Fatal(err)
	}
	lock, err := os.OpenFile(filepath.Join(m.dir, "lock"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	if err := m.process().Put("meanwhile", []byte("answer")); err != nil {
		t.Fatal(err)
	}
	if _, err := m.process().Clear(false); err == nil {
		t.Error("it was cleared while somebody else was writing")
	}
	if _, ok := m.process().Get("meanwhile"); ok {
		t.Error("two have written")
	}
	if _, ok := m.process().Get("before"); !ok {
		t.Error("a reader waits for the writer")
	}
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
	if removed, err := m.process().Clear(false); err != nil || removed.Entries != 1 {
		t.Errorf("%+v, %v", removed, err)
	}
}

// TestProgramsAreStarted: a program that is being started has the files of this process,
// and does not keep the folder locked by that.
func TestProgramsAreStarted(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	stop := make(chan struct{})
	var starting sync.WaitGroup
	starting.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				_ = exec.Command(os.Args[0], "-test.run=^$").Run()
			}
		}
	})
	for n := range 200 {
		key := fmt.Sprint(n)
		if err := m.process().Put(key, nil); err != nil {
			t.Error(err)
		}
		if _, ok := m.process().Get(key); !ok {
			t.Errorf("%s was not kept", key)
		}
	}
	close(stop)
	starting.Wait()
}

// TestLeftByACrash: a file that was being written when its process was killed is in
// nobody's way.
func TestLeftByACrash(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	if err := m.process().Put("k", []byte("answer")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(m.dir, "new"), bytes.Repeat([]byte("x"), 100), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := m.process().Put("l", []byte("y")); err != nil {
		t.Fatal(err)
	}
	if got, ok := m.process().Get("l"); !ok || string(got) != "y" {
		t.Errorf("%q, %v", got, ok)
	}
	if stats, err := m.process().Stats(); err != nil || stats.Entries != 2 {
		t.Errorf("%+v, %v", stats, err)
	}
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	c, other := m.process(), m.process()
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			for i := range 100 {
				key := fmt.Sprint(i % 10)
				want := bytes.Repeat([]byte(key), 1000)
				use := c
				if n%2 == 0 {
					use = other
				}
				if err := use.Put(key, want); err != nil {
					t.Error(err)
				}
				if got, ok := m.process().Get(key); ok && !bytes.Equal(got, want) {
					t.Errorf("%s: another answer", key)
				}
				if n == 0 && i%50 == 0 {
					if _, err := use.Clear(false); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	all.Wait()
}

// TestKilledWriters kills processes while they write: what is there afterwards is whole.
func TestKilledWriters(t *testing.T) {
	t.Parallel()
	if dir := os.Getenv("CACHE_WRITER"); dir != "" {
		for n := 0; ; n++ {
			key := fmt.Sprint(n % 20)
			_ = cache.New(dir, time.Hour, time.Now).Put(key, bytes.Repeat([]byte(key), 10_000))
		}
	}
	m := newMachine(t)
	written := func() (at time.Time) { // when a name in the folder was changed last
		if info, err := os.Stat(m.dir); err == nil {
			at = info.ModTime()
		}
		return at
	}
	for range 20 {
		before := written()
		cmd := exec.Command(os.Args[0], "-test.run=^TestKilledWriters$")
		cmd.Env = append(os.Environ(), "CACHE_WRITER="+m.dir)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for range 400 { // until it writes
			if written().After(before) {
				break
			}
			time.Sleep(5 * time.Millisecond)
		}
		time.Sleep(10 * time.Millisecond)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // it was killed
	}
	found := 0
	for n := range 20 {
		key := fmt.Sprint(n)
		if got, ok := cache.New(m.dir, time.Hour, time.Now).Get(key); ok {
			found++
			if !bytes.Equal(got, bytes.Repeat([]byte(key), 10_000)) {
				t.Errorf("%s: another answer", key)
			}
		}
	}
	if found == 0 {
		t.Error("nothing was written: the test shows nothing")
	}
	c := cache.New(m.dir, time.Hour, time.Now)
	if err := c.Put("after", nil); err != nil {
		t.Error(err)
	}
	if _, ok := cache.New(m.dir, time.Hour, time.Now).Get("after"); !ok {
		t.Error("nothing can be written any more")
	}
}
