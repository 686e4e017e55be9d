package metrics_test

import (
	"bufio"
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/metrics"
	"luminousnix/internal/operation"
)

func TestMain(m *testing.M) {
	if path := os.Getenv("METRICS_TEST_ADD"); path != "" {
		os.Exit(addMany(path))
	}
	os.Exit(m.Run())
}

// addMany is a process of its own that counts runs, of which it says one a line.
func addMany(path string) int {
	for n := range 200 {
		name := operation.All()[n%40].Name
		if err := (metrics.File{Path: path}).Add(run(name, time.Millisecond)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		fmt.Println(n)
	}
	return 0
}

func run(name operation.Name, took time.Duration) metrics.Run {
	return metrics.Run{Operation: name, At: time.Unix(1700000000, 0), Took: took, Succeeded: true, Backend: "native"}
}

func file(t *testing.T) metrics.File {
	return metrics.File{Path: filepath.Join(t.TempDir(), "state", "metrics")}
}

func add(t *testing.T, f metrics.File, r metrics.Run) {
	t.Helper()
	if err := f.Add(r); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, f metrics.File) operation.Metrics {
	t.Helper()
	m, err := f.Read()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestCounts(t *testing.T) {
	t.Parallel()
	f := file(t)
	if m := read(t, f); m.TotalOperations != 0 || m.Since != nil {
		t.Errorf("without a file: %+v", m)
	}
	if _, err := os.Stat(f.Path); err == nil {
		t.Error("reading has made a file")
	}
	at := time.Unix(1700000000, 0)
	for _, r := range []metrics.Run{
		{Operation: "rollback", At: at.Add(time.Hour), Took: 4 * time.Second, Backend: "command", Recoveries: 2, Recovered: true, Estimated: true, EstimateError: 0.25},
		{Operation: "list-packages", At: at, Took: 3 * time.Millisecond, Succeeded: true, CacheAsked: true, Backend: "native"},
		{Operation: "list-packages", At: at, Took: time.Millisecond, Succeeded: true, CacheAsked: true, Cached: true, Backend: "native"},
	} {
		add(t, f, r)
	}
	want := operation.Metrics{
		TotalOperations: 3, SuccessRate: 2.0 / 3, CacheHitRate: 0.5, AverageDuration: 4004.0 / 3, Since: &at,
		OperationCounts: operation.OperationCounts{
			Succeeded: 2, CacheAsked: 2, Cached: 1, Native: 2, Command: 1, Recoveries: 2, Recovered: 1, Estimates: 1, EstimateError: 0.25,
			LongestDuration: 4000,
			Histogram:       []operation.LatencyBucket{{Above: 0.8, UpTo: 1, Count: 1}, {Above: 2.5, UpTo: 3.15, Count: 1}, {Above: 3150, UpTo: 4000, Count: 1}},
		},
		Operations: []operation.OperationMetrics{
			{Operation: "list-packages", Total: 2, AverageDuration: 2, OperationCounts: operation.OperationCounts{
				Succeeded: 2, CacheAsked: 2, Cached: 1, Native: 2, LongestDuration: 3,
				Histogram: []operation.LatencyBucket{{Above: 0.8, UpTo: 1, Count: 1}, {Above: 2.5, UpTo: 3.15, Count: 1}},
			}},
			{Operation: "rollback", Total: 1, AverageDuration: 4000, OperationCounts: operation.OperationCounts{
				Command: 1, Recoveries: 2, Recovered: 1, Estimates: 1, EstimateError: 0.25, LongestDuration: 4000,
				Histogram: []operation.LatencyBucket{{Above: 3150, UpTo: 4000, Count: 1}},
			}},
		},
	}
	got := read(t, f)
	for _, c := range []*operation.OperationCounts{&got.OperationCounts, &got.Operations[0].OperationCounts, &got.Operations[1].OperationCounts} {
		c.P50Duration, c.P95Duration, c.P99Duration = 0, 0, 0 // TestQuantiles
	}
	near := cmp.Comparer(func(a, b float64) bool { return a-b < 1e-9 && b-a < 1e-9 })
	if diff := cmp.Diff(want, got, near); diff != "" {
		t.Error(diff)
	}
	info, err := os.Stat(f.Path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 || info.Size() > 64<<10 {
		t.Errorf("the file has mode %v and %d bytes", info.Mode(), info.Size())
	}
}

// TestAllOperationsFit counts each operation there is, twice.
func TestAllOperationsFit(t *testing.T) {
	t.Parallel()
	f := file(t)
	for range 2 {
		for _, spec := range operation.All() {
			add(t, f, run(spec.Name, time.Millisecond))
		}
	}
	m := read(t, f)
	if len(m.Operations) != len(operation.All()) {
		t.Errorf("%d operations of %d", len(m.Operations), len(operation.All()))
	}
	for _, o := range m.Operations {
		if o.Total != 2 {
			t.Errorf("%s: %d", o.Operation, o.Total)
		}
	}
}

// TestQuantiles compares quantiles of random times with those of the times themselves: they
// lie within one step of the histogram, which is a quarter and a little.
func TestQuantiles(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for round := range 30 {
		f := file(t)
		var times []float64 // ms
		for range 1 + random.IntN(300) {
			took := time.Duration(float64(100*time.Microsecond) * pow10(random.Float64()*float64(1+round%7)))
			times = append(times, float64(took)/1e6)
			add(t, f, run("rollback", took))
		}
		slices.Sort(times)
		got := read(t, f).Operations[0]
		if got.Total != len(times) || sumOf(got.Histogram) != len(times) {
			t.Fatalf("%d runs are %d, %d in the histogram", len(times), got.Total, sumOf(got.Histogram))
		}
		last := 0.0
		for _, q := range []struct{ share, got float64 }{{0.5, got.P50Duration}, {0.95, got.P95Duration}, {0.99, got.P99Duration}} {
			rank := max(0, int(q.share*float64(len(times))+0.999999)-1)
			if is, wrong := times[rank], q.got/times[rank]; wrong < 0.78 || wrong > 1.29 {
				t.Errorf("round %d: the %v quantile of %d is %v, and told as %v", round, q.share, len(times), is, q.got)
			}
			if q.got < last || q.got > times[len(times)-1] {
				t.Errorf("round %d: the %v quantile is %v, after %v, and the longest %v", round, q.share, q.got, last, times[len(times)-1])
			}
			last = q.got
		}
		for i, b := range got.Histogram {
			if b.UpTo <= b.Above || i > 0 && b.Above < got.Histogram[i-1].UpTo {
				t.Fatalf("buckets overlap: %v", got.Histogram)
			}
		}
	}
}

func pow10(x float64) float64 {
	p := 1.0
	for ; x >= 1; x-- {
		p *= 10
	}
	return p * (1 + 9*x)
}

func sumOf(buckets []operation.LatencyBucket) (n int) {
	for _, b := range buckets {
		n += b.Count
	}
	return n
}

// TestOddTimes counts what no clock should say.
func TestOddTimes(t *testing.T) {
	t.Parallel()
	f := file(t)
	for _, took := range []time.Duration{-time.Hour, 0, 1, 400 * 24 * time.Hour} {
		add(t, f, run("rollback", took))
	}
	got := read(t, f).Operations[0]
	want := []operation.LatencyBucket{{UpTo: 0.1, Count: 3}, {Above: 8e6, Count: 1}}
	if diff := cmp.Diff(want, got.Histogram); diff != "" || got.P99Duration > got.LongestDuration || got.P50Duration > 0.1 {
		t.Errorf("%s\n%+v", diff, got)
	}
	if err := f.Add(run("", 1)); err == nil {
		t.Error("an operation without a name is counted")
	}
	if err := f.Add(run(operation.Name(strings.Repeat("x", 33)), 1)); err == nil {
		t.Error("a name that does not fit is counted")
	}
}

// TestProcessesLoseNothing has processes and goroutines count at the same time.
func TestProcessesLoseNothing(t *testing.T) {
	t.Parallel()
	f := file(t)
	const processes = 12
	var group sync.WaitGroup
	for range processes {
		group.Go(func() {
			if out, err := adding(f).CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
		group.Go(func() {
			for range 50 {
				if err := f.Add(run("rollback", time.Second)); err != nil {
					t.Error(err)
				}
				if _, err := f.Read(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if got, want := read(t, f).TotalOperations, processes*(200+50); got != want {
		t.Errorf("%d runs are counted of %d", got, want)
	}
	entries, err := os.ReadDir(filepath.Dir(f.Path))
	if err != nil || len(entries) != 1 {
		t.Errorf("there is more than the file: %v %v", entries, err)
	}
}

func adding(f metrics.File) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "METRICS_TEST_ADD="+f.Path)
	return cmd
}

// TestKilled kills processes that count, at any moment: what they have said is counted,
// and at most one run more.
func TestKilled(t *testing.T) {
	t.Parallel()
	f := file(t)
	said, processes := 0, 40
	for n := range processes {
		cmd := adding(f)
		var out bytes.Buffer
		cmd.Stdout = &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(n) * 300 * time.Microsecond)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // it was killed
		said += bytes.Count(out.Bytes(), []byte("\n"))
	}
	if got := read(t, f).TotalOperations; got < said || got > said+processes {
		t.Errorf("%d runs are counted, %d were told", got, said)
	}
	t.Logf("%d runs by %d processes that were killed", said, processes)
}

// TestDamaged damages the file in all ways: it is put aside, that is said once, and
// counting starts anew.
func TestDamaged(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	flip := func(content []byte, from, to int) []byte {
		content[from+random.IntN(to-from)] ^= 1 << random.IntN(8)
		return content
	}
	damages := map[string]func([]byte) []byte{
		"empty":     func([]byte) []byte { return nil },
		"cut":       func(c []byte) []byte { return c[:len(c)/2] },
		"longer":    func(c []byte) []byte { return append(c, 0) },
		"header":    func(c []byte) []byte { return flip(c, 0, 18) },
		"text":      func(c []byte) []byte { return []byte("hello\n") },
		"noise":     func(c []byte) []byte { return randomBytes(random, len(c)) },
		"zeros":     func(c []byte) []byte { return make([]byte, len(c)) },
		"slot":      func(c []byte) []byte { return flip(c, used(c), used(c)+512) },
		"checksum":  func(c []byte) []byte { return flip(c, used(c)+508, used(c)+512) },
		"free slot": func(c []byte) []byte { return flip(c, unused(c), unused(c)+512) },
	}
	for name, damage := range damages {
		for _, reading := range []bool{true, false} {
			f := file(t)
			add(t, f, run("rollback", time.Second))
			content, err := os.ReadFile(f.Path)
			if err != nil {
				t.Fatal(err)
			}
			content = damage(content)
			if err := os.WriteFile(f.Path, content, 0o600); err != nil {
				t.Fatal(err)
			}
			if reading {
				_, err = f.Read()
			} else if err = f.Add(run("rollback", time.Second)); err == nil && name == "free slot" {
				_, err = f.Read() // who adds does not look at all
			}
			damaged, ok := metrics.IsDamaged(err)
			if !ok {
				t.Errorf("%s: %v", name, err)
				continue
			}
			aside, err := os.ReadFile(damaged.Aside)
			if err != nil || len(aside) != len(content) {
				t.Errorf("%s: what was put aside: %d bytes of %d, %v", name, len(aside), len(content), err)
			}
			add(t, f, run("rollback", time.Second)) // nothing more is said
			if got := read(t, f).TotalOperations; got != 1 && got != 2 {
				t.Errorf("%s: %d runs are counted", name, got)
			}
			for _, path := range f.Paths() {
				if err := os.Remove(path); err != nil {
					t.Error(err)
				}
			}
			if entries, err := os.ReadDir(filepath.Dir(f.Path)); err != nil || len(entries) > 0 {
				t.Errorf("%s: something stays: %v %v", name, entries, err)
			}
		}
	}
}

func randomBytes(random *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(random.Uint32())
	}
	return b
}

// used is where the first slot is that is used, unused where one is that is free.
func used(content []byte) int {
	for at := 512; ; at += 512 {
		if content[at] != 0 {
			return at
		}
	}
}

func unused(content []byte) int {
	for at := 512; ; at += 512 {
		if content[at] == 0 {
			return at
		}
	}
}

// TestDamageIsSaidOnce has many find the same damage at once.
func TestDamageIsSaidOnce(t *testing.T) {
	t.Parallel()
	f := file(t)
	add(t, f, run("rollback", time.Second))
	if err := os.WriteFile(f.Path, []byte("hello\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var group sync.WaitGroup
	said := 0
	for range 32 {
		group.Go(func() {
			err := f.Add(run("rollback", time.Second))
			_, damaged := metrics.IsDamaged(err)
			if err != nil && !damaged {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			if damaged {
				said++
			}
		})
	}
	group.Wait()
	if got := read(t, f).TotalOperations; said != 1 || got != 32 {
		t.Errorf("it was said %d times, and %d runs of 32 are counted", said, got)
	}
}

func TestNotThroughLinks(t *testing.T) {
	t.Parallel()
	f := file(t)
	add(t, f, run("rollback", time.Second))
	link := metrics.File{Path: filepath.Join(t.TempDir(), "metrics")}
	if err := os.Symlink(f.Path, link.Path); err != nil {
		t.Fatal(err)
	}
	if err := link.Add(run("rollback", time.Second)); err == nil {
		t.Error("a link was followed")
	}
	if got := read(t, f).TotalOperations; got != 1 {
		t.Errorf("%d runs are counted", got)
	}
}

// TestPrometheus reads what is written as Prometheus does: names, HELP and TYPE once and
// before the samples, buckets that only grow, up to the count.
func TestPrometheus(t *testing.T) {
	t.Parallel()
	f := file(t)
	random := rand.New(rand.NewPCG(5, 6))
	for n := range 500 {
		r := run(operation.All()[n%7].Name, time.Duration(random.Int64N(int64(10*time.Second))))
		r.Succeeded, r.CacheAsked, r.Cached = n%3 > 0, n%2 == 0, n%4 == 0
		add(t, f, r)
	}
	m := read(t, f)
	var text bytes.Buffer
	if err := metrics.WritePrometheus(&text, m); err != nil {
		t.Fatal(err)
	}
	samples, types := parse(t, text.String())
	if types["ask_nix_operation_duration_seconds"] != "histogram" || types["ask_nix_operations_total"] != "counter" {
		t.Errorf("%v", types)
	}
	for name := range types {
		if strings.Contains(name, "recover") || strings.Contains(name, "estimate") {
			t.Errorf("%s was never measured", name)
		}
	}
	for _, o := range m.Operations {
		label := `operation="` + string(o.Operation) + `"`
		last, buckets := 0.0, 0
		for _, s := range samples {
			if strings.HasPrefix(s.name, "ask_nix_operation_duration_seconds_bucket{"+label+",le=") {
				buckets++
				if s.value < last {
					t.Fatalf("%s is less than %v", s.name, last)
				}
				last = s.value
			}
		}
		if last != float64(o.Total) || buckets != 25 {
			t.Errorf("%s: %d buckets up to %v, and %d runs", o.Operation, buckets, last, o.Total)
		}
		for name, want := range map[string]float64{
			"ask_nix_operations_total{" + label + `,outcome="success"}`: float64(o.Succeeded),
			"ask_nix_operations_total{" + label + `,outcome="failure"}`: float64(o.Total - o.Succeeded),
			"ask_nix_operation_duration_seconds_count{" + label + "}":   float64(o.Total),
			"ask_nix_cache_requests_total{" + label + `,result="hit"}`:  float64(o.Cached),
		} {
			at := slices.IndexFunc(samples, func(s sample) bool { return s.name == name })
			if at < 0 || samples[at].value != want {
				t.Errorf("%s is not %v", name, want)
			}
		}
	}
}

type sample struct {
	name  string
	value float64
}

func parse(t *testing.T, text string) (samples []sample, types map[string]string) {
	t.Helper()
	types = map[string]string{}
	helped, seen := map[string]bool{}, map[string]bool{}
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		line := lines.Text()
		if rest, ok := strings.CutPrefix(line, "# HELP "); ok {
			name, help, _ := strings.Cut(rest, " ")
			if helped[name] || help == "" {
				t.Errorf("%q twice, or of nothing", line)
			}
			helped[name] = true
			continue
		}
		if rest, ok := strings.CutPrefix(line, "# TYPE "); ok {
			name, kind, _ := strings.Cut(rest, " ")
			if types[name] != "" || !helped[name] {
				t.Errorf("%q twice, or without help", line)
			}
			types[name] = kind
			continue
		}
		name, number, ok := strings.Cut(line, " ")
		value, err := strconv.ParseFloat(number, 64)
		if !ok || err != nil || seen[name] {
			t.Errorf("%q is no sample, or there twice", line)
		}
		family, _, _ := strings.Cut(name, "{")
		for _, suffix := range []string{"_bucket", "_sum", "_count"} {
			if base := strings.TrimSuffix(family, suffix); types[base] == "histogram" || types[base] == "summary" {
				family = base
			}
		}
		if types[family] == "" {
			t.Errorf("%q has no type", line)
		}
		seen[name] = true
		samples = append(samples, sample{name, value})
	}
	if len(samples) == 0 || !strings.HasSuffix(text, "\n") {
		t.Error("no samples, or no line end")
	}
	return samples, types
}

// TestTextfileIsWhole reads the file while it is written over and over.
func TestTextfileIsWhole(t *testing.T) {
	t.Parallel()
	f := file(t)
	add(t, f, run("rollback", time.Second))
	m := read(t, f)
	path := filepath.Join(t.TempDir(), "ask-nix.prom")
	var want bytes.Buffer
	if err := metrics.WritePrometheus(&want, m); err != nil {
		t.Fatal(err)
	}
	if err := metrics.WriteTextfile(path, m); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	group.Go(func() {
		for range 20 {
			if err := metrics.WriteTextfile(path, m); err != nil {
				t.Error(err)
			}
		}
	})
	for range 200 {
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want.Bytes()) {
			t.Fatalf("%d bytes of %d: %v", len(got), want.Len(), err)
		}
	}
	group.Wait()
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("%v %v", info, err)
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("something else is left: %v %v", entries, err)
	}
	if err := metrics.WriteTextfile(filepath.Join(path, "no"), m); err == nil {
		t.Error("a file is no folder")
	}
}

func BenchmarkAdd(b *testing.B) {
	f := metrics.File{Path: filepath.Join(b.TempDir(), "metrics")}
	for b.Loop() {
		if err := f.Add(run("list-generations", 3*time.Millisecond)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	f := metrics.File{Path: filepath.Join(b.TempDir(), "metrics")}
	for _, spec := range operation.All() {
		if err := f.Add(run(spec.Name, time.Millisecond)); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if _, err := f.Read(); err != nil {
			b.Fatal(err)
		}
	}
}
