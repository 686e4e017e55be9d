package bench_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"luminousnix/internal/testbed"
)

// searching is what is measured: a search whose answer is not kept from before.
var searching = []string{"--no-cache", "search", "video", "editors"}

// BenchmarkCatalogProcess searches from fork to exit, with the index in memory, and
// with the index on disk only.
func BenchmarkCatalogProcess(b *testing.B) {
	empty := emptyProgram(b)
	machine.time(b, append([]string{machine.askNix}, searching...)...) // the index is built once
	index := indexFile(b)
	b.Run("warm", func(b *testing.B) {
		besideEmpty(b, empty, func() {})
		b.ReportMetric(debugged(b, searching...), "MiB")
	})
	b.Run("cold", func(b *testing.B) {
		besideEmpty(b, empty, func() { dropFromMemory(b, index) })
		b.ReportMetric(inMemory(b, index), "MiB-read") // by the last search
	})
}

// besideEmpty searches in turns with a program that does nothing: what that takes is
// not ours, and more than usual if the machine is busy.
func besideEmpty(b *testing.B, empty string, prepare func()) {
	b.Helper()
	ours := append([]string{machine.askNix}, searching...)
	var ourTimes, emptyTimes []time.Duration
	for b.Loop() {
		prepare()
		ourTimes = append(ourTimes, machine.time(b, ours...))
		emptyTimes = append(emptyTimes, machine.time(b, empty))
	}
	report(b, median(ourTimes))
	b.ReportMetric(milliseconds(median(emptyTimes)), "empty-ms")
}

// BenchmarkCatalogBuild is the first search ever, which builds the index of the
// snapshot.
func BenchmarkCatalogBuild(b *testing.B) {
	var times []time.Duration
	var most float64
	for b.Loop() {
		if err := os.RemoveAll(cacheFolder()); err != nil {
			b.Fatal(err)
		}
		start := time.Now()
		most = max(most, debugged(b, searching...))
		times = append(times, time.Since(start))
	}
	report(b, median(times))
	b.ReportMetric(most, "MiB")
	info, err := os.Stat(indexFile(b))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(info.Size())/(1<<20), "MiB-index")
}

// BenchmarkCatalogNixSearch compares with nix search of the newest Nix here, in the
// tree that NIXPKGS names, after both have made what they keep of it.
//
// Nix forgives packages that cannot be evaluated, and keeps what it has evaluated, in
// flakes only: `nix search --file` ends at the first that throws, and does not take a
// tree of nixpkgs, which is a function, at all. So the tree is made a flake, in the
// store: one elsewhere would be copied there by each search.
func BenchmarkCatalogNixSearch(b *testing.B) {
	tree := tree(b)
	release, err := testbed.Fetched("forky")
	if err != nil {
		b.Fatal(err)
	}
	nix := testbed.NewWith(b, testbed.Options{Release: release})
	m := &bed{nix, machine.askNix, nix.Env(), machine.null}
	m.time(b, m.askNix, "--yes", "catalog", "build", "--from", tree)
	ours := append([]string{m.askNix}, searching...)
	theirs := []string{filepath.Join(release.BinDir, "nix"), "search", "--quiet", "path:" + flakeOf(b, nix, tree), "video", "editors"}
	first := m.time(b, theirs...)
	m.time(b, ours...)

	var ourTimes, theirTimes []time.Duration
	for b.Loop() {
		ourTimes = append(ourTimes, m.time(b, ours...))
		theirTimes = append(theirTimes, m.time(b, theirs...))
	}
	our, their := median(ourTimes), median(theirTimes)
	report(b, our)
	b.ReportMetric(milliseconds(their), "nix-ms")
	b.ReportMetric(milliseconds(first), "nix-first-ms")
	b.ReportMetric(ratio(their, our), "times-faster")
}

// flakeOf puts a tree of nixpkgs into the store as a flake.
func flakeOf(b *testing.B, nix *testbed.Nix, tree string) (path string) {
	b.Helper()
	const flake = `{
		outputs = { self }: {
			legacyPackages.x86_64-linux = import ./. { system = "x86_64-linux"; };
		};
	}`
	dir := filepath.Join(b.TempDir(), "source")
	err := os.CopyFS(dir, os.DirFS(tree))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "flake.nix"), []byte(flake), 0o644)
	}
	if err != nil {
		b.Fatal(err)
	}
	out, err := nix.Command(b.Context(), "nix-store", "--add", dir).Output()
	if err != nil {
		b.Fatal(err)
	}
	return string(out[:len(out)-1])
}

// emptyProgram builds a program that does nothing.
func emptyProgram(b *testing.B) (path string) {
	b.Helper()
	source := filepath.Join(b.TempDir(), "empty.go")
	if err := os.WriteFile(source, []byte("package main\n\nfunc main() {}\n"), 0o644); err != nil {
		b.Fatal(err)
	}
	path = filepath.Join(b.TempDir(), "empty")
	if out, err := exec.Command("go", "build", "-ldflags", "-s -w", "-o", path, source).CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	return path
}

// debugged runs ask-nix and returns its peak memory in MiB, as it reads it itself.
func debugged(b *testing.B, args ...string) float64 {
	b.Helper()
	out, err := machine.Command(b.Context(), machine.askNix, append([]string{"--debug"}, args...)...).CombinedOutput()
	match := peak.FindSubmatch(out)
	if err != nil || match == nil {
		b.Fatalf("no peak told: %v\n%s", err, out)
	}
	kib, err := strconv.ParseFloat(string(match[1]), 64)
	if err != nil {
		b.Fatal(err)
	}
	return kib / 1024
}

func cacheFolder() string { return filepath.Join(machine.Home, ".cache", "luminous-nix") }

// indexFile is the only index there.
func indexFile(b *testing.B) string {
	b.Helper()
	found, err := filepath.Glob(filepath.Join(cacheFolder(), "catalog", "*.index"))
	if err != nil || len(found) != 1 {
		b.Fatalf("indexes: %q, %v", found, err)
	}
	return found[0]
}

// dropFromMemory leaves a file on disk only.
func dropFromMemory(b *testing.B, path string) {
	b.Helper()
	withFile(b, path, func(f *os.File) error {
		if err := f.Sync(); err != nil {
			return err
		}
		return unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED)
	})
	if left := inMemory(b, path); left > 0 {
		b.Logf("%.1f MiB of the index stayed in memory: what was measured is not all cold", left)
	}
}

// inMemory is how much of a file the page cache has, in MiB.
func inMemory(b *testing.B, path string) float64 {
	b.Helper()
	var stat unix.Cachestat_t
	withFile(b, path, func(f *os.File) error {
		err := unix.Cachestat(uint(f.Fd()), &unix.CachestatRange{}, &stat, 0)
		if errors.Is(err, unix.ENOSYS) {
			b.Log("this kernel doesn't tell what it has in memory (Linux 6.5 does): what was measured may not be cold")
			return nil
		}
		return err
	})
	return float64(stat.Cache) * float64(os.Getpagesize()) / (1 << 20)
}

func withFile(b *testing.B, path string, do func(*os.File) error) {
	b.Helper()
	f, err := os.Open(path)
	if err == nil {
		err = errors.Join(do(f), f.Close())
	}
	if err != nil {
		b.Fatal(err)
	}
}
