package bench_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"luminousnix/internal/testbed"
)

// generations is how many generations the measured profile has.
const generations = 200

// bed is one machine for all benchmarks.
type bed struct {
	*testbed.Nix
	askNix string
	env    []string
	null   *os.File
}

var machine *bed

// stops are run at the end.
var stops []func() error

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	flag.Parse()
	if flag.Lookup("test.bench").Value.String() == "" {
		return m.Run() // nothing to measure, so nothing to prepare
	}
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return complain(err)
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	askNix := filepath.Join(dir, "ask-nix")
	if err := buildProgram(askNix); err != nil {
		return complain(err)
	}
	nix, err := testbed.Start(ctx, filepath.Join(dir, "bed"))
	if err != nil {
		return complain(err)
	}
	defer nix.Stop()
	if err := nix.Populate(ctx, generations); err != nil {
		return complain(err)
	}
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return complain(err)
	}
	machine = &bed{nix, askNix, nix.Env(), null}
	defer func() {
		for _, stop := range stops {
			stop()
		}
	}()
	return m.Run()
}

// buildProgram builds ask-nix as it is installed: a copy of what the linker has written,
// which lies in memory in single pages, and so starts a quarter slower.
func buildProgram(file string) error {
	linked := file + ".linked"
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", linked, "luminousnix/cmd/ask-nix")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	content, err := os.ReadFile(linked)
	if err == nil {
		err = os.WriteFile(file, content, 0o755)
	}
	return errors.Join(err, os.Remove(linked))
}

func complain(err error) int {
	fmt.Fprintln(os.Stderr, err)
	return 1
}

// time runs a command to its end, its output thrown away, and returns how long
// that took from fork to exit. It is started as directly as Go can.
func (m *bed) time(b *testing.B, argv ...string) time.Duration {
	b.Helper()
	took, _ := m.measure(b, argv...)
	return took
}

// measure runs a program and returns how long it took, and its peak memory in MiB.
func (m *bed) measure(b *testing.B, argv ...string) (took time.Duration, peak float64) {
	b.Helper()
	took, state := m.run(b, argv...)
	return took, float64(state.SysUsage().(*syscall.Rusage).Maxrss) / 1024
}

// cpu runs a program and returns how much of a processor's time it took.
func (m *bed) cpu(b *testing.B, argv ...string) time.Duration {
	b.Helper()
	_, state := m.run(b, argv...)
	return state.UserTime() + state.SystemTime()
}

func (m *bed) run(b *testing.B, argv ...string) (took time.Duration, state *os.ProcessState) {
	b.Helper()
	program, err := exec.LookPath(argv[0])
	if err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	process, err := os.StartProcess(program, argv, &os.ProcAttr{Env: m.env, Files: []*os.File{nil, m.null, m.null}})
	if err != nil {
		b.Fatal(err)
	}
	state, err = process.Wait()
	took = time.Since(start)
	if err != nil || !state.Success() {
		b.Fatalf("%v: %v, %v", argv, state, err)
	}
	return took, state
}

// compare runs ours and theirs in turns and reports medians and their ratio.
func compare(b *testing.B, ours, theirs []string) {
	b.Helper()
	machine.time(b, ours...)
	machine.time(b, theirs...)
	var ourTimes, theirTimes []time.Duration
	for b.Loop() {
		ourTimes = append(ourTimes, machine.time(b, ours...))
		theirTimes = append(theirTimes, machine.time(b, theirs...))
	}
	our, their := median(ourTimes), median(theirTimes)
	report(b, our)
	b.ReportMetric(milliseconds(their), "peer-ms")
	b.ReportMetric(float64(their)/float64(our), "times-faster")
}

func alone(b *testing.B, ours ...string) {
	b.Helper()
	machine.time(b, ours...)
	var times []time.Duration
	for b.Loop() {
		times = append(times, machine.time(b, ours...))
	}
	report(b, median(times))
}

func report(b *testing.B, our time.Duration) {
	b.Helper()
	b.ReportMetric(0, "ns/op") // both together say nothing
	b.ReportMetric(milliseconds(our), "ask-nix-ms")
}

func median(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)/2]
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func BenchmarkHelp(b *testing.B) { alone(b, machine.askNix, "--help") }

func BenchmarkGenerations200(b *testing.B) {
	compare(b, []string{machine.askNix, "generations"},
		[]string{"nix-env", "--profile", machine.SystemProfile, "--list-generations"})
}

func BenchmarkGenerationsSentence(b *testing.B) {
	compare(b, []string{machine.askNix, "list my generations"},
		[]string{"nix-env", "--profile", machine.SystemProfile, "--list-generations"})
}

func BenchmarkSystem(b *testing.B) { alone(b, machine.askNix, "system") }

func BenchmarkSearch(b *testing.B) {
	alone(b, machine.askNix, "--no-cache", "search", "video", "editor")
}

func BenchmarkSearchTypo(b *testing.B) { alone(b, machine.askNix, "--no-cache", "search", "fierfox") }

func BenchmarkCompare(b *testing.B) {
	compare(b, []string{machine.askNix, "--no-cache", "diff", "1", "200"},
		[]string{
			"nix", "--extra-experimental-features", "nix-command", "store", "diff-closures",
			machine.GenerationLink(1), machine.GenerationLink(generations),
		})
}

var peak = regexp.MustCompile(`peakMemoryKiB=(\d+)`)

// BenchmarkMemory reports the most memory that a run had resident, as the
// program itself reads it from the kernel at its end.
func BenchmarkMemory(b *testing.B) {
	for _, argv := range [][]string{{"help"}, {"generations"}, {"--no-cache", "search", "video", "editor"}} {
		b.Run(argv[len(argv)-1], func(b *testing.B) {
			machine.time(b, append([]string{machine.askNix}, argv...)...) // the index is built once
			var most float64
			for b.Loop() {
				out, err := machine.Command(b.Context(), machine.askNix, append([]string{"--debug"}, argv...)...).CombinedOutput()
				match := peak.FindSubmatch(out)
				if err != nil || match == nil {
					b.Fatalf("no peak told: %v\n%s", err, out)
				}
				kib, err := strconv.ParseFloat(string(match[1]), 64)
				if err != nil {
					b.Fatal(err)
				}
				most = max(most, kib/1024)
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(most, "MiB")
		})
	}
}
