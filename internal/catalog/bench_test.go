package catalog

import (
	"context"
	"testing"
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
		if r := c.Search(Query{Text: "video editor"}); len(r.Hits) == 0 {
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
				c.Search(Query{Text: bench.query})
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
