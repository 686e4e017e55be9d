package derivation_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/nix/derivation"
	"luminousnix/nix/store"
)

var errMissing = errors.New("no such derivation")

func fromMap(drvs map[store.Path]*derivation.Derivation) derivation.Load {
	return func(_ context.Context, p store.Path) (*derivation.Derivation, error) {
		if drv, ok := drvs[p]; ok {
			return drv, nil
		}
		return nil, errMissing
	}
}

// drvPath is the path of number n in a made-up graph.
func drvPath(n int) store.Path {
	return store.Path(fmt.Sprintf("/nix/store/%032d-n.drv", n))
}

// graph makes derivations of lists of inputs.
func graph(inputs map[int][]int) map[store.Path]*derivation.Derivation {
	drvs := make(map[store.Path]*derivation.Derivation)
	for n, list := range inputs {
		drv := &derivation.Derivation{
			Name:             "n",
			Outputs:          map[string]derivation.Output{"out": {Path: drvPath(n)[:len(drvPath(n))-4]}},
			InputDerivations: map[store.Path][]string{},
		}
		for _, input := range list {
			drv.InputDerivations[drvPath(input)] = []string{"out"}
		}
		drvs[drvPath(n)] = drv
	}
	return drvs
}

func TestWalk(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		inputs map[int][]int
		roots  []int
		order  []int
		cycle  []int
	}{
		{name: "nothing"},
		{name: "one", inputs: map[int][]int{1: nil}, roots: []int{1, 1}, order: []int{1}},
		{name: "diamond", inputs: map[int][]int{1: {2, 3}, 2: {4}, 3: {4}, 4: nil, 5: nil}, roots: []int{1}, order: []int{4, 2, 3, 1}},
		{name: "roots", inputs: map[int][]int{1: {2}, 2: nil, 3: {2}}, roots: []int{3, 2, 1}, order: []int{2, 3, 1}},
		{name: "itself", inputs: map[int][]int{1: {1}}, roots: []int{1}, cycle: []int{1}},
		{name: "cycle", inputs: map[int][]int{1: {2, 5}, 2: {3}, 3: {4}, 4: {2}, 5: nil}, roots: []int{5, 1}, order: []int{5}, cycle: []int{2, 3, 4}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var order []store.Path
			err := derivation.Walk(t.Context(), paths(test.roots), fromMap(graph(test.inputs)), func(p store.Path, drv *derivation.Derivation) error {
				order = append(order, p)
				return nil
			})
			if diff := cmp.Diff(paths(test.order), order); diff != "" {
				t.Errorf("order:\n%s", diff)
			}
			var cycle *derivation.CycleError
			if !errors.As(err, &cycle) {
				cycle = &derivation.CycleError{}
			}
			if diff := cmp.Diff(paths(test.cycle), cycle.Paths); diff != "" {
				t.Errorf("cycle: %v\n%s", err, diff)
			}
			if test.cycle == nil && err != nil {
				t.Error(err)
			}
		})
	}
}

func paths(numbers []int) []store.Path {
	var list []store.Path
	for _, n := range numbers {
		list = append(list, drvPath(n))
	}
	return list
}

// chain is a graph as deep as it is large: each needs the next.
func chain(length int) derivation.Load {
	return func(_ context.Context, p store.Path) (*derivation.Derivation, error) {
		var n int
		if _, err := fmt.Sscanf(p.HashPart(), "%d", &n); err != nil {
			return nil, err
		}
		drv := &derivation.Derivation{Name: "n", Outputs: map[string]derivation.Output{"out": {Path: "/nix/store/x"}}}
		if n < length {
			drv.InputDerivations = map[store.Path][]string{drvPath(n + 1): {"out"}}
		}
		return drv, nil
	}
}

func TestDeepGraph(t *testing.T) {
	t.Parallel()
	const depth = 100_000
	visited := 0
	err := derivation.Walk(t.Context(), paths([]int{1}), chain(depth), func(store.Path, *derivation.Derivation) error {
		visited++
		return nil
	})
	if err != nil || visited != depth {
		t.Errorf("%d of %d visited: %v", visited, depth, err)
	}

	drv, err := chain(depth)(t.Context(), drvPath(1))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := derivation.NewHasher(store.DefaultDir, chain(depth)).HashModulo(t.Context(), drv); err != nil {
		t.Error(err)
	}
}

// TestHasherAtOnce uses one Hasher from several goroutines.
func TestHasherAtOnce(t *testing.T) {
	t.Parallel()
	all := goldens(t)
	byPath := make(map[store.Path]*derivation.Derivation)
	for _, g := range all {
		byPath[g.path] = g.drv
	}
	hasher := derivation.NewHasher(store.DefaultDir, fromMap(byPath))
	var wait sync.WaitGroup
	for _, name := range []string{"top", "twice", "closure", "structured", "top"} {
		wait.Go(func() {
			drv := all[name].drv
			paths, err := hasher.OutputPaths(t.Context(), drv)
			if err != nil || paths["out"] != drv.Outputs["out"].Path {
				t.Errorf("%s: %s, %v; want %s", name, paths["out"], err, drv.Outputs["out"].Path)
			}
		})
	}
	wait.Wait()
}

func TestWalkStops(t *testing.T) {
	t.Parallel()
	nothing := func(store.Path, *derivation.Derivation) error { return nil }
	load := fromMap(graph(map[int][]int{1: {2}}))
	if err := derivation.Walk(t.Context(), paths([]int{1}), load, nothing); !errors.Is(err, errMissing) {
		t.Errorf("an input is missing: %v", err)
	}

	wrong := errors.New("wrong")
	load = fromMap(graph(map[int][]int{1: {2}, 2: nil}))
	visits := 0
	err := derivation.Walk(t.Context(), paths([]int{1}), load, func(store.Path, *derivation.Derivation) error {
		visits++
		return wrong
	})
	if !errors.Is(err, wrong) || visits != 1 {
		t.Errorf("visit fails: %v after %d visits", err, visits)
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := derivation.Walk(ctx, paths([]int{1}), load, nothing); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestFromStore(t *testing.T) {
	t.Parallel()
	load := derivation.FromStore(store.Dir(t.TempDir()))
	if _, err := load(t.Context(), drvPath(1)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if _, err := load(t.Context(), "/nix/store/00000000000000000000000000000001-n"); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("not a derivation: %v", err)
	}
}
