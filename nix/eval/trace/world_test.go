package trace_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"luminousnix/nix/eval"
	"luminousnix/nix/eval/trace"
	"luminousnix/nix/store"
)

// tick is longer than the tick of any clock of a file system that tests run on,
// and in tests the margin after which files are trusted.
const tick = 25 * time.Millisecond

// coarse is the tick of the clock of the file system that tests see, so that they
// meet changes within a tick on machines whose clocks are finer.
const coarse = tick - 5*time.Millisecond

// world is a directory and an environment to evaluate in. It counts how often
// content is read.
type world struct {
	eval.Host
	root        string
	environment map[string]string
	reads       *atomic.Int64
}

// coarseInfo has the times of a clock that ticks slowly.
type coarseInfo struct {
	fs.FileInfo
	stat *syscall.Stat_t
}

func (c coarseInfo) Sys() any { return c.stat }

func (w world) Lstat(path string) (fs.FileInfo, error) {
	info, err := w.Host.Lstat(path)
	if err != nil {
		return nil, err
	}
	stat := *info.Sys().(*syscall.Stat_t)
	for _, at := range []*syscall.Timespec{&stat.Mtim, &stat.Ctim} {
		*at = syscall.NsecToTimespec(at.Nano() - at.Nano()%int64(coarse))
	}
	return coarseInfo{info, &stat}, nil
}

// newWorld makes a tree of files. A file is made executable if its content begins
// with #!, and content that begins with -> is the target of a symbolic link.
func newWorld(tb testing.TB, root string, files map[string]string) world {
	tb.Helper()
	for name, content := range files {
		write(tb, filepath.Join(root, name), content)
	}
	return world{root: root, environment: map[string]string{"SET": "one"}, reads: new(atomic.Int64)}
}

func write(tb testing.TB, path, content string) {
	tb.Helper()
	must(tb, os.MkdirAll(filepath.Dir(path), 0o777))
	if target, ok := strings.CutPrefix(content, "->"); ok {
		must(tb, os.Symlink(target, path))
		return
	}
	mode := fs.FileMode(0o644)
	if strings.HasPrefix(content, "#!") {
		mode = 0o755
	}
	must(tb, os.WriteFile(path, []byte(content), mode))
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

func (w world) Getenv(name string) string { return w.environment[name] }

func (w world) ReadFile(path string) ([]byte, error) {
	w.reads.Add(1)
	return w.Host.ReadFile(path)
}

func (w world) ReadDir(path string) ([]fs.DirEntry, error) {
	w.reads.Add(1)
	return w.Host.ReadDir(path)
}

// evaluate returns what default.nix evaluates to, as JSON, or the error, and what
// was read. Files that are older than margin are trusted.
func (w world) evaluate(tb testing.TB, margin time.Duration) (string, *trace.Trace) {
	tb.Helper()
	recorder := trace.NewRecorderMargin(w, trace.Options{StoreDir: w.storeDir()}, margin)
	return w.result(tb, recorder), recorder.Trace()
}

func (w world) storeDir() store.Dir { return store.Dir(w.root + "/store") }

func (w world) result(tb testing.TB, inputs eval.Inputs) string {
	tb.Helper()
	var messages bytes.Buffer
	ev := eval.New(eval.Options{
		Store: &eval.DryStore{Directory: w.storeDir()}, Inputs: inputs, Stderr: &messages,
		SearchPath: []eval.SearchEntry{{Path: w.root + "/search1"}, {Prefix: "named", Path: w.root + "/search2"}},
	})
	v, err := ev.EvalExpr(tb.Context(), "«test»", "builtins.toJSON (import "+w.root+")")
	if err != nil {
		return "error: " + err.Error()
	}
	return v.Text()
}

// relative makes the name of a difference independent of where the tree is.
func (w world) relative(d *trace.Difference) *trace.Difference {
	if d != nil {
		d.Name = strings.TrimPrefix(d.Name, w.root+"/")
	}
	return d
}

// again is the trace after it was kept.
func again(tb testing.TB, t *trace.Trace) *trace.Trace {
	tb.Helper()
	encoded, err := t.MarshalBinary()
	must(tb, err)
	decoded := new(trace.Trace)
	must(tb, decoded.UnmarshalBinary(encoded))
	return decoded
}
