package storedb_test

import (
	"testing"

	"luminousnix/nix/store"
	"luminousnix/nix/storedb"
)

// A store of 20,000 paths with a closure of 2,000.

func BenchmarkOpen(b *testing.B) {
	state := writeDatabase(b, largeStore())
	for b.Loop() {
		db, err := open(b, state)
		if err != nil {
			b.Fatal(err)
		}
		db.Close()
	}
}

func BenchmarkLoad(b *testing.B) {
	db := mustOpen(b, writeDatabase(b, largeStore()))
	for b.Loop() {
		if _, err := db.Graph(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDB(b *testing.B) {
	rows := largeStore()
	db := mustOpen(b, writeDatabase(b, rows))
	last := rows[len(rows)-1].path
	b.Run("Closure", func(b *testing.B) {
		for b.Loop() {
			if _, err := db.Closure(b.Context(), last); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("PathInfo", func(b *testing.B) {
		for b.Loop() {
			if _, err := db.PathInfo(b.Context(), rows[len(rows)-2].path); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkGraph(b *testing.B) {
	rows := largeStore()
	graph, err := mustOpen(b, writeDatabase(b, rows)).Graph(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	last := rows[len(rows)-1].path
	b.Run("Closure", func(b *testing.B) {
		var closure []storedb.Object
		for b.Loop() {
			closure, _ = graph.Closure(last)
		}
		b.ReportMetric(float64(len(closure)), "paths")
	})
	b.Run("ClosureSizes", func(b *testing.B) {
		for b.Loop() {
			if _, err := graph.ClosureSizes(last); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("ClosureSizesOfAll", func(b *testing.B) {
		var all []store.Path
		for _, row := range rows {
			all = append(all, row.path)
		}
		for b.Loop() {
			if _, err := graph.ClosureSizes(all...); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Dead", func(b *testing.B) {
		var dead []storedb.Object
		for b.Loop() {
			dead = graph.Dead([]store.Path{last}, storedb.Liveness{})
		}
		b.ReportMetric(float64(len(dead)), "paths")
	})
	b.Run("Exclusive", func(b *testing.B) {
		for b.Loop() {
			graph.Exclusive([]store.Path{last}, []store.Path{rows[len(rows)-1000].path}, storedb.Liveness{})
		}
	})
}
