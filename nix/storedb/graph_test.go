package storedb_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"luminousnix/nix/store"
	"luminousnix/nix/storedb"
)

// TestGraphIsTheModel compares random stores, references in circles among them,
// with a model that asks for every pair of paths.
func TestGraphIsTheModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		rows := randomStore(r)
		graph, err := mustOpenFor(t, r, rows)
		if err != nil {
			r.Fatal(err)
		}
		model := model(rows)
		some := rapid.SliceOfDistinct(rapid.IntRange(0, len(rows)-1), rapid.ID[int])
		from, others := some.Draw(r, "from"), some.Draw(r, "others")

		closure, err := graph.Closure(model.paths(from)...)
		compare(r, "closure", model.closure(from), closure, err)
		referrers, err := graph.ReferrersClosure(model.paths(from)...)
		compare(r, "referrers' closure", model.where(func(i int) bool {
			return slices.ContainsFunc(from, func(f int) bool { return slices.Contains(model.closure([]int{i}), f) })
		}), referrers, err)
		size, err := graph.ClosureSize(model.paths(from)...)
		if want := model.size(model.closure(from)); err != nil || size != want {
			r.Fatalf("closure size %d, %v; want %d", size, err, want)
		}
		sizes, err := graph.ClosureSizes(model.paths(from)...)
		if err != nil || len(sizes) != len(closure) {
			r.Fatalf("%d closure sizes, %v; want %d", len(sizes), err, len(closure))
		}
		for _, sized := range sizes {
			if want := model.size(model.closure([]int{model.index(sized.Path)})); sized.ClosureSize != want {
				r.Fatalf("closure size of %s is %d, want %d", sized.Path, sized.ClosureSize, want)
			}
		}
		liveness := storedb.Liveness{DropDerivations: rapid.Bool().Draw(r, "drop"), KeepOutputs: rapid.Bool().Draw(r, "keep")}
		live := model.live(from, liveness)
		compare(r, "live", live, graph.Live(model.paths(from), liveness), nil)
		compare(r, "dead", model.where(func(i int) bool { return !slices.Contains(live, i) }), graph.Dead(model.paths(from), liveness), nil)
		kept := model.live(others, liveness)
		with := model.live(append(slices.Clone(from), others...), liveness)
		compare(r, "exclusive", model.where(func(i int) bool { return slices.Contains(with, i) && !slices.Contains(kept, i) }),
			graph.Exclusive(model.paths(from), model.paths(others), liveness), nil)

		compareShares(r, model, graph, [][]int{from, some.Draw(r, "second"), some.Draw(r, "third")}, others, liveness)
		compareWays(r, model, graph, from)
	})
}

// compareShares has each owner's exclusive share as what is not kept by the others.
func compareShares(r *rapid.T, model model, graph *storedb.Graph, owners [][]int, others []int, liveness storedb.Liveness) {
	r.Helper()
	var paths [][]store.Path
	var want []storedb.Share
	for i, owner := range owners {
		paths = append(paths, model.paths(owner))
		rest := slices.Concat(slices.Delete(slices.Clone(owners), i, i+1)...)
		kept := model.live(slices.Concat(rest, others), liveness)
		with := model.live(owner, liveness)
		exclusive := model.where(func(i int) bool { return slices.Contains(with, i) && !slices.Contains(kept, i) })
		want = append(want, storedb.Share{
			Exclusive: storedb.Usage{Paths: int64(len(exclusive)), NarSize: model.size(exclusive)},
			Total:     storedb.Usage{Paths: int64(len(with)), NarSize: model.size(with)},
		})
	}
	if diff := cmp.Diff(want, graph.Shares(paths, model.paths(others), liveness)); diff != "" {
		r.Fatalf("shares: %s", strings.TrimSpace(diff))
	}
}

// compareWays checks that each way is one, from a root, and that none is shorter: by
// how many steps of references it takes to reach the target.
func compareWays(r *rapid.T, model model, graph *storedb.Graph, roots []int) {
	r.Helper()
	all := model.paths(model.where(func(int) bool { return true }))
	steps := map[int]int{}
	for reached, n := roots, 1; len(reached) > 0; n++ {
		var next []int
		for _, i := range reached {
			if steps[i] == 0 {
				steps[i] = n
				next = append(next, model[i].references...)
			}
		}
		reached = next
	}
	for target, way := range graph.Ways(model.paths(roots), all) {
		if len(way) != steps[target] {
			r.Fatalf("the way to %d has %d paths, want %d", target, len(way), steps[target])
		}
		for i, path := range way {
			at := model.index(path)
			switch {
			case i == 0 && !slices.Contains(roots, at):
				r.Fatalf("%v does not begin at a root", way)
			case i > 0 && !slices.Contains(model[model.index(way[i-1])].references, at):
				r.Fatalf("%v is no way", way)
			case i == len(way)-1 && at != target:
				r.Fatalf("%v does not lead to %d", way, target)
			}
		}
	}
}

// TestLongChain has closures deeper and wider than what is reckoned at a time.
func TestLongChain(t *testing.T) {
	t.Parallel()
	rows := make([]row, 5000)
	for i := range rows {
		rows[i] = row{path: numbered(i, "link"), size: 1, references: []int{max(0, i-1), i}}
	}
	graph, err := mustOpen(t, writeDatabase(t, rows)).Graph(t.Context())
	must(t, err)
	sizes, err := graph.ClosureSizes(rows[len(rows)-1].path)
	must(t, err)
	if len(sizes) != len(rows) {
		t.Fatalf("%d paths", len(sizes))
	}
	for i, sized := range sizes {
		if want := int64(len(rows) - i); sized.ClosureSize != want {
			t.Fatalf("closure size of path %d is %d, want %d", i, sized.ClosureSize, want)
		}
	}
}

func mustOpenFor(t *testing.T, r *rapid.T, rows []row) (*storedb.Graph, error) {
	db, err := open(t, writeDatabase(t, rows))
	if err != nil {
		r.Fatal(err)
	}
	defer db.Close()
	return db.Graph(t.Context())
}

func randomStore(r *rapid.T) []row {
	rows := make([]row, rapid.IntRange(1, 12).Draw(r, "paths"))
	any := rapid.IntRange(0, len(rows)-1)
	for i := range rows {
		rows[i] = row{
			path: numbered(i, fmt.Sprintf("path-%d", i)), size: rapid.Int64Range(0, 1<<40).Draw(r, "size"),
			references: rapid.SliceOfNDistinct(any, 0, 3, rapid.ID[int]).Draw(r, "references"),
		}
	}
	for i := range rows {
		if rapid.Bool().Draw(r, "derived") {
			rows[i].deriver = rows[any.Draw(r, "deriver")].path
		}
		for _, output := range rapid.SliceOfNDistinct(any, 0, 2, rapid.ID[int]).Draw(r, "outputs") {
			rows[i].outputs = append(rows[i].outputs, rows[output].path)
		}
		rows[i].outputs = append(rows[i].outputs, path("f")) // not valid
	}
	return rows
}

// model answers by following every edge until nothing new comes.
type model []row

func (m model) index(path store.Path) int {
	return slices.IndexFunc(m, func(r row) bool { return r.path == path })
}

func (m model) paths(indices []int) []store.Path {
	var paths []store.Path
	for _, i := range indices {
		paths = append(paths, m[i].path)
	}
	return paths
}

func (m model) where(is func(int) bool) []int {
	var found []int
	for i := range m {
		if is(i) {
			found = append(found, i)
		}
	}
	return found
}

func (m model) closure(from []int) []int {
	return m.follow(from, func(i int) []int { return m[i].references })
}

func (m model) live(roots []int, liveness storedb.Liveness) []int {
	return m.follow(roots, func(i int) []int {
		next := slices.Clone(m[i].references)
		if !liveness.DropDerivations && m[i].deriver != "" {
			next = append(next, m.index(m[i].deriver))
		}
		if liveness.KeepOutputs {
			for _, output := range m[i].outputs {
				if at := m.index(output); at >= 0 {
					next = append(next, at)
				}
			}
		}
		return next
	})
}

func (m model) follow(from []int, next func(int) []int) []int {
	found := map[int]bool{}
	for _, i := range from {
		found[i] = true
	}
	for before := -1; before != len(found); {
		before = len(found)
		for i := range m {
			if found[i] {
				for _, n := range next(i) {
					found[n] = true
				}
			}
		}
	}
	return m.where(func(i int) bool { return found[i] })
}

func (m model) size(indices []int) (sum int64) {
	for _, i := range indices {
		sum += m[i].size
	}
	return sum
}

func compare(r *rapid.T, what string, want []int, got []storedb.Object, err error) {
	r.Helper()
	if err != nil {
		r.Fatalf("%s: %v", what, err)
	}
	var numbers []int
	for _, object := range got {
		var n int
		if _, err := fmt.Sscanf(object.Path.Name(), "path-%d", &n); err != nil {
			r.Fatal(err)
		}
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	if diff := cmp.Diff(want, numbers, cmpopts.EquateEmpty()); diff != "" {
		r.Fatalf("%s: %s", what, strings.TrimSpace(diff))
	}
}
