package storedb

import (
	"sync"

	"luminousnix/nix/store"
)

// Graph is the whole store in memory, as it was when [DB.Graph] read it: all
// valid paths with their sizes and references, and which derivation made which.
// It takes some 200 bytes a path. It is safe for concurrent use.
//
// Methods that return objects return each once and in no particular order, which
// is the same at every call.
type Graph struct {
	dir     store.Dir
	objects []Object
	nodes   map[store.Path]node

	references edges // path → what it refers to
	deriver    []node
	outputs    edges // derivation → its outputs that are valid
	referrers  func() edges
}

// node is an index into Graph.objects.
type node int32

// none is the deriver of a path whose deriver is unknown or not valid.
const none node = -1

// edges are lists of nodes, one for each node, packed behind one another: that
// of n is to[start[n]:start[n+1]].
type edges struct {
	start []int32
	to    []node
}

func (e edges) of(n node) []node { return e.to[e.start[n]:e.start[n+1]] }

// arc is one edge before it is packed.
type arc struct{ from, to node }

// pack makes edges between count nodes. Arcs from the same node keep their order.
func pack(count int, arcs []arc) edges {
	e := edges{make([]int32, count+1), make([]node, len(arcs))}
	for _, a := range arcs {
		e.start[a.from+1]++
	}
	for n := range count {
		e.start[n+1] += e.start[n]
	}
	next := make([]int32, count)
	copy(next, e.start)
	for _, a := range arcs {
		e.to[next[a.from]] = a.to
		next[a.from]++
	}
	return e
}

// reversed returns the edges turned round.
func (e edges) reversed() edges {
	arcs := make([]arc, 0, len(e.to))
	for n := range len(e.start) - 1 {
		for _, to := range e.of(node(n)) {
			arcs = append(arcs, arc{to, node(n)})
		}
	}
	return pack(len(e.start)-1, arcs)
}

func newGraph(dir store.Dir, objects []Object, nodes map[store.Path]node, deriver []node, references, outputs []arc) *Graph {
	g := &Graph{
		dir: dir, objects: objects, nodes: nodes, deriver: deriver,
		references: pack(len(objects), references),
		outputs:    pack(len(objects), outputs),
	}
	g.referrers = sync.OnceValue(func() edges { return g.references.reversed() })
	return g
}

// Usage sums up all valid paths.
func (g *Graph) Usage() Usage { return Sum(g.objects) }

// Object returns the path with its size. The error is a [*store.NotValidError]
// when the graph does not have the path, here as in the methods below.
func (g *Graph) Object(path store.Path) (Object, error) {
	n, ok := g.nodes[path]
	if !ok {
		return Object{}, &store.NotValidError{Path: path}
	}
	return g.objects[n], nil
}

// References returns what path refers to directly; it may refer to itself.
func (g *Graph) References(path store.Path) ([]Object, error) {
	n, ok := g.nodes[path]
	if !ok {
		return nil, &store.NotValidError{Path: path}
	}
	return g.pick(g.references.of(n)), nil
}

// Referrers returns what refers to path directly; it may be path itself.
func (g *Graph) Referrers(path store.Path) ([]Object, error) {
	n, ok := g.nodes[path]
	if !ok {
		return nil, &store.NotValidError{Path: path}
	}
	return g.pick(g.referrers().of(n)), nil
}

// Closure returns the paths and everything they refer to, directly or not.
func (g *Graph) Closure(paths ...store.Path) ([]Object, error) {
	return g.reach(g.references, paths)
}

// ReferrersClosure returns the paths and everything that refers to them,
// directly or not: what could not be there without them.
func (g *Graph) ReferrersClosure(paths ...store.Path) ([]Object, error) {
	return g.reach(g.referrers(), paths)
}

func (g *Graph) reach(along edges, paths []store.Path) ([]Object, error) {
	start, err := g.find(paths)
	if err != nil {
		return nil, err
	}
	return g.pick(g.walk(along, start)), nil
}

// find returns the nodes of paths that all must be valid.
func (g *Graph) find(paths []store.Path) ([]node, error) {
	nodes := make([]node, len(paths))
	for i, path := range paths {
		n, ok := g.nodes[path]
		if !ok {
			return nil, &store.NotValidError{Path: path}
		}
		nodes[i] = n
	}
	return nodes, nil
}

// walk returns what can be reached from start, start included.
func (g *Graph) walk(along edges, start []node) []node {
	seen := make([]bool, len(g.objects))
	var reached []node
	visit := func(nodes []node) {
		for _, n := range nodes {
			if !seen[n] {
				seen[n] = true
				reached = append(reached, n)
			}
		}
	}
	visit(start)
	for i := 0; i < len(reached); i++ {
		visit(along.of(reached[i]))
	}
	return reached
}

func (g *Graph) pick(nodes []node) []Object {
	objects := make([]Object, len(nodes))
	for i, n := range nodes {
		objects[i] = g.objects[n]
	}
	return objects
}
