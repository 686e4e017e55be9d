package trace_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/nix/eval"
	"luminousnix/nix/eval/trace"
	"luminousnix/nix/store"
)

func inputsOf(w world, t *trace.Trace) []trace.Input {
	list := slices.Collect(t.Inputs())
	for i := range list {
		list[i].Name = strings.TrimPrefix(list[i].Name, w.root+"/")
	}
	return slices.DeleteFunc(list, func(in trace.Input) bool { return strings.HasPrefix(w.root, in.Name) })
}

// Only what was asked is recorded.
func TestRecorded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, t.TempDir(), map[string]string{
		"default.nix": `[ (builtins.readFile ./link/file) (builtins.pathExists ./dir/absent) (builtins.getEnv "SET") ]`,
		"link":        "->dir",
		"dir/file":    "x",
		"beside":      "",
	})
	_, read := w.evaluate(t, tick)
	want := []trace.Input{
		{Kind: trace.Entry, Name: "default.nix"},
		{Kind: trace.Content, Name: "default.nix"},
		{Kind: trace.Entry, Name: "dir"},
		{Kind: trace.Entry, Name: "dir/absent"},
		{Kind: trace.Entry, Name: "dir/file"},
		{Kind: trace.Content, Name: "dir/file"},
		{Kind: trace.Entry, Name: "link"},
		{Kind: trace.Link, Name: "link"},
		{Kind: trace.Variable, Name: "SET"},
	}
	if diff := cmp.Diff(want, inputsOf(w, read)); diff != "" {
		t.Errorf("inputs (-want +got):\n%s", diff)
	}
}

// Reading asks for no type, but a later question does.
func TestAskedAfterReading(t *testing.T) {
	t.Parallel()
	w := newWorld(t, t.TempDir(), map[string]string{"file": "x"})
	recorder := trace.NewRecorder(w, trace.Options{})
	_, err := recorder.ReadFile(filepath.Join(w.root, "file"))
	must(t, err)
	content := trace.Input{Kind: trace.Content, Name: "file"}
	if diff := cmp.Diff([]trace.Input{content}, inputsOf(w, recorder.Trace())); diff != "" {
		t.Errorf("inputs (-want +got):\n%s", diff)
	}
	_, err = recorder.Lstat(filepath.Join(w.root, "file"))
	must(t, err)
	entry := trace.Input{Kind: trace.Entry, Name: "file"}
	if diff := cmp.Diff([]trace.Input{entry, content}, inputsOf(w, recorder.Trace())); diff != "" {
		t.Errorf("inputs (-want +got):\n%s", diff)
	}
}

func TestObstacles(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, expression string
		want             trace.Obstacle
	}{
		{"time", "builtins.currentTime", trace.Timed},
		{"time that is not read", "let t = builtins.currentTime; in builtins.isAttrs builtins", trace.NoObstacle},
		{"download", `builtins.fetchurl "http://localhost/none"`, trace.Uncheckable},
		{"nothing", "1", trace.NoObstacle},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, t.TempDir(), map[string]string{"default.nix": c.expression})
			_, read := w.evaluate(t, tick)
			if read.Obstacle() != c.want || read.Storable() != (c.want == trace.NoObstacle) {
				t.Errorf("obstacle %v, storable %v", read.Obstacle(), read.Storable())
			}
			_, err := read.MarshalBinary()
			if errors.Is(err, trace.ErrNotStorable) == read.Storable() {
				t.Errorf("marshalling: %v", err)
			}
		})
	}
}

// An evaluation sees one state, and where it cannot it is not kept.
func TestChangedMeanwhile(t *testing.T) {
	t.Parallel()
	w := newWorld(t, t.TempDir(), map[string]string{"file": "1", "link": "->a", "dir/a": ""})
	at := func(name string) string { return filepath.Join(w.root, name) }
	recorder := trace.NewRecorder(w, trace.Options{})
	look := func() (seen []string) {
		for _, name := range []string{"file", "link", "dir", "absent"} {
			info, err := recorder.Lstat(at(name))
			if err != nil {
				seen = append(seen, name+" absent")
				continue
			}
			seen = append(seen, info.Name()+" "+info.Mode().String())
		}
		target, _ := recorder.Readlink(at("link"))
		return append(seen, target, recorder.Getenv("SET"))
	}
	before := look()
	must(t, os.Remove(at("file")))
	rewrite("link", "->b")(t, w)
	rewrite("absent", "x")(t, w)
	setenv("SET", "two")(t, w)
	if diff := cmp.Diff(before, look()); diff != "" {
		t.Errorf("seen later (-before +after):\n%s", diff)
	}
	if o := recorder.Trace().Obstacle(); o != trace.NoObstacle {
		t.Errorf("obstacle %v", o)
	}

	readDir := func() { _, err := recorder.ReadDir(at("dir")); must(t, err) }
	readDir()
	readDir()
	if o := recorder.Trace().Obstacle(); o != trace.NoObstacle {
		t.Errorf("obstacle %v after listing twice", o)
	}
	rewrite("dir/b", "")(t, w)
	readDir()
	if o := recorder.Trace().Obstacle(); o != trace.Unsettled {
		t.Errorf("obstacle %v after listing what changed", o)
	}
}

func TestFileInfoTellsWhatIsRecorded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, t.TempDir(), map[string]string{"plain": "12345", "program": "#!", "dir/x": "", "link": "->plain"})
	recorder := trace.NewRecorder(w, trace.Options{})
	got := map[string]string{}
	for _, name := range []string{"plain", "program", "dir", "link"} {
		info, err := recorder.Lstat(filepath.Join(w.root, name))
		must(t, err)
		if info.Name() != name || info.Size() != 0 || !info.ModTime().IsZero() || info.Sys() != nil || info.IsDir() != (name == "dir") {
			t.Errorf("%s: %s %d %v %v %v", name, info.Name(), info.Size(), info.ModTime(), info.Sys(), info.IsDir())
		}
		got[name] = info.Mode().String()
	}
	want := map[string]string{"plain": "-r--r--r--", "program": "-r-xr-xr-x", "dir": "dr-xr-xr-x", "link": "Lrwxrwxrwx"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("modes (-want +got):\n%s", diff)
	}
}

const storeName = "00000000000000000000000000000000-source"

// Of a store path, only that it is there counts.
func TestStorePaths(t *testing.T) {
	t.Parallel()
	w := newWorld(t, t.TempDir(), map[string]string{"store/" + storeName + "/dir/file": "1", "store/other": ""})
	recorder := trace.NewRecorder(w, trace.Options{StoreDir: w.storeDir()})
	at := func(name string) string { return filepath.Join(w.root, "store", name) }
	_, err := recorder.Lstat(at(storeName + "/dir"))
	must(t, err)
	_, err = recorder.ReadFile(at(storeName + "/dir/file"))
	must(t, err)
	_, err = recorder.ReadDir(at(storeName + "/dir"))
	must(t, err)
	_, err = recorder.Lstat(at("other"))
	must(t, err)
	if _, err = recorder.Lstat(at(storeName + "/absent")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("absent: %v", err)
	}
	absent := strings.Replace(storeName, "0", "1", 1)
	if _, err = recorder.Lstat(at(absent)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("absent store path: %v", err)
	}
	want := []trace.Input{
		{Kind: trace.Entry, Name: "store/other"},
		{Kind: trace.StorePath, Name: "store/" + storeName},
		{Kind: trace.StorePath, Name: "store/" + absent},
	}
	read := recorder.Trace()
	if diff := cmp.Diff(want, inputsOf(w, read)); diff != "" {
		t.Fatalf("inputs (-want +got):\n%s", diff)
	}
	mustHold(t, w, again(t, read), tick)

	rewrite("store/"+absent, "")(t, w)
	if _, err := recorder.Lstat(at(absent)); err != nil {
		t.Errorf("a store path that was built meanwhile: %v", err)
	}
	if o := recorder.Trace().Obstacle(); o != trace.Unsettled {
		t.Errorf("obstacle %v", o)
	}
	for _, c := range []struct {
		change func(*testing.T, world)
		want   *trace.Difference
	}{
		{func(*testing.T, world) {}, difference(trace.StorePath, "store/"+absent, trace.Appeared)},
		{remove("store/" + storeName), difference(trace.StorePath, "store/"+storeName, trace.Gone)},
	} {
		c.change(t, w)
		got, err := again(t, read).Check(t.Context(), w)
		must(t, err)
		if diff := cmp.Diff(c.want, w.relative(got)); diff != "" {
			t.Errorf("difference (-want +got):\n%s", diff)
		}
	}
}

// web is an Inputs with things at URLs.
type web struct {
	world
	content map[string]string
}

func (w web) Download(_ context.Context, url string) (eval.Download, error) {
	content, ok := w.content[url]
	if !ok {
		return eval.Download{}, errors.New("not found")
	}
	return eval.Download{Hash: store.Sum(store.SHA256, []byte(content))}, nil
}

func TestDownloads(t *testing.T) {
	t.Parallel()
	w := web{newWorld(t, t.TempDir(), nil), map[string]string{"https://a": "a", "https://b": "b"}}
	recorder := trace.NewRecorder(w, trace.Options{})
	for _, url := range []string{"https://b", "https://a", "https://a"} {
		_, err := recorder.Download(t.Context(), url)
		must(t, err)
	}
	read := again(t, recorder.Trace())
	check := func(want *trace.Difference) {
		t.Helper()
		got, err := read.Check(t.Context(), w)
		must(t, err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("difference (-want +got):\n%s", diff)
		}
	}
	check(nil)
	w.content["https://b"] = "c"
	check(difference(trace.URL, "https://b", trace.Changed))
	delete(w.content, "https://b")
	check(difference(trace.URL, "https://b", trace.Failing))
	w.content["https://b"] = "b"
	check(nil)

	w.content["https://a"] = "x"
	_, err := recorder.Download(t.Context(), "https://a")
	must(t, err)
	if o := recorder.Trace().Obstacle(); o != trace.Unsettled {
		t.Errorf("obstacle %v after another content", o)
	}
	recorder = trace.NewRecorder(w, trace.Options{})
	if _, err := recorder.Download(t.Context(), "https://none"); err == nil {
		t.Error("downloaded nothing")
	}
	if o := recorder.Trace().Obstacle(); o != trace.Uncheckable {
		t.Errorf("obstacle %v after a failure", o)
	}
}

// Many goroutines that read the same get the same.
func TestConcurrent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, t.TempDir(), everything())
	recorder := trace.NewRecorder(w, trace.Options{StoreDir: w.storeDir()})
	var workers sync.WaitGroup
	results := make([]string, 8)
	for i := range results {
		workers.Go(func() { results[i] = w.result(t, recorder) })
	}
	workers.Wait()
	want, read := w.evaluate(t, tick)
	for i, got := range results {
		if got != want {
			t.Errorf("worker %d: %s, want %s", i, got, want)
		}
	}
	if recorder.Trace().Digest() != read.Digest() {
		t.Error("another trace than that of one goroutine")
	}
}

// failing is an Inputs of which nothing can be read.
type failing struct {
	world
	err error
}

func (f failing) Lstat(string) (fs.FileInfo, error)     { return nil, f.err }
func (f failing) Readlink(string) (string, error)       { return "", f.err }
func (f failing) ReadFile(string) ([]byte, error)       { return nil, f.err }
func (f failing) ReadDir(string) ([]fs.DirEntry, error) { return nil, f.err }

// ask returns how reading fails.
func ask(in eval.Inputs, path string) (failures []string) {
	_, err := in.Lstat(path)
	failures = append(failures, err.Error())
	_, err = in.Readlink(path)
	failures = append(failures, err.Error())
	_, err = in.ReadFile(path)
	return append(failures, err.Error())
}

// A failure is an input like others if it can be told from other failures.
func TestFailures(t *testing.T) {
	t.Parallel()
	w := newWorld(t, t.TempDir(), nil)
	denied := &eval.Error{Kind: eval.KindRestricted, Message: "denied"}
	for _, c := range []struct {
		name  string
		err   error
		then  error
		store bool
		want  *trace.Difference
	}{
		{"absent", syscall.ENOENT, fs.ErrNotExist, true, nil},
		{"no directory", syscall.ENOTDIR, syscall.ENOENT, true, difference(trace.Entry, "/x", trace.Changed)},
		{"loop", syscall.ELOOP, syscall.ELOOP, true, nil},
		{"permission", fs.ErrPermission, syscall.EACCES, true, nil},
		{"permission, then another", fs.ErrPermission, syscall.EIO, true, difference(trace.Entry, "/x", trace.Failing)},
		{"permission, then absent", fs.ErrPermission, fs.ErrNotExist, true, difference(trace.Entry, "/x", trace.Gone)},
		{"denied", denied, denied, true, nil},
		{"denied, then absent", denied, fs.ErrNotExist, true, difference(trace.Entry, "/x", trace.Gone)},
		{"absent, then unknown", fs.ErrNotExist, errors.New("what"), true, difference(trace.Entry, "/x", trace.Failing)},
		{"unknown", errors.New("what"), nil, false, nil},
	} {
		recorder := trace.NewRecorder(failing{w, c.err}, trace.Options{})
		want := []string{c.err.Error(), c.err.Error(), c.err.Error()}
		for range 2 {
			if diff := cmp.Diff(want, ask(recorder, "/x")); diff != "" {
				t.Errorf("%s: errors (-want +got):\n%s", c.name, diff)
			}
		}
		read := recorder.Trace()
		if read.Storable() != c.store || read.Len() != 3 {
			t.Errorf("%s: storable %v, %d inputs", c.name, read.Storable(), read.Len())
		}
		if !c.store {
			continue
		}
		got, err := again(t, read).Check(t.Context(), failing{w, c.then})
		must(t, err)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: difference (-want +got):\n%s", c.name, diff)
		}
	}
}

// What a Recorder remembers is not what is so now.
func TestCheckOfRecorder(t *testing.T) {
	t.Parallel()
	w := newWorld(t, t.TempDir(), map[string]string{"default.nix": "1"})
	time.Sleep(2 * tick)
	recorder := trace.NewRecorderMargin(w, trace.Options{}, tick)
	w.result(t, recorder)
	read := recorder.Trace()
	w.reads.Store(0)
	different, err := read.CheckMargin(t.Context(), recorder, tick)
	if different != nil || err != nil || w.reads.Load() != 0 {
		t.Errorf("%v, %v, %d reads", different, err, w.reads.Load())
	}
	remove("default.nix")(t, w)
	different, err = read.CheckMargin(t.Context(), recorder, tick)
	must(t, err)
	if diff := cmp.Diff(difference(trace.Entry, "default.nix", trace.Gone), w.relative(different)); diff != "" {
		t.Errorf("difference (-want +got):\n%s", diff)
	}
}
