package catalog

import (
	"context"
	"maps"
	"runtime"
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

// judgedSets are the files of judged queries.
var judgedSets = []struct{ name, file string }{
	{"judged", "testdata/search-judgements.json"},
	{"heldOut", "testdata/heldout-judgements.json"},
}

// BenchmarkQuality reports how well the judged queries are answered, by kind and all
// together. TestSearchQuality tells which ones are not.
func BenchmarkQuality(b *testing.B) {
	c := snapshotCatalog(b)
	for _, set := range judgedSets {
		judgements, _ := readJudgements(b, c, set.file)
		byKind := map[string][]judgement{"all": judgements}
		for _, j := range judgements {
			byKind[j.Category] = append(byKind[j.Category], j)
		}
		for _, kind := range slices.Sorted(maps.Keys(byKind)) {
			b.Run(set.name+"/"+kind, func(b *testing.B) {
				var q quality
				for b.Loop() {
					q = quality{}
					for _, j := range byKind[kind] {
						q.add(rankOf(find(c, Query{Text: j.Query, Limit: 10}).Hits, j))
					}
				}
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(float64(q.queries), "queries")
				b.ReportMetric(q.mrr(), "MRR@10")
				b.ReportMetric(q.success(), "success@10")
			})
		}
	}
}

// BenchmarkKeyPress searches for every beginning of every judged query, as a picker
// does, and of the misspelt ones alone.
func BenchmarkKeyPress(b *testing.B) {
	c := snapshotCatalog(b)
	for _, kind := range []string{"all", "typo"} {
		b.Run(kind, func(b *testing.B) {
			presses := keyPresses(b, c, kind)
			var ours rounds
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for b.Loop() {
				ours.run(presses, pressIn(c))
			}
			runtime.ReadMemStats(&after)
			ours.spread().report(b, "")
			searches := float64(len(ours) * len(presses))
			b.ReportMetric(float64(len(presses)), "presses")
			b.ReportMetric(float64(after.Mallocs-before.Mallocs)/searches, "allocs/press")
			b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/searches/1024, "KiB/press")
		})
	}
}

// keyPresses are the beginnings of all judged queries of a kind, or of "all".
func keyPresses(b *testing.B, c *Catalog, kind string) (presses []string) {
	b.Helper()
	for _, set := range judgedSets {
		judgements, _ := readJudgements(b, c, set.file)
		for _, j := range judgements {
			for n := 1; n <= len(j.Query) && (kind == "all" || kind == j.Category); n++ {
				presses = append(presses, j.Query[:n])
			}
		}
	}
	return presses
}

// pressIn searches as a picker does.
func pressIn(c *Catalog) func(text string) {
	return func(text string) { find(c, Query{Text: text, Limit: 20}) }
}

// rounds have the time of each key press, round by round.
type rounds [][]time.Duration

func (r *rounds) run(presses []string, search func(text string)) {
	times := make([]time.Duration, len(presses))
	for i, text := range presses {
		start := time.Now()
		search(text)
		times[i] = time.Since(start)
	}
	*r = append(*r, times)
}

// spread takes the median of the rounds for each key press: what else the machine
// does meanwhile hardly shows.
func (r rounds) spread() spread {
	s := make(spread, len(r[0]))
	of := make([]time.Duration, len(r))
	for press := range s {
		for round, times := range r {
			of[round] = times[press]
		}
		slices.Sort(of)
		s[press] = of[len(of)/2]
	}
	slices.Sort(s)
	return s
}

// A spread is the times of all key presses, the shortest first.
type spread []time.Duration

// at is the time that a share of the key presses stays below, in microseconds.
func (s spread) at(share float64) float64 {
	return float64(s[int(share*float64(len(s)-1))]) / float64(time.Microsecond)
}

func (s spread) report(b *testing.B, whose string) {
	b.Helper()
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(s.at(0.5), whose+"µs-median")
	b.ReportMetric(s.at(0.99), whose+"µs-p99")
	b.ReportMetric(s.at(1), whose+"µs-max")
}
