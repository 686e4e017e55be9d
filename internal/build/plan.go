package build

import (
	"cmp"
	"context"
	"math"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"luminousnix/internal/buildtimes"
	"luminousnix/internal/eta"
	"luminousnix/internal/host"
	"luminousnix/internal/operation"
	"luminousnix/internal/progress"
	"luminousnix/nix/daemon"
	"luminousnix/nix/derivation"
	"luminousnix/nix/store"
)

const (
	// trivial is how long builds take that are not worth to be done elsewhere, as their
	// derivations say: files that are written, links that are made. Seconds, as far as
	// nothing is known of one.
	trivial, trivialSigma = 0.5, 1.0
	// sizeSigma is how much the sizes of downloads differ, as a logarithm.
	sizeSigma = 0.8
	// networkSigma is how much the network differs from one day to another.
	networkSigma = 0.35
)

// plan is what is going to be built and downloaded, and what the past says of that.
type plan struct {
	tasks     eta.Plan
	number    map[string]int // of a derivation or a store path, among the tasks
	downloads int
	bytes     int64   // to download
	bandwidth float64 // bytes a second; 0 is not known
	enough    bool    // is known of the builds to foretell something
	expected  operation.Expectation
}

// makePlan makes a plan of what is missing.
func makePlan(ctx context.Context, h *host.Host, b operation.Build, missing *daemon.Missing, known *buildtimes.Known) *plan {
	p := &plan{
		number: map[string]int{}, tasks: eta.Plan{Jobs: jobs(h, b), Network: networkSigma},
		downloads: len(missing.WillSubstitute), bytes: cmp.Or(missing.DownloadSize, missing.NarSize),
	}
	p.expected = operation.Expectation{Downloads: p.downloads, Bytes: p.bytes, Unpacked: missing.NarSize}
	if len(known.Bandwidth) > 0 {
		p.bandwidth = buildtimes.Median(known.Bandwidth)
	}
	for _, path := range missing.WillSubstitute {
		p.number[string(path)] = len(p.tasks.Tasks)
		p.tasks.Tasks = append(p.tasks.Tasks, eta.Task{Download: true})
	}
	// The daemon begins what it could begin by its name.
	drvs := slices.SortedFunc(slices.Values(missing.WillBuild), func(a, b store.Path) int {
		return cmp.Or(cmp.Compare(progress.Name(string(a)), progress.Name(string(b))), cmp.Compare(a, b))
	})
	for i, path := range drvs {
		p.number[string(path)] = p.downloads + i
	}
	p.addBuilds(ctx, h, drvs, known)
	return p
}

// addBuilds adds what is built to what is downloaded.
func (p *plan) addBuilds(ctx context.Context, h *host.Host, drvs []store.Path, known *buildtimes.Known) {
	g := graph{load: derivation.FromStore(h.StoreDir), plan: p}
	unknown := eta.Unknown(known.Usual)
	foreseen := 0
	for _, path := range drvs {
		task, build, local := g.task(ctx, path)
		task.Spread = unknown
		seconds := known.Seconds[buildtimes.NameOf(progress.Name(string(path)))]
		switch {
		case len(seconds) > 0:
			task.Spread = eta.Of(seconds)
			build.Usual = tenths(task.Spread.Median())
			foreseen++
		case local:
			task.Spread = eta.Spread{Mu: math.Log(trivial), Sigma: trivialSigma}
			foreseen++
		}
		p.tasks.Tasks = append(p.tasks.Tasks, task)
		p.expected.Builds = append(p.expected.Builds, build)
	}
	p.enough = 2*foreseen >= len(drvs) && (len(drvs) == 0 || len(known.Usual) > 0)
}

// graph reads what derivations need.
type graph struct {
	load derivation.Load
	plan *plan
	// gives are the downloads that a derivation gives which is not built, by its path.
	gives map[store.Path][]int
}

// task is what a derivation needs, of builds and downloads; local says that it is not worth
// to be built elsewhere. One that cannot be read needs nothing.
func (g *graph) task(ctx context.Context, path store.Path) (task eta.Task, build operation.ExpectedBuild, local bool) {
	build.Path = string(path)
	drv, err := g.load(ctx, path)
	if err != nil {
		return task, build, false
	}
	for _, input := range drv.Inputs() {
		if n, ok := g.plan.number[string(input)]; ok {
			task.Needs = append(task.Needs, n)
			build.Needs = append(build.Needs, n-g.plan.downloads)
		} else if g.plan.downloads > 0 {
			task.Needs = append(task.Needs, g.downloadsOf(ctx, input)...)
		}
	}
	for _, source := range drv.InputSources {
		if n, ok := g.plan.number[string(source)]; ok {
			task.Needs = append(task.Needs, n)
		}
	}
	return task, build, drv.Env["preferLocalBuild"] == "1"
}

// downloadsOf are the downloads that a derivation gives which is not built.
func (g *graph) downloadsOf(ctx context.Context, path store.Path) []int {
	if found, ok := g.gives[path]; ok {
		return found
	}
	var found []int
	if drv, err := g.load(ctx, path); err == nil {
		for _, name := range drv.OutputNames() {
			if n, ok := g.plan.number[string(drv.Outputs[name].Path)]; ok {
				found = append(found, n)
			}
		}
	}
	if g.gives == nil {
		g.gives = map[store.Path][]int{}
	}
	g.gives[path] = found
	return found
}

// jobs is how many builds there are at once.
func jobs(h *host.Host, b operation.Build) int {
	n := 1
	read := func(name, value string) {
		if name != "max-jobs" {
			return
		}
		if number, err := strconv.Atoi(value); err == nil {
			n = number
		} else if value == "auto" {
			n = runtime.NumCPU()
		}
	}
	for _, s := range h.NixConf() {
		read(s.Name, s.Value)
	}
	for _, word := range b.Settings {
		name, value, _ := strings.Cut(word, "=")
		read(name, value)
	}
	if b.MaxJobs > 0 {
		n = b.MaxJobs
	}
	return max(1, n)
}

// left is how long it takes from a point on, at which so many bytes of downloads have come
// in some seconds; ok is false where too little is known.
func (p *plan) left(at eta.Point, bytes int64, took float64) (left eta.Left, ok bool) {
	bandwidth, waiting := p.bandwidth, 0
	if took >= 2 && bytes >= 1<<20 {
		bandwidth = float64(bytes) / took
	}
	for i := range p.downloads {
		if at.Elapsed[i] != eta.Done {
			waiting++
		}
	}
	if !p.enough || waiting > 0 && bandwidth <= 0 {
		return left, false
	}
	tasks := eta.Plan{Tasks: slices.Clone(p.tasks.Tasks), Jobs: p.tasks.Jobs, Network: p.tasks.Network}
	if waiting > 0 {
		each := max(1, float64(p.bytes-bytes)/float64(waiting)) / bandwidth
		// The mean of a spread is above its median.
		spread := eta.Spread{Mu: math.Log(max(each, 0.001)) - sizeSigma*sizeSigma/2, Sigma: sizeSigma}
		for i := range p.downloads {
			tasks.Tasks[i].Spread = spread
		}
	}
	return tasks.Left(at), true
}

// history opens what is known of the past; it takes over what nix-output-monitor knows.
func history(ctx context.Context, h *host.Host) (*buildtimes.DB, error) {
	db, err := HistoryOf(h).Open(ctx)
	if err != nil {
		return nil, err
	}
	// What cannot be read of that is as if it were not there.
	_, _ = db.Import(ctx, h.StateOf("nix-output-monitor", "build-reports.csv"))
	return db, nil
}

// HistoryOf is where a host's past builds are kept.
func HistoryOf(h *host.Host) buildtimes.File {
	return buildtimes.File{Path: filepath.Join(h.StateHome(), buildtimes.Name)}
}

// planFor is a plan with what is known of the past. That nothing is known is no error.
func planFor(ctx context.Context, h *host.Host, b operation.Build, missing *daemon.Missing) *plan {
	var known buildtimes.Known
	if db, err := history(ctx, h); err == nil {
		var names []string
		for _, path := range missing.WillBuild {
			names = append(names, progress.Name(string(path)))
		}
		known, err = db.Known(ctx, names)
		db.Close()
		_ = HistoryOf(h).Recover(err) // the next one begins anew
	}
	return makePlan(ctx, h, b, missing, &known)
}

// Estimate foretells how long it takes to build and download what is missing; nil where too
// little is known, or nothing is missing.
func Estimate(ctx context.Context, h *host.Host, b operation.Build, missing *daemon.Missing) *operation.Estimate {
	if len(missing.WillBuild)+len(missing.WillSubstitute) == 0 {
		return nil
	}
	p := planFor(ctx, h, b, missing)
	left, ok := p.left(p.tasks.Start(), 0, 0)
	if !ok {
		return nil
	}
	return told(left)
}

func told(left eta.Left) *operation.Estimate {
	return &operation.Estimate{Low: tenths(left.Low), High: tenths(left.High)}
}

func tenths(seconds float64) float64 { return math.Round(seconds*10) / 10 }

// tally is what a session has built and downloaded.
type tally struct {
	builds []buildtimes.Build
	took   map[string]float64 // seconds that a build or a download took, by its path; 0 if it failed

	bytes   int64         // that were downloaded
	loading int           // downloads that go on
	since   time.Time     // when there was none before
	loaded  time.Duration // in which there were some, without the present ones
}

// begin counts what begins.
func (t *tally) begin(r *run) {
	if r.kind != operation.Downloading {
		return
	}
	if t.loading == 0 {
		t.since = r.began
	}
	t.loading++
}

// add counts what has ended.
func (t *tally) add(r *run, failed bool, now time.Time) {
	if r.kind == operation.Downloading {
		t.bytes += r.done
		if t.loading--; t.loading == 0 {
			t.loaded += now.Sub(t.since)
		}
	}
	if t.took == nil {
		t.took = map[string]float64{}
	}
	if failed {
		if r.kind == operation.Building { // a download may be tried elsewhere
			t.took[r.path] = 0
		}
		return
	}
	took := now.Sub(r.began)
	t.took[r.path] = took.Seconds()
	if name := progress.Name(r.path); r.kind == operation.Building && name != "" {
		t.builds = append(t.builds, buildtimes.Build{Name: name, Took: took, Ended: now})
	}
}

// transferred is how many bytes have come, in how long.
func (t *tally) transferred(running map[daemon.ActivityID]*run, now time.Time) (bytes int64, took time.Duration) {
	bytes, took = t.bytes, t.loaded
	for _, r := range running {
		if r.kind == operation.Downloading {
			bytes += r.done
		}
	}
	if t.loading > 0 {
		took += now.Sub(t.since)
	}
	return bytes, took
}
