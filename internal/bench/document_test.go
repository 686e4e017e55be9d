package bench_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"luminousnix/internal/testbed"
	"luminousnix/nix/folder"
)

// documentVariable names the file that BenchmarkDocument writes, besides printing it.
const documentVariable = "LUMINOUS_NIX_BENCHMARKS"

// Rounds of a comparison, and runs of a process that is measured by itself.
const (
	rounds = 31
	runs   = 101
)

// BenchmarkDocument measures what docs/benchmarks.md tells and prints it; `make bench` has
// it written there. It is one run, however often it is asked for.
func BenchmarkDocument(b *testing.B) {
	large, err := ordinary()
	if err != nil {
		b.Fatal(err)
	}
	small := smallBed(b)
	var d document
	d.line("# Benchmarks")
	d.line("")
	d.line("Written by `make bench`, in one run. All are whole processes, from start to end, their")
	d.line("output thrown away.")
	d.line("")
	d.machine(b, large)
	d.against(b, large)
	d.alone(b, large, small)
	d.cache(b, large)
	fmt.Print(d.String())
	if file := os.Getenv(documentVariable); file != "" {
		if err := os.WriteFile(file, []byte(d.String()), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(0, "ns/op")
}

// document is the text that is written.
type document struct{ strings.Builder }

func (d *document) line(format string, args ...any) { fmt.Fprintf(d, format+"\n", args...) }

func (d *document) row(cells ...string) { d.line("| %s |", strings.Join(cells, " | ")) }

func (d *document) head(cells ...string) {
	d.row(cells...)
	d.line("|%s", strings.Repeat("---|", len(cells)))
}

// smallBed is a machine with three generations.
func smallBed(b *testing.B) *bed {
	b.Helper()
	nix := testbed.New(b)
	if err := nix.AddHistory(b.Context()); err != nil {
		b.Fatal(err)
	}
	return &bed{nix, machine.askNix, nix.Env(), machine.null}
}

// machine tells what was measured on.
func (d *document) machine(b *testing.B, m *bed) {
	b.Helper()
	var uts unix.Utsname
	var info unix.Sysinfo_t
	if err := unix.Uname(&uts); err != nil {
		b.Fatal(err)
	}
	if err := unix.Sysinfo(&info); err != nil {
		b.Fatal(err)
	}
	nix, err := m.Command(b.Context(), "nix", "--version").Output()
	if err != nil {
		b.Fatal(err)
	}
	load, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		b.Fatal(err)
	}
	d.head("", "")
	d.row("date", time.Now().UTC().Format("2006-01-02 15:04 UTC"))
	d.row("processors", fmt.Sprintf("%d of %s", runtime.NumCPU(), processor(b)))
	d.row("memory", fmt.Sprintf("%.0f GiB", float64(info.Totalram)*float64(info.Unit)/(1<<30)))
	d.row("kernel", "Linux "+unix.ByteSliceToString(uts.Release[:]))
	d.row("file system of the store", fileSystem(b, m.StoreDir))
	d.row("Go", runtime.Version())
	d.row("Nix", strings.TrimSpace(string(nix)))
	d.row("load before", strings.Join(strings.Fields(string(load))[:3], " "))
	d.line("")
}

// processor is what the processor is called.
func processor(b *testing.B) string {
	b.Helper()
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

// fileSystem is the type of the file system that a folder is on: that of the last mount
// among those that the folder is below, of which the longest is it.
func fileSystem(b *testing.B, dir string) (kind string) {
	b.Helper()
	text, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		b.Fatal(err)
	}
	longest := 0
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if below := strings.TrimSuffix(fields[1], "/") + "/"; strings.HasPrefix(dir+"/", below) && len(below) >= longest {
			kind, longest = fields[2], len(below)
		}
	}
	return kind
}

// sample are times of the same thing.
type sample []time.Duration

// quartiles are the median and the quarters below and above it.
func (s sample) quartiles() (low, middle, high time.Duration) {
	sorted := slices.Sorted(slices.Values(s))
	return sorted[len(sorted)/4], sorted[len(sorted)/2], sorted[len(sorted)*3/4]
}

func (s sample) String() string {
	low, middle, high := s.quartiles()
	return fmt.Sprintf("%s (%s–%s)", short(milliseconds(middle)), short(milliseconds(low)), short(milliseconds(high)))
}

// short writes a number with as many digits as say something.
func short(n float64) string {
	switch {
	case n >= 100:
		return fmt.Sprintf("%.0f", n)
	case n >= 10:
		return fmt.Sprintf("%.1f", n)
	}
	return fmt.Sprintf("%.2f", n)
}

// ratios are how many times longer theirs took, round by round.
func ratios(theirs, ours sample) string {
	if len(theirs) == 0 || len(ours) == 0 {
		return "–"
	}
	all := make([]float64, len(ours))
	for i := range ours {
		all[i] = ratio(theirs[i], ours[i])
	}
	slices.Sort(all)
	n := len(all)
	return fmt.Sprintf("**%s** (%s–%s)", short(all[n/2]), short(all[n/4]), short(all[n*3/4]))
}

// alone measures what has to be fast by itself, on two machines, against what it has to
// hold.
func (d *document) alone(b *testing.B, machines ...*bed) {
	b.Helper()
	d.line("## Each by itself")
	d.line("")
	d.line("Milliseconds: the median of %d runs, and the quarters below and above it. The large store is", runs)
	d.line("the one above; the small one has 3 generations, of small systems. A Go program that does")
	d.line("nothing is measured in turns with each command; of what a command takes, that is not ours.")
	d.line("The links of a profile that changed in the last two seconds are read afresh: nothing had changed so")
	d.line("lately. A run of nix-env is such a change, so that in the comparison above they were read each time.")
	d.line("")
	settle()
	d.head("command", "large store", "small store", "an empty Go program", "at most", "held")
	empty := emptyProgram(b)
	for _, c := range processes() {
		var all [2]sample
		var idle sample
		for i, m := range machines {
			argv := append([]string{m.askNix}, c.args...)
			if i == 0 && c.large != nil {
				argv = append([]string{m.askNix}, c.large...)
			}
			if c.kept {
				m.awaitKept(b, argv)
			}
			for range 3 {
				m.time(b, argv...)
			}
			for range runs {
				all[i] = append(all[i], m.time(b, argv...))
				idle = append(idle, m.time(b, empty))
			}
		}
		most, held := "", ""
		if c.most > 0 {
			_, large, _ := all[0].quartiles()
			_, small, _ := all[1].quartiles()
			most, held = fmt.Sprint(c.most), "no"
			if limit := time.Duration(c.most) * time.Millisecond; large <= limit && small <= limit {
				held = "yes"
			}
		}
		name := "`" + strings.Join(append([]string{"ask-nix"}, c.args...), " ") + "`"
		if c.kept {
			name += ", from the cache"
		}
		d.row(name, all[0].String(), all[1].String(), idle.String(), most, held)
	}
	d.line("")
}

// process is a command that is measured by itself, and how many milliseconds it may take.
type process struct {
	args  []string
	large []string // on the large store, if they are others there
	most  int
	kept  bool // it is to be answered from the cache
}

func processes() []process {
	return []process{
		{args: []string{"--version"}},
		{args: []string{"generations"}, most: 4},
		{args: []string{"system"}, most: 4},
		{args: []string{"config"}, most: 4},
		{args: []string{"diff", "2", "3"}, large: []string{"diff", "201", "202"}, most: 4, kept: true},
		{args: []string{"installed"}, most: 4, kept: true},
		{args: []string{"disk"}, most: 4, kept: true},
		{args: []string{"search", "video", "editor"}, most: 6},
		{args: []string{"info", "htop"}, most: 6},
		{args: []string{"diff", "2", "3", "--no-cache"}, large: []string{"diff", "201", "202", "--no-cache"}, most: 15},
		{args: []string{"installed", "--no-cache"}, most: 15},
		{args: []string{"disk", "--no-cache"}, most: 60},
		{args: []string{"health"}, most: 60},
		{args: []string{"health", "--no-cache"}, most: 60},
		{args: []string{"list my generations"}},
	}
}

// settle waits until the folder of a profile tells that it did not change: its links are kept.
func settle() { time.Sleep(folder.Settled + time.Second) }

// awaitKept runs a command until it is answered from the cache: the database and the
// folders of roots tell that they did not change when their last change is a while ago.
func (m *bed) awaitKept(b *testing.B, argv []string) {
	b.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		out, err := m.Command(b.Context(), argv[0], append(argv[1:len(argv):len(argv)], "--json")...).Output()
		if err != nil {
			b.Fatalf("%v: %v", argv, err)
		}
		var answer struct{ Cached bool }
		if err := json.Unmarshal(out, &answer); err != nil {
			b.Fatal(err)
		}
		// What is kept for a while only is there one answer later.
		if answer.Cached {
			m.time(b, argv...)
			return
		}
		if time.Now().After(deadline) {
			b.Fatalf("%v is not answered from the cache", argv)
		}
	}
}

// cache tells how large the cache is after all that.
func (d *document) cache(b *testing.B, m *bed) {
	b.Helper()
	folder := filepath.Join(m.Dir, "runtime", "luminous-nix", "answers")
	files, err := os.ReadDir(folder)
	if err != nil {
		b.Fatal(err)
	}
	var size int64
	for _, file := range files {
		info, err := file.Info()
		if err != nil {
			b.Fatal(err)
		}
		size += info.Size()
	}
	d.line("## The cache")
	d.line("")
	d.line("After all of this the cache of the large store has %d files of %s MiB together; it is never", len(files), short(float64(size)/(1<<20)))
	d.line("larger than 10 MiB.")
}
