package storedb

import "luminousnix/nix/store"

// Share is what one of several owners of store paths keeps alive.
type Share struct {
	// Exclusive is what a collection would free if this owner alone were gone.
	Exclusive Usage
	// Total is all that it keeps alive, whoever else does too.
	Total Usage
}

// Shares returns the share of each owner, given by its paths, besides others that
// keep paths alive as well. What two owners have is exclusive to neither.
func (g *Graph) Shares(owners [][]store.Path, others []store.Path, liveness Liveness) []Share {
	kept := g.mark(others, liveness)
	const nobody, several = -1, -2
	owner := make([]int32, len(g.objects))
	for n := range owner {
		owner[n] = nobody
	}
	shares := make([]Share, len(owners))
	for i, paths := range owners {
		for _, n := range g.alive(paths, liveness) {
			shares[i].Total.add(g.objects[n])
			switch {
			case kept[n]:
			case owner[n] == nobody:
				owner[n] = int32(i)
			case owner[n] != int32(i):
				owner[n] = several
			}
		}
	}
	for n, i := range owner {
		if i >= 0 {
			shares[i].Exclusive.add(g.objects[n])
		}
	}
	return shares
}

func (u *Usage) add(o Object) {
	u.Paths++
	u.NarSize += o.NarSize
}

// Ways returns for each target a shortest way to it from one of the roots along the
// references, root and target included; nil where there is none.
func (g *Graph) Ways(roots, targets []store.Path) [][]store.Path {
	const unseen, first = -2, -1
	from := make([]node, len(g.objects))
	for n := range from {
		from[n] = unseen
	}
	var reached []node
	visit := func(n, by node) {
		if from[n] == unseen {
			from[n] = by
			reached = append(reached, n)
		}
	}
	for _, root := range roots {
		if n, valid := g.nodes[root]; valid {
			visit(n, first)
		}
	}
	for i := 0; i < len(reached); i++ {
		for _, to := range g.references.of(reached[i]) {
			visit(to, reached[i])
		}
	}
	ways := make([][]store.Path, len(targets))
	for i, target := range targets {
		n, valid := g.nodes[target]
		if !valid || from[n] == unseen {
			continue
		}
		for ; n != first; n = from[n] {
			ways[i] = append(ways[i], g.objects[n].Path)
		}
		for a, b := 0, len(ways[i])-1; a < b; a, b = a+1, b-1 {
			ways[i][a], ways[i][b] = ways[i][b], ways[i][a]
		}
	}
	return ways
}

// Objects returns all valid paths.
func (g *Graph) Objects() []Object { return append([]Object(nil), g.objects...) }
