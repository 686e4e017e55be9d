package storedb

import "luminousnix/nix/store"

// Liveness says what else is alive besides the closures of the roots. The zero
// value is Nix's default.
type Liveness struct {
	// DropDerivations is Nix's keep-derivations = false. Otherwise a derivation
	// is alive while a path is whose recorded deriver it is.
	DropDerivations bool
	// KeepOutputs is Nix's keep-outputs = true: all valid outputs of a live
	// derivation are alive.
	KeepOutputs bool
}

// Live returns the paths that a collection would keep, given the roots. Roots
// that are not valid keep nothing.
func (g *Graph) Live(roots []store.Path, liveness Liveness) []Object {
	return g.marked(g.mark(roots, liveness))
}

// Dead returns the valid paths that a collection would free, given the roots.
// Together with what [Graph.Invalid] returns it is what `nix-store --gc
// --print-dead` prints.
func (g *Graph) Dead(roots []store.Path, liveness Liveness) []Object {
	dead := g.mark(roots, liveness)
	for n := range dead {
		dead[n] = !dead[n]
	}
	return g.marked(dead)
}

// Exclusive returns what only the paths keep alive: the paths that a collection
// would free if they were roots no more and the others still were. A path that
// is among the others too is kept by them.
func (g *Graph) Exclusive(paths, others []store.Path, liveness Liveness) []Object {
	exclusive, kept := g.mark(paths, liveness), g.mark(others, liveness)
	for n := range exclusive {
		exclusive[n] = exclusive[n] && !kept[n]
	}
	return g.marked(exclusive)
}

func (g *Graph) mark(roots []store.Path, liveness Liveness) []bool {
	marks := make([]bool, len(g.objects))
	g.reachAlive(roots, liveness, marks)
	return marks
}

// alive lists what the roots keep alive.
func (g *Graph) alive(roots []store.Path, liveness Liveness) []node {
	return g.reachAlive(roots, liveness, make([]bool, len(g.objects)))
}

// reachAlive marks what the roots keep alive, and lists it.
func (g *Graph) reachAlive(roots []store.Path, liveness Liveness, alive []bool) (reached []node) {
	visit := func(n node) {
		if !alive[n] {
			alive[n] = true
			reached = append(reached, n)
		}
	}
	for _, root := range roots {
		if n, valid := g.nodes[root]; valid {
			visit(n)
		}
	}
	for i := 0; i < len(reached); i++ {
		n := reached[i]
		for _, to := range g.references.of(n) {
			visit(to)
		}
		if deriver := g.deriver[n]; deriver != none && !liveness.DropDerivations {
			visit(deriver)
		}
		if liveness.KeepOutputs {
			for _, output := range g.outputs.of(n) {
				visit(output)
			}
		}
	}
	return reached
}

func (g *Graph) marked(marks []bool) []Object {
	count := 0
	for _, mark := range marks {
		if mark {
			count++
		}
	}
	objects := make([]Object, 0, count)
	for n, mark := range marks {
		if mark {
			objects = append(objects, g.objects[n])
		}
	}
	return objects
}
