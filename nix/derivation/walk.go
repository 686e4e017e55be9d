package derivation

import (
	"context"
	"fmt"
	"os"
	"strings"

	"luminousnix/nix/store"
)

// Load gets the derivation at a store path.
type Load func(ctx context.Context, p store.Path) (*Derivation, error)

// FromStore returns a Load that reads the .drv files in the directory dir.
func FromStore(dir store.Dir) Load {
	return func(_ context.Context, p store.Path) (*Derivation, error) {
		name, ok := NameOf(p)
		if !ok {
			return nil, fmt.Errorf("%s is not the path of a derivation", p)
		}
		data, err := os.ReadFile(string(p))
		if err != nil {
			return nil, err
		}
		return Parse(dir, name, data)
	}
}

// CycleError says that a derivation needs itself. No real store holds such a
// derivation, since its path would follow from itself.
type CycleError struct {
	// Paths are the derivations of the cycle: each needs the next one, and the
	// last needs the first.
	Paths []store.Path
}

func (e *CycleError) Error() string {
	const few = 8
	var b strings.Builder
	b.WriteString("derivations need each other: ")
	for i, p := range e.Paths {
		if i == few {
			fmt.Fprintf(&b, "%d more → ", len(e.Paths)-few)
			break
		}
		b.WriteString(p.Base() + " → ")
	}
	b.WriteString(e.Paths[0].Base())
	return b.String()
}

// Walk calls visit for each of the derivations at roots and for all that they
// need, directly or not: once each, and for inputs before what needs them. The
// order depends on the graph and the order of roots alone. It stops at the first
// error, which may be that of load or visit, a [*CycleError], or that of ctx.
//
// Each derivation is loaded once. Walk keeps no more of them than the graph is
// deep.
func Walk(ctx context.Context, roots []store.Path, load Load, visit func(store.Path, *Derivation) error) error {
	w := walk{
		load:   load,
		inputs: (*Derivation).Inputs,
		known:  func(store.Path) bool { return false },
		visit:  visit,
	}
	return w.run(ctx, roots)
}

// walk is a walk over a part of a graph.
type walk struct {
	load   Load
	inputs func(*Derivation) []store.Path // which inputs to follow
	known  func(store.Path) bool          // which derivations to leave out
	visit  func(store.Path, *Derivation) error
}

// frame is a derivation whose inputs are being visited.
type frame struct {
	path store.Path
	drv  *Derivation
	left []store.Path // inputs that are yet to be looked at
}

// run goes down by a stack of its own: a graph may be deeper than Go's.
func (w *walk) run(ctx context.Context, roots []store.Path) error {
	visited := make(map[store.Path]bool) // false while it is on the stack
	stack := []frame{{left: roots}}
	for {
		top := &stack[len(stack)-1]
		if len(top.left) == 0 {
			if len(stack) == 1 {
				return nil
			}
			if err := w.visit(top.path, top.drv); err != nil {
				return err
			}
			visited[top.path] = true
			stack[len(stack)-1] = frame{}
			stack = stack[:len(stack)-1]
			continue
		}

		path := top.left[0]
		top.left = top.left[1:]
		done, seen := visited[path]
		if seen && !done {
			return cycle(stack, path)
		}
		if seen || w.known(path) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		drv, err := w.load(ctx, path)
		if err != nil {
			return fmt.Errorf("load %s: %w", path, err)
		}
		visited[path] = false
		stack = append(stack, frame{path, drv, w.inputs(drv)})
	}
}

func cycle(stack []frame, path store.Path) error {
	var paths []store.Path
	for _, f := range stack {
		if f.path == path || len(paths) > 0 {
			paths = append(paths, f.path)
		}
	}
	return &CycleError{paths}
}
