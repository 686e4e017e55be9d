package bench_test

import (
	"context"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"luminousnix/internal/testbed"
	"luminousnix/nix/store"
)

// ordinary is a machine as people have it: 200 generations, 20,000 store paths, and two
// generations more, 201 and 202, with closures of 2,000. The current one is 203.
var ordinary = sync.OnceValues(func() (*bed, error) {
	nix, err := testbed.Start(context.Background(), filepath.Join(filepath.Dir(machine.askNix), "ordinary"))
	if err != nil {
		return nil, err
	}
	stops = append(stops, nix.Stop)
	top, err := nix.Fill(context.Background(), storePaths, storeClosure)
	if err != nil {
		return nil, err
	}
	if err := nix.Populate(context.Background(), generations); err != nil {
		return nil, err
	}
	// Closures of a machine that people work on, to be compared; no systems otherwise.
	larger, err := nix.FillMore(context.Background(), storePaths, 100, []store.Path{top})
	if err != nil {
		return nil, err
	}
	real, err := nix.Build(context.Background(), testbed.System{Packages: []string{"git", "htop", "vim"}})
	if err != nil {
		return nil, err
	}
	for _, path := range []string{string(top), string(larger), real} {
		if _, err := nix.AddGeneration(context.Background(), path); err != nil {
			return nil, err
		}
	}
	return &bed{nix, machine.askNix, nix.Env(), machine.null}, nil
})

// BenchmarkKept compares whole processes that find everything out with those that may
// use what is kept, in turns. What gains nothing is not kept: see docs/cache.md.
func BenchmarkKept(b *testing.B) {
	m, err := ordinary()
	if err != nil {
		b.Fatal(err)
	}
	for _, args := range [][]string{
		{"generations"},
		{"diff", "201", "202"},
		{"installed"},
		{"search", "video", "editor"},
		{"info", "htop"},
		{"disk"},
		{"health"},
		{"system"},
		{"config"},
	} {
		b.Run(args[0], func(b *testing.B) {
			kept := append([]string{m.askNix}, args...)
			fresh := append(kept[:len(kept):len(kept)], "--no-cache")
			// The database tells that it did not change when its last change is a while ago.
			for deadline := time.Now().Add(3 * time.Second); time.Now().Before(deadline); {
				m.time(b, kept...)
			}
			var freshTimes, keptTimes []time.Duration
			for b.Loop() {
				freshTimes = append(freshTimes, m.time(b, fresh...))
				keptTimes = append(keptTimes, m.time(b, kept...))
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(milliseconds(median(freshTimes)), "fresh-ms")
			b.ReportMetric(milliseconds(median(keptTimes)), "kept-ms")
			b.ReportMetric(ratio(median(freshTimes), median(keptTimes)), "times-faster")
		})
	}
}
