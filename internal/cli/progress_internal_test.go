package cli

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/operation"
)

// downloads are the events of some builds and downloads that take minutes.
func downloads() []operation.Event {
	const path = "/nix/store/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-"
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	after := func(d time.Duration, e operation.Event) operation.Event {
		now = now.Add(d)
		e.At = now
		return e
	}
	start := func(id operation.ActivityID, of operation.ActivityType, text, name string) operation.Event {
		return operation.Event{Kind: operation.EventStart, Activity: id, Type: of, Text: text, Path: path + name}
	}
	stop := func(id operation.ActivityID, failed bool) operation.Event {
		return operation.Event{Kind: operation.EventStop, Activity: id, Failed: failed}
	}
	return []operation.Event{
		after(0, operation.Event{Kind: operation.EventPhase, Phase: "build", Text: "Building"}),
		after(0, operation.Event{Kind: operation.EventExpect, Expect: &operation.Expectation{
			Builds: []operation.ExpectedBuild{{Path: path + "vim.drv"}, {Path: path + "env.drv"}}, Downloads: 1, Bytes: 3 << 20,
		}}),
		after(0, start(1, operation.Building, "building vim", "vim.drv")),
		after(time.Second, operation.Event{Kind: operation.EventEstimate, Estimate: &operation.Estimate{Low: 100, High: 200}}),
		after(0, operation.Event{Kind: operation.EventStage, Activity: 1, Phase: "buildPhase"}),
		after(0, start(2, operation.Downloading, "downloading git", "git")),
		after(10*time.Second, operation.Event{Kind: operation.EventProgress, Activity: 2, Unit: operation.Bytes, Done: 1 << 20, Expected: 3 << 20}),
		after(25*time.Second, operation.Event{Kind: operation.EventLog, Activity: 1, Text: "at work"}),
		after(10*time.Second, operation.Event{Kind: operation.EventProgress, Activity: 2, Unit: operation.Bytes, Done: 3 << 20, Expected: 3 << 20}),
		after(0, stop(2, false)),
		after(10*time.Second, operation.Event{Kind: operation.EventEstimate, Estimate: &operation.Estimate{Low: 60, High: 120}}),
		after(30*time.Second, stop(1, false)),
		after(0, start(3, operation.Building, "building env", "env.drv")),
		after(4*time.Second, stop(3, false)),
	}
}

// TestLines: where nothing is drawn it is told what begins, now and then how far it is, and
// what was done.
func TestLines(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	l := &lines{out: &out}
	for _, e := range downloads() {
		l.Observe(e)
	}
	want := `Building…
  building vim
  1–4 min left
  downloading git
  0 of 2 built; 0 of 1 downloaded (1.0 MiB of 3.0 MiB); now vim (36s); 1–3 min left
  building env
  1 of 2 built; 1 of 1 downloaded (3.0 MiB of 3.0 MiB); now env (0s); 30–90 s left
  Built 2, downloaded 1 (3.0 MiB), in 1m30s.
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}

// TestSentencesOfBuilds: for screen readers it is said how far it is when something is done,
// not more often than every four seconds, and what has failed at once.
func TestSentencesOfBuilds(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	c := &clock{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	p := &speaker{to: &out, every: sayEvery, now: func() time.Time { return c.now }, later: c.later}
	for _, e := range downloads() {
		if d := e.At.Sub(c.now); d > 0 {
			c.pass(d)
		}
		p.observe(e)
	}
	c.pass(time.Minute)
	p.observe(operation.Event{Kind: operation.EventStart, Activity: 9, Type: operation.Building, Path: "/nix/store/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-wilted.drv"})
	p.observe(operation.Event{Kind: operation.EventStop, Activity: 9, Failed: true})
	want := `Building.
downloading git.
0 of 2 built, 1 of 1 downloaded, less than 3 minutes left.
building env.
wilted has failed.
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}
