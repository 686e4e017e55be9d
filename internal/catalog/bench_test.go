package catalog

import (
	"context"
	"slices"
	"testing"
	"time"
)

func BenchmarkBuild(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		image, err := build(context.Background(), Snapshot(), nil)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(image))/(1<<20), "MiB")
	}
}

// BenchmarkOpenSearch is what a process does that finds a built index: all but
// the start of the program itself.
func BenchmarkOpenSearch(b *testing.B) {
	dir := b.TempDir()
	open := func() *Catalog {
		c, err := Open(context.Background(), dir, Snapshot(), nil)
		if err != nil {
			b.Fatal(err)
		}
		return c
	}
	open().Close()
	for b.Loop() {
		c := open()
		if r := find(c, Query{Text: "video editor"}); len(r.Hits) == 0 {
			b.Fatal("nothing found")
		}
		c.Close()
	}
}

func BenchmarkSearch(b *testing.B) {
	for _, bench := range []struct{ kind, query string }{
		{"exact", "firefox"},
		{"prefix", "graf"},
		{"letter", "p"},
		{"typo", "vaultwardn"},
		{"nothing", "qwzxkjvbnm"},
		{"multiterm", "secret management"},
		{"intent", "self hosted password manager"},
		{"frequent", "python library for data"},
		{"set", "python packages"},
	} {
		b.Run(bench.kind, func(b *testing.B) {
			c := snapshotCatalog(b)
			b.ReportAllocs()
			for b.Loop() {
				find(c, Query{Text: bench.query})
			}
		})
	}
}

func BenchmarkLookup(b *testing.B) {
	c := snapshotCatalog(b)
	for b.Loop() {
		c.Lookup("python")
	}
}

func BenchmarkNearest(b *testing.B) {
	c := snapshotCatalog(b)
	for b.Loop() {
		c.Nearest("vaultwardn", 5)
	}
}

// BenchmarkKeyPress searches for every beginning of every judged query, as a picker
// does, and reports the median and the 99th percentile of a search.
func BenchmarkKeyPress(b *testing.B) {
	c := snapshotCatalog(b)
	benchmarkKeyPress(b, c)
}

func benchmarkKeyPress(b *testing.B, c *Catalog) {
	judgements, _ := readJudgements(b, c, "testdata/search-judgements.json")
	var times []time.Duration
	for b.Loop() {
		times = times[:0]
		for _, j := range judgements {
			for n := 1; n <= len(j.Query); n++ {
				start := time.Now()
				find(c, Query{Text: j.Query[:n], Limit: 20})
				times = append(times, time.Since(start))
			}
		}
	}
	slices.Sort(times)
	at := func(share float64) float64 { return float64(times[int(share*float64(len(times)-1))]) / 1e3 }
	b.ReportMetric(float64(c.Len()), "entries")
	b.ReportMetric(at(0.5), "µs-median")
	b.ReportMetric(at(0.99), "µs-p99")
	b.ReportMetric(at(1), "µs-max")
}
