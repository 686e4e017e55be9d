package trace_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/nix/eval"
	"luminousnix/nix/eval/trace"
)

// mustHold fails if the trace has a difference.
func mustHold(t *testing.T, w world, kept *trace.Trace, margin time.Duration) {
	t.Helper()
	different, err := kept.CheckMargin(t.Context(), w, margin)
	must(t, err)
	if different != nil {
		t.Fatalf("evaluated again because %v", different)
	}
}

// What is old is compared by lstat alone, what is touched is read once.
func TestReadsOnlyWhatItMust(t *testing.T) {
	t.Parallel()
	w := newWorld(t, t.TempDir(), everything())
	time.Sleep(2 * tick)
	_, read := w.evaluate(t, tick)
	kept := again(t, read)
	reads := func() int64 {
		w.reads.Store(0)
		mustHold(t, w, kept, tick)
		return w.reads.Load()
	}
	if n := reads(); n != 0 || kept.Refreshed() {
		t.Errorf("unchanged: %d reads, refreshed %v", n, kept.Refreshed())
	}
	for _, name := range []string{"text", "imported.nix", "listing"} {
		touch(name)(t, w)
	}
	if n := reads(); n != 3 || kept.Refreshed() {
		t.Errorf("touched now: %d reads, refreshed %v; they are too young for that", n, kept.Refreshed())
	}
	time.Sleep(2 * tick)
	if n := reads(); n != 3 || !kept.Refreshed() {
		t.Errorf("touched a while ago: %d reads, refreshed %v", n, kept.Refreshed())
	}
	kept = again(t, kept)
	if n := reads(); n != 0 || kept.Refreshed() {
		t.Errorf("kept again: %d reads, refreshed %v", n, kept.Refreshed())
	}
}

// A file is changed in the instant in which it is read, with nothing that lstat
// could tell it by but the tick of a clock.
func TestYoungFilesAreRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t, t.TempDir(), map[string]string{"default.nix": "1"})
	path := filepath.Join(w.root, "default.nix")
	for i := range 200 {
		must(t, os.WriteFile(path, []byte{'1' + byte(i%2)}, 0o644))
		recorder := trace.NewRecorderMargin(w, trace.Options{}, tick)
		w.result(t, recorder)
		must(t, os.WriteFile(path, []byte{'2' - byte(i%2)}, 0o644))
		got, err := recorder.Trace().CheckMargin(t.Context(), w, tick)
		must(t, err)
		if diff := cmp.Diff(difference(trace.Content, "default.nix", trace.Changed), w.relative(got)); diff != "" {
			t.Fatalf("difference (-want +got):\n%s", diff)
		}
	}
}

// A file that is written after it was seen and before it is read must not be
// trusted by what lstat said before.
func TestChangedBetweenLookAndRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t, t.TempDir(), map[string]string{"file": "old"})
	path := filepath.Join(w.root, "file")
	time.Sleep(2 * tick)
	recorder := trace.NewRecorderMargin(w, trace.Options{}, tick)
	_, err := recorder.Lstat(path)
	must(t, err)
	must(t, os.WriteFile(path, []byte("new"), 0o644))
	content, err := recorder.ReadFile(path)
	must(t, err)
	if string(content) != "new" {
		t.Fatalf("read %q", content)
	}
	mustHold(t, w, recorder.Trace(), tick)
	must(t, os.WriteFile(path, []byte("old"), 0o644))
	got, err := recorder.Trace().CheckMargin(t.Context(), w, tick)
	must(t, err)
	if got == nil {
		t.Error("taken to be unchanged")
	}
}

// What the kernel makes up has the same time and size whatever is in it.
func TestMadeUpFilesAreRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t, t.TempDir(), nil)
	recorder := trace.NewRecorderMargin(w, trace.Options{}, 0)
	if _, err := recorder.ReadFile("/proc/sys/kernel/ostype"); err != nil {
		t.Skipf("no /proc here: %v", err)
	}
	_, err := recorder.ReadDir("/proc/sys/kernel")
	must(t, err)
	kept := again(t, recorder.Trace())
	w.reads.Store(0)
	mustHold(t, w, kept, 0)
	if n := w.reads.Load(); n != 2 || kept.Refreshed() {
		t.Errorf("%d reads, refreshed %v", n, kept.Refreshed())
	}
}

// sizeless is a file system that makes up its files, somewhere else.
type sizeless struct{ world }

type sizelessInfo struct{ fs.FileInfo }

func (sizelessInfo) Size() int64 { return 0 }

func (s sizeless) Lstat(path string) (fs.FileInfo, error) {
	info, err := s.world.Lstat(path)
	return sizelessInfo{info}, err
}

func TestFilesWithoutTheirSizeAreRead(t *testing.T) {
	t.Parallel()
	s := sizeless{newWorld(t, t.TempDir(), map[string]string{"file": "content"})}
	time.Sleep(2 * tick)
	recorder := trace.NewRecorderMargin(s, trace.Options{}, tick)
	_, err := recorder.ReadFile(filepath.Join(s.root, "file"))
	must(t, err)
	kept := again(t, recorder.Trace())
	s.reads.Store(0)
	mustHold(t, s.world, kept, tick)
	if n := s.reads.Load(); n != 1 {
		t.Errorf("%d reads", n)
	}
}

// An fs.FileInfo that does not come from the system has nothing to trust.
type mapInputs struct {
	world
	files fstest.MapFS
}

func (m mapInputs) Lstat(path string) (fs.FileInfo, error)     { return m.files.Lstat(path[1:]) }
func (m mapInputs) ReadFile(path string) ([]byte, error)       { return m.files.ReadFile(path[1:]) }
func (m mapInputs) ReadDir(path string) ([]fs.DirEntry, error) { return m.files.ReadDir(path[1:]) }

func TestWithoutIdentity(t *testing.T) {
	t.Parallel()
	m := mapInputs{newWorld(t, t.TempDir(), nil), fstest.MapFS{"dir/file": {Data: []byte("a")}}}
	recorder := trace.NewRecorderMargin(m, trace.Options{}, 0)
	for _, path := range []string{"/dir/file", "/dir", "/none"} {
		_, _ = recorder.Lstat(path)
	}
	_, err := recorder.ReadFile("/dir/file")
	must(t, err)
	_, err = recorder.ReadDir("/dir")
	must(t, err)
	kept := recorder.Trace()
	check := func() *trace.Difference {
		different, err := kept.CheckMargin(t.Context(), m, 0)
		must(t, err)
		return different
	}
	if got := check(); got != nil {
		t.Errorf("unchanged, yet %v", got)
	}
	m.files["dir/file"] = &fstest.MapFile{Data: []byte("b")}
	if diff := cmp.Diff(difference(trace.Content, "/dir/file", trace.Changed), check()); diff != "" {
		t.Errorf("difference (-want +got):\n%s", diff)
	}
	m.files["none"] = &fstest.MapFile{}
	if diff := cmp.Diff(difference(trace.Entry, "/none", trace.Appeared), check()); diff != "" {
		t.Errorf("difference (-want +got):\n%s", diff)
	}
}

func TestCheckEndsWithItsContext(t *testing.T) {
	t.Parallel()
	w := newWorld(t, t.TempDir(), everything())
	_, read := w.evaluate(t, tick)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := read.Check(ctx, w); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// Only what cannot be read is told from what can: the reason may be another.
func TestUnreadable(t *testing.T) {
	t.Parallel()
	if os.Geteuid() == 0 {
		t.Log("as root, which may read everything: a directory is read as a file instead")
	}
	w := newWorld(t, t.TempDir(), map[string]string{"place/x": ""})
	path := filepath.Join(w.root, "place")
	recorder := trace.NewRecorder(w, trace.Options{})
	if _, err := recorder.ReadFile(path); err == nil {
		t.Fatal("read a directory as a file")
	}
	kept := again(t, recorder.Trace())
	mustHold(t, w, kept, 0)
	rewrite("place", "a file")(t, w)
	got, err := kept.Check(t.Context(), w)
	must(t, err)
	if diff := cmp.Diff(difference(trace.Content, "place", trace.Readable), w.relative(got)); diff != "" {
		t.Errorf("difference (-want +got):\n%s", diff)
	}
}

func TestDifferenceInWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		difference *trace.Difference
		want       string
	}{
		{difference(trace.Content, "/a", trace.Changed), "/a changed"},
		{difference(trace.Entry, "/a", trace.Gone), "/a is gone"},
		{difference(trace.Entry, "/a", trace.Appeared), "/a is there now"},
		{difference(trace.Entry, "/a", trace.Retyped), "/a is something of another type now"},
		{difference(trace.Entry, "/a", trace.NowExecutable), "/a became executable"},
		{difference(trace.Entry, "/a", trace.NoLongerExecutable), "/a is not executable any more"},
		{difference(trace.Content, "/a", trace.Failing), "/a cannot be read any more"},
		{difference(trace.Content, "/a", trace.Readable), "/a can be read now"},
		{difference(trace.Listing, "/a", trace.Changed), "there are other entries in the directory /a"},
		{difference(trace.Link, "/a", trace.Changed), "the symbolic link /a leads elsewhere"},
		{difference(trace.Variable, "A", trace.Changed), "the environment variable A changed"},
		{difference(trace.Variable, "A", trace.Appeared), "the environment variable A is set now"},
		{difference(trace.Variable, "A", trace.Gone), "the environment variable A is not set any more"},
		{difference(trace.URL, "https://a", trace.Changed), "there is something else at https://a"},
		{difference(trace.StorePath, "/nix/store/a", trace.Gone), "/nix/store/a is gone"},
	} {
		if got := c.difference.String(); got != c.want {
			t.Errorf("%v: %q, want %q", c.difference.Change, got, c.want)
		}
	}
}

var _ eval.Inputs = mapInputs{}

// Of several differences in a large trace, the first is told.
func TestFirstDifference(t *testing.T) {
	t.Parallel()
	files := map[string]string{}
	name := func(i int) string { return fmt.Sprintf("dir%03d/file", i) }
	const n = 800
	for i := range n {
		files[name(i)] = "content"
	}
	w := newWorld(t, t.TempDir(), files)
	time.Sleep(2 * tick)
	recorder := trace.NewRecorderMargin(w, trace.Options{}, tick)
	for i := range n {
		path := filepath.Join(w.root, name(i))
		_, err := recorder.Lstat(path)
		must(t, err)
		_, err = recorder.ReadFile(path)
		must(t, err)
	}
	kept := again(t, recorder.Trace())
	check := func(want *trace.Difference) {
		t.Helper()
		got, err := kept.CheckMargin(t.Context(), w, tick)
		must(t, err)
		if diff := cmp.Diff(want, w.relative(got)); diff != "" {
			t.Errorf("difference (-want +got):\n%s", diff)
		}
	}
	check(nil)
	for _, i := range []int{n - 1, n / 2, 7} {
		rewrite(name(i), "changed")(t, w)
		check(difference(trace.Content, name(i), trace.Changed))
	}
	for _, i := range []int{n - 1, n / 2, 7} { // what is gone is told before what has to be read
		remove(name(i))(t, w)
		check(difference(trace.Entry, name(i), trace.Gone))
	}
}
