package progress_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/operation"
	"luminousnix/internal/progress"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s: %s", file, diff)
	}
}

// drawing is a picture on a screen, with a clock that stands still unless it is moved.
type drawing struct {
	*screen
	live  *progress.Live
	state progress.State
	now   time.Time
}

func draw(t *testing.T, width, height int) *drawing {
	d := &drawing{screen: newScreen(t, width, height), now: start()}
	d.live = &progress.Live{
		Frame: func(now time.Time, width, height int) []string {
			return d.state.Frame(now, progress.Shape{Width: width, Height: height, Colour: true})
		},
		Out: d.screen, Size: d.size, Caught: true, Now: func() time.Time { return d.now },
		Tick: func(time.Duration) <-chan time.Time { return nil }, // frames are drawn by the tests
	}
	t.Cleanup(d.live.Stop)
	return d
}

// after takes events, and draws when some time has passed.
func (d *drawing) after(passed time.Duration, events ...operation.Event) {
	for _, e := range events {
		d.state.Observe(e, d.now)
	}
	d.now = d.now.Add(passed)
	d.live.Touch()
	d.live.Draw()
}

// plan is a plan of some builds and downloads, the last of which is what was asked for.
func plan() operation.Event {
	return operation.Event{Kind: operation.EventExpect, Expect: &operation.Expectation{
		Builds: []operation.ExpectedBuild{
			{Path: drv("linux-6.12.58"), Usual: 150},
			{Path: drv("unit-nginx.service"), Usual: 1},
			{Path: drv("system-units"), Needs: []int{1}},
			{Path: drv("etc"), Needs: []int{2, 4}},
			{Path: drv("nginx.conf")},
			{Path: drv("nixos-system-rose-25.11"), Needs: []int{0, 3}},
		},
		Downloads: 3, Bytes: 90 << 20,
	}}
}

func underWay() []operation.Event {
	return []operation.Event{
		plan(), building(1, "linux-6.12.58"), stage(1, "buildPhase"), building(2, "unit-nginx.service"),
		downloading(3, "firefox-140.0"), came(3, 10<<20, 80<<20), downloading(4, "日本語の書体-1"), came(4, 1<<20, 0),
		{Kind: operation.EventEstimate, Estimate: &operation.Estimate{Low: 250, High: 420}},
	}
}

func TestPicture(t *testing.T) {
	t.Parallel()
	d := draw(t, 100, 24)
	fmt.Fprintln(d.live, "Building nixos-system-rose-25.11…")
	d.after(time.Second, underWay()...)
	d.after(4*time.Second, came(3, 42<<20, 80<<20))
	golden(t, "tree", d.String())

	// Some end, and one fails: it is told last, with its log.
	d.after(time.Second, stopped(2, false), building(5, "nginx.conf"), stage(5, "checkPhase"))
	d.after(61*time.Second, logged(5, "\x1b[31mnginx:\x1b[0m no \x1b[2Jsuch directive"), logged(5, "\ttest failed"), stopped(5, true), stopped(4, false))
	golden(t, "failed", d.String())

	// A warning stands above it.
	fmt.Fprintln(d.live, "warning: something odd")
	golden(t, "written", d.String())
	d.after(time.Second)
	golden(t, "below", d.String())

	// Nothing is left of it when all is done.
	d.after(time.Second, stopped(3, false), stopped(1, false))
	golden(t, "done", d.String())
}

// TestPictureFits: as much as there is room for is shown, on small terminals and others.
func TestPictureFits(t *testing.T) {
	t.Parallel()
	var all strings.Builder
	for _, size := range [][2]int{{40, 24}, {100, 8}, {60, 5}, {30, 4}, {19, 24}, {100, 3}} {
		d := draw(t, size[0], size[1])
		events := underWay()
		for id := 10; id < 22; id++ {
			events = append(events, building(id, fmt.Sprint("more-", id)), downloading(100+id, fmt.Sprint("loads-", id)))
		}
		d.after(3*time.Second, events...)
		fmt.Fprintf(&all, "%d columns, %d lines:\n%s\n", size[0], size[1], d)
		if n := len(d.above); n > 0 {
			t.Errorf("%d lines have left the screen", n)
		}
	}
	golden(t, "sizes", all.String())
}

// TestPictureInAnotherSize: it stays one picture while the terminal is made smaller and
// larger, and what stands above stays.
func TestPictureInAnotherSize(t *testing.T) {
	t.Parallel()
	d := draw(t, 100, 20)
	fmt.Fprintln(d.live, "above")
	d.after(time.Second, underWay()...)
	for _, size := range [][2]int{{50, 20}, {120, 20}, {44, 9}, {100, 20}} {
		d.resize(size[0], size[1])
		d.after(time.Second)
		text := d.String()
		if strings.Count(text, "linux-6.12.58") != 1 || strings.Count(text, "builds: 2 running") != 1 || strings.Count(text, "above") != 1 {
			t.Errorf("at %v:\n%s", size, text)
		}
	}
}

// TestPictureIsDrawnOnce: each frame is one write, and what has not changed is not sent.
func TestPictureIsDrawnOnce(t *testing.T) {
	t.Parallel()
	d := draw(t, 100, 24)
	d.after(1500*time.Millisecond, underWay()...)
	if d.writes != 1 {
		t.Errorf("%d writes for the first frame", d.writes)
	}
	d.after(0)
	d.after(100 * time.Millisecond) // all times are shown in seconds
	if d.writes != 1 {
		t.Errorf("%d writes for the same picture", d.writes)
	}
	d.after(time.Second)
	if d.writes != 2 {
		t.Errorf("%d writes for another one", d.writes)
	}
}

// TestHalfALine: below a question that waits for an answer nothing is drawn.
func TestHalfALine(t *testing.T) {
	t.Parallel()
	d := draw(t, 60, 8)
	d.after(time.Second, underWay()...)
	fmt.Fprint(d.live, "Do this? ")
	d.live.Draw()
	if got, want := d.String(), ">Do this?\n"; got != want {
		t.Errorf("got %q", got)
	}
}

// TestStopped: afterwards the terminal is as it was, and what is written is passed on.
func TestStopped(t *testing.T) {
	t.Parallel()
	d := draw(t, 60, 8)
	d.after(time.Second, underWay()...)
	d.live.Stop()
	fmt.Fprintln(d.live, "the answer")
	d.live.Touch()
	if got, want := d.String(), " the answer\n>\n"; got != want {
		t.Errorf("got %q", got)
	}
}

// TestNeverWaits: a terminal that takes nothing at all does not keep anybody waiting who
// does the work, and the picture is right when it goes on.
func TestNeverWaits(t *testing.T) {
	t.Parallel()
	s := newScreen(t, 80, 24)
	held := make(chan struct{})
	s.held = held
	var mu sync.Mutex
	var state progress.State
	live := &progress.Live{
		Frame: func(now time.Time, width, height int) []string {
			mu.Lock()
			defer mu.Unlock()
			return state.Frame(now, progress.Shape{Width: width, Height: height})
		},
		Out: s, Size: s.size, Caught: true, Now: start,
	}
	behind := progress.NewBehind(operation.ObserverFunc(func(e operation.Event) {
		mu.Lock()
		state.Observe(e, start())
		mu.Unlock()
		if e.Kind == operation.EventWarning {
			fmt.Fprintln(live, e.Text)
		}
		live.Touch()
	}))
	began := time.Now()
	for _, e := range underWay() {
		behind.Observe(e)
	}
	behind.Observe(operation.Event{Kind: operation.EventWarning, Text: "held up"})
	for n := range 200_000 {
		behind.Observe(came(3, int64(n), 80<<20))
	}
	behind.Observe(stopped(3, false))
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("200,000 events took %s", took)
	}
	if behind.Lost() < 190_000 {
		t.Errorf("only %d were left out", behind.Lost())
	}
	close(held)
	behind.Settle()
	live.Stop()
	mu.Lock()
	defer mu.Unlock()
	if c := state.Count(operation.Downloading); c.Done != 1 || !strings.Contains(s.String(), "held up") {
		t.Errorf("got %+v\n%s", c, s)
	}
}

func TestRange(t *testing.T) {
	t.Parallel()
	var got []string
	for _, seconds := range [][2]float64{
		{0, 0.4}, {3, 8}, {6, 6}, {12, 31}, {50, 99}, {59, 130}, {250, 420}, {240, 300}, {300, 300}, {1000, 5999}, {5400, 9000}, {90000, 200000},
	} {
		low, high := time.Duration(seconds[0]*1e9), time.Duration(seconds[1]*1e9)
		got = append(got, progress.Range(low, high)+" | "+progress.SpokenRange(low, high))
	}
	want := []string{
		"less than 1 s | less than 1 seconds", "3–8 s | between 3 and 8 seconds", "about 6 s | about 6 seconds",
		"10–35 s | between 10 and 35 seconds", "50–100 s | between 50 and 100 seconds", "less than 3 min | less than 3 minutes",
		"4–7 min | between 4 and 7 minutes", "4–5 min | between 4 and 5 minutes", "about 5 min | about 5 minutes",
		"16–100 min | between 16 and 100 minutes", "1.5–2.5 h | between 1.5 and 2.5 hours", "25–56 h | between 25 and 56 hours",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
