package bench_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"luminousnix"
	"luminousnix/internal/testbed"
	"luminousnix/nix/store"
)

// BenchmarkRollback goes back and forth between two generations without activation: the
// whole process and this one, on a file system in memory and on the disk, where what
// counts is how often the disk is waited for.
func BenchmarkRollback(b *testing.B) {
	for name, dir := range map[string]string{"tmpfs": "/dev/shm", "disk": os.TempDir()} {
		b.Run(name, func(b *testing.B) {
			r := newRollback(b, dir)
			r.run(b)
			if name == "disk" {
				b.ReportMetric(float64(r.syncs(b)), "fsyncs")
				b.ReportMetric(milliseconds(fsyncTime(b, dir)), "ms-fsync")
			}
		})
	}
}

type rollback struct {
	*bed
	client *luminousnix.Client
}

func newRollback(b *testing.B, dir string) *rollback {
	b.Helper()
	dir, err := os.MkdirTemp(dir, "bench-")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { testbed.RemoveAll(dir) })
	nix, err := testbed.Start(b.Context(), dir)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { nix.Stop() })
	if err := nix.Populate(b.Context(), 3); err != nil {
		b.Fatal(err)
	}
	env := append(nix.Env(), "LUMINOUS_NIX_ACTIVATE=never", "LUMINOUS_NIX_ALLOW_UNPRIVILEGED=yes")
	client, err := luminousnix.Open(luminousnix.Options{
		Getenv:  func(name string) string { return value(env, name) },
		Confirm: func(context.Context, luminousnix.Operation, luminousnix.Plan) (bool, error) { return true, nil },
	})
	if err != nil {
		b.Fatal(err)
	}
	return &rollback{&bed{nix, machine.askNix, env, machine.null}, client}
}

func value(env []string, name string) string {
	for _, entry := range env {
		if text, ok := strings.CutPrefix(entry, name+"="); ok {
			return text
		}
	}
	return ""
}

func (r *rollback) run(b *testing.B) {
	b.Helper()
	target := 3
	next := func() int { target = 5 - target; return target } // 2 and 3 in turns
	order := func() string { return strconv.Itoa(next()) }
	r.time(b, r.askNix, "switch-generation", order(), "--yes")
	var process, inside []time.Duration
	for b.Loop() {
		process = append(process, r.time(b, r.askNix, "switch-generation", order(), "--yes"))
		op := luminousnix.Operation{
			Name: luminousnix.SwitchGeneration, Arguments: luminousnix.Arguments{Generation: luminousnix.GenerationNumber(next())},
		}
		start := time.Now()
		if _, err := r.client.Execute(b.Context(), op, nil); err != nil {
			b.Fatal(err)
		}
		inside = append(inside, time.Since(start))
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(milliseconds(median(process)), "ms-P")
	b.ReportMetric(milliseconds(median(inside)), "ms-I")
}

// syncs counts how often one rollback waits for the disk; -1 where nothing can count.
func (r *rollback) syncs(b *testing.B) int {
	b.Helper()
	strace, err := exec.LookPath("strace")
	if err != nil {
		b.Log("the number of fsyncs is not counted: strace is not installed")
		return -1
	}
	log := filepath.Join(b.TempDir(), "log")
	r.time(b, strace, "-f", "-e", "trace=fsync,fdatasync,syncfs,sync", "-o", log, r.askNix, "rollback", "--to", "1", "--yes")
	text, err := os.ReadFile(log)
	if err != nil {
		b.Fatal(err)
	}
	return strings.Count(string(text), "sync(")
}

// fsyncTime is how long the disk takes for what one of them waits for: a few bytes more
// of a file.
func fsyncTime(b *testing.B, dir string) time.Duration {
	b.Helper()
	file, err := os.CreateTemp(dir, "fsync-")
	if err != nil {
		b.Fatal(err)
	}
	defer os.Remove(file.Name())
	defer file.Close()
	var times []time.Duration
	for range 51 {
		if _, err := file.WriteString("a line of an audit log\n"); err != nil {
			b.Fatal(err)
		}
		start := time.Now()
		if err := file.Sync(); err != nil {
			b.Fatal(err)
		}
		times = append(times, time.Since(start))
	}
	return median(times)
}

// BenchmarkPreviewUnchanged plans a switch of a machine whose configuration has not
// changed: evaluated from what is kept, and asked of the daemon.
func BenchmarkPreviewUnchanged(b *testing.B) {
	if err := machine.AddHistory(b.Context()); err != nil {
		b.Fatal(err)
	}
	alone(b, machine.askNix, "switch", "--dry-run")
}

// BenchmarkClosureDifference compares two systems of about 2,000 paths each: the whole
// process against nix store diff-closures.
func BenchmarkClosureDifference(b *testing.B) {
	l := needLarge(b)
	other, err := l.secondTop(b)
	if err != nil {
		b.Fatal(err)
	}
	for n, target := range []store.Path{l.top, other} {
		link := l.GenerationLink(1000 + n)
		if err := os.Symlink(string(target), link); err != nil && !os.IsExist(err) {
			b.Fatal(err)
		}
	}
	if err := unix.Symlinkat(filepath.Base(l.GenerationLink(1001)), unix.AT_FDCWD, l.SystemProfile); err != nil && err != unix.EEXIST {
		b.Fatal(err)
	}
	client, err := luminousnix.Open(luminousnix.Options{
		Getenv: func(name string) string { return value(append(l.Env(), "LUMINOUS_NIX_CACHE=no"), name) },
	})
	if err != nil {
		b.Fatal(err)
	}
	op := luminousnix.Operation{Name: luminousnix.CompareGenerations, Arguments: luminousnix.Arguments{From: 1000, To: 1001}}
	inside := func() error {
		_, err := client.Execute(b.Context(), op, nil)
		return err
	}
	l.against(b, []string{l.askNix, "--no-cache", "diff", "1000", "1001"}, inside,
		"nix", "--extra-experimental-features", "nix-command", "store", "diff-closures", string(l.top), string(other))
}

// secondTop makes a path that shares half of what the closure of the top refers to.
func (l *library) secondTop(b *testing.B) (store.Path, error) {
	closure, err := l.open(b).Closure(b.Context(), l.top)
	if err != nil {
		return "", err
	}
	var shared []store.Path
	for _, object := range closure[:len(closure)/2] {
		if object.Path != l.top {
			shared = append(shared, object.Path)
		}
	}
	top, err := l.FillMore(b.Context(), storePaths, storeClosure/2, shared)
	if err != nil {
		return "", err
	}
	size, err := l.open(b).Closure(b.Context(), top)
	b.Logf("%d and %d paths", len(closure), len(size))
	return top, err
}
