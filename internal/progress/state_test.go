package progress_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"luminousnix/internal/operation"
	"luminousnix/internal/progress"
)

// start is when all tests begin.
func start() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }

// drv is the path of a derivation, and out that of an output.
func drv(name string) string {
	return "/nix/store/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-" + name + ".drv"
}

func out(name string) string { return strings.TrimSuffix(drv(name), ".drv") }

func building(id int, name string) operation.Event {
	return operation.Event{
		Kind: operation.EventStart, Type: operation.Building, Activity: operation.ActivityID(id), Path: drv(name), Text: "building " + name,
	}
}

func downloading(id int, name string) operation.Event {
	return operation.Event{
		Kind: operation.EventStart, Type: operation.Downloading, Activity: operation.ActivityID(id), Path: out(name),
		Text: "downloading " + name, From: "https://cache.example.org",
	}
}

func stage(id int, name string) operation.Event {
	return operation.Event{Kind: operation.EventStage, Activity: operation.ActivityID(id), Phase: name}
}

func logged(id int, text string) operation.Event {
	return operation.Event{Kind: operation.EventLog, Activity: operation.ActivityID(id), Text: text}
}

func came(id int, done, expected int64) operation.Event {
	return operation.Event{
		Kind: operation.EventProgress, Activity: operation.ActivityID(id), Unit: operation.Bytes, Done: done, Expected: expected,
	}
}

func stopped(id int, failed bool) operation.Event {
	return operation.Event{Kind: operation.EventStop, Activity: operation.ActivityID(id), Failed: failed}
}

// told is the picture after events that come a second apart.
func told(s *progress.State, events ...operation.Event) time.Time {
	now := start()
	for _, e := range events {
		s.Observe(e, now)
		now = now.Add(time.Second)
	}
	return now
}

func TestState(t *testing.T) {
	t.Parallel()
	var s progress.State
	now := told(&s,
		operation.Event{Kind: operation.EventExpect, Expect: &operation.Expectation{
			Builds: []operation.ExpectedBuild{{Path: drv("top-1"), Needs: []int{1, 2}}, {Path: drv("a-1")}, {Path: drv("b-2")}}, Downloads: 2, Bytes: 1000,
		}},
		building(1, "a-1"), stage(1, "buildPhase"), logged(1, "one"), logged(1, "two"),
		building(2, "b-2"), stopped(2, false),
		downloading(3, "c"), came(3, 200, 400), came(3, 300, 400),
		operation.Event{Kind: operation.EventEstimate, Estimate: &operation.Estimate{Low: 10, High: 20}},
		stopped(1, true),
	)
	type picture struct {
		Builds, Downloads     progress.Count
		WaitBuilds, WaitLoads int
		Bytes, Expected       int64
		Rate                  float64
		Low, High             time.Duration
		Failed                []string
		Took                  time.Duration
	}
	got := picture{
		Builds: s.Count(operation.Building), Downloads: s.Count(operation.Downloading),
		Bytes: s.Bytes(), Expected: s.ExpectedBytes(), Rate: s.Rate(now), Failed: s.Failed[0].Tail, Took: s.Failed[0].Elapsed(now),
	}
	got.WaitBuilds, got.WaitLoads = s.Waiting()
	got.Low, got.High, _ = s.Left(now)
	want := picture{
		Builds: progress.Count{Done: 1, Failed: 1}, Downloads: progress.Count{Running: 1}, WaitBuilds: 1, WaitLoads: 1,
		Bytes: 300, Expected: 1000, Rate: 25, // a hundred bytes in four seconds
		Low: 8 * time.Second, High: 18 * time.Second, Failed: []string{"one", "two"}, Took: 10 * time.Second,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if a := s.Failed[0]; a.Stage != "buildPhase" || a.Name != "a-1" {
		t.Errorf("got %+v", a)
	}
}

// TestStateOfFollowed: events that are read again from a file happened when they did.
func TestStateOfFollowed(t *testing.T) {
	t.Parallel()
	var s progress.State
	e := building(1, "a")
	e.At = start().Add(-time.Hour)
	s.Observe(e, start())
	if got := s.Running(operation.Building)[0].Elapsed(start()); got != time.Hour {
		t.Errorf("it runs for %s", got)
	}
}

// TestStateSums: whatever comes in whatever order, the sums are those of a simple count.
func TestStateSums(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var s progress.State
		types := map[int]operation.ActivityType{}
		bytes := map[int]int64{}
		counts := map[operation.ActivityType]progress.Count{}
		var ended int64
		now := start()
		for range rapid.IntRange(0, 200).Draw(t, "events") {
			now = now.Add(time.Duration(rapid.IntRange(-500, 2000).Draw(t, "pause")) * time.Millisecond)
			id := rapid.IntRange(1, 12).Draw(t, "id")
			of, runs := types[id]
			c := counts[of]
			switch rapid.IntRange(0, 4).Draw(t, "kind") {
			case 0:
				e := building(id, fmt.Sprint("p", id))
				if rapid.Bool().Draw(t, "download") {
					e = downloading(id, fmt.Sprint("p", id))
				}
				s.Observe(e, now)
				if !runs {
					types[id] = e.Type
					c = counts[e.Type]
					c.Running++
					counts[e.Type] = c
				}
			case 1:
				failed := rapid.Bool().Draw(t, "failed")
				s.Observe(stopped(id, failed), now)
				if !runs {
					continue
				}
				c.Running--
				if failed {
					c.Failed++
				} else {
					c.Done++
				}
				counts[of] = c
				ended += bytes[id]
				delete(types, id)
				delete(bytes, id)
			case 2:
				n := rapid.Int64Range(0, 1<<40).Draw(t, "bytes")
				s.Observe(came(id, n, n), now)
				if of == operation.Downloading {
					bytes[id] = n
				}
			case 3:
				s.Observe(logged(id, "line"), now)
			case 4:
				s.Observe(stage(id, "buildPhase"), now)
			}
			sum := ended
			for _, n := range bytes {
				sum += n
			}
			for _, of := range []operation.ActivityType{operation.Building, operation.Downloading} {
				if s.Count(of) != counts[of] || len(s.Running(of)) != counts[of].Running {
					t.Fatalf("of %s: %+v, want %+v", of, s.Count(of), counts[of])
				}
			}
			if s.Bytes() != sum {
				t.Fatalf("%d bytes, want %d", s.Bytes(), sum)
			}
			if s.Rate(now) < 0 {
				t.Fatalf("a rate of %g", s.Rate(now))
			}
		}
	})
}

// TestStateIsBounded: an endless stream of events takes no endless memory.
func TestStateIsBounded(t *testing.T) {
	t.Parallel()
	var s progress.State
	for id := 1; id <= 5000; id++ {
		s.Observe(building(id, fmt.Sprint("a", id)), start())
		for range 21 {
			length := 10
			if id < 200 {
				length = 1 << 16
			}
			s.Observe(logged(id, strings.Repeat("x", length)), start())
		}
		if id%2 == 0 {
			s.Observe(stopped(id, true), start())
		}
	}
	if got := len(s.Running(operation.Building)); got > 1024 || s.Lost == 0 || len(s.Failed) > 32 {
		t.Errorf("%d run, %d are lost, %d have failed", got, s.Lost, len(s.Failed))
	}
	for _, a := range s.Failed {
		if len(a.Tail) != 20 || len(a.Tail[0]) != 1000 {
			t.Fatalf("%d lines of %d bytes are kept", len(a.Tail), len(a.Tail[0]))
		}
	}
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	if m.HeapAlloc > 100<<20 {
		t.Errorf("%d MiB are in use", m.HeapAlloc>>20)
	}
	runtime.KeepAlive(&s)
}

// FuzzState feeds events that are made of bytes, and draws the picture after each.
func FuzzState(f *testing.F) {
	f.Add([]byte("\x00\x01\x01\x02\x03\x00\x02\x05\x04\x01\x01\x09"), 80, 24)
	f.Add([]byte{5, 1, 0, 0, 1, 0, 0, 0, 0, 2, 1, 3}, 40, 10)
	f.Fuzz(func(t *testing.T, data []byte, width, height int) {
		var s progress.State
		now := start()
		for len(data) >= 4 {
			e := fuzzed(data[:4], string(data[4:min(len(data), 24)]))
			data = data[4:]
			s.Observe(e, now)
			now = now.Add(time.Duration(int8(data0(data))) * 100 * time.Millisecond)
			for _, line := range s.Frame(now, progress.Shape{Width: width % 300, Height: height % 100}) {
				if n := progress.Columns(line); n >= max(1, width%300) {
					t.Fatalf("%q has %d of %d columns", line, n, width%300)
				}
			}
			builds, downloads := s.Waiting()
			if builds < 0 || downloads < 0 || s.Bytes() < 0 || s.ExpectedBytes() < 0 {
				t.Fatalf("%d, %d, %d, %d", builds, downloads, s.Bytes(), s.ExpectedBytes())
			}
		}
	})
}

func data0(data []byte) byte {
	if len(data) == 0 {
		return 0
	}
	return data[0]
}

func fuzzed(b []byte, text string) operation.Event {
	kinds := []operation.EventKind{
		operation.EventStart, operation.EventStop, operation.EventProgress, operation.EventLog, operation.EventStage,
		operation.EventExpect, operation.EventEstimate, operation.EventPhase,
	}
	types := []operation.ActivityType{operation.Building, operation.Downloading, operation.Evaluating, "", "other"}
	id := b[1] % 8
	e := operation.Event{
		Kind: kinds[int(b[0])%len(kinds)], Activity: operation.ActivityID(id), Type: types[int(b[2])%len(types)],
		Text: text, Phase: text, From: text, Path: drv(fmt.Sprint(id % 4)), Unit: operation.Bytes,
		Done: int64(int8(b[3])) << (b[2] % 50), Expected: int64(b[2]), Failed: b[3]%2 == 1,
	}
	switch e.Kind {
	case operation.EventExpect:
		e.Expect = &operation.Expectation{Downloads: int(int8(b[3])), Bytes: int64(int8(b[2]))}
		for i := range int(b[1]) % 6 {
			e.Expect.Builds = append(e.Expect.Builds, operation.ExpectedBuild{
				Path: drv(fmt.Sprint(i)), Needs: []int{int(int8(b[2])) >> i, i + 1}, Usual: float64(int8(b[3])),
			})
		}
	case operation.EventEstimate:
		e.Estimate = &operation.Estimate{Low: float64(int8(b[2])), High: float64(int8(b[3]))}
	}
	return e
}
