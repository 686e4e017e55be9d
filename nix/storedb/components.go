package storedb

// components are the groups of nodes that reach one another. In a sound store
// each node is a group of its own; but nothing here may loop for ever on one that
// is not. Groups are numbered such that each reaches only itself and lower ones.
type components struct {
	count int
	of    []int32 // node → its group; only for the nodes that were given
	edges edges   // between groups, without those to itself
}

// condense groups nodes, which must hold all that can be reached from them, by
// Tarjan's algorithm. It keeps the path that it follows in a slice, since
// recursion could go as deep as the store is large.
func condense(along edges, size int, nodes []node) *components {
	t := tarjan{
		along: along,
		order: make([]int32, size), low: make([]int32, size),
		result: components{of: make([]int32, size)},
	}
	for _, n := range nodes {
		if t.order[n] == 0 {
			t.visit(n)
		}
	}
	t.connect(nodes)
	return &t.result
}

type tarjan struct {
	along  edges
	order  []int32 // when each node was met, from 1; 0 for not yet
	low    []int32 // the earliest order of an open node that it reaches
	met    int32
	trail  []step // from the first node to the current one
	open   []node // met nodes without a group yet
	result components
}

// step is a node and how many of its edges have been followed.
type step struct {
	node node
	next int32
}

// grouped takes the place of low when a node has got its group.
const grouped = 1<<31 - 1

func (t *tarjan) visit(start node) {
	t.enter(start)
	for len(t.trail) > 0 {
		at := &t.trail[len(t.trail)-1]
		if to, ok := t.follow(at); ok {
			if t.order[to] == 0 {
				t.enter(to)
			} else if t.low[to] != grouped {
				t.low[at.node] = min(t.low[at.node], t.order[to])
			}
			continue
		}
		t.leave(at.node)
	}
}

func (t *tarjan) follow(at *step) (to node, ok bool) {
	edges := t.along.of(at.node)
	if int(at.next) == len(edges) {
		return 0, false
	}
	at.next++
	return edges[at.next-1], true
}

func (t *tarjan) enter(n node) {
	t.met++
	t.order[n], t.low[n] = t.met, t.met
	t.trail = append(t.trail, step{node: n})
	t.open = append(t.open, n)
}

// leave is called when all that n reaches has been met. If that is nothing that
// was met before n, all that is open since n is its group.
func (t *tarjan) leave(n node) {
	t.trail = t.trail[:len(t.trail)-1]
	if t.low[n] < t.order[n] {
		parent := t.trail[len(t.trail)-1].node
		t.low[parent] = min(t.low[parent], t.low[n])
		return
	}
	for {
		last := t.open[len(t.open)-1]
		t.open = t.open[:len(t.open)-1]
		t.low[last] = grouped
		t.result.of[last] = int32(t.result.count)
		if last == n {
			break
		}
	}
	t.result.count++
}

// connect makes the edges between groups.
func (t *tarjan) connect(nodes []node) {
	var arcs []arc
	for _, n := range nodes {
		from := t.result.of[n]
		for _, to := range t.along.of(n) {
			if group := t.result.of[to]; group != from {
				arcs = append(arcs, arc{node(from), node(group)})
			}
		}
	}
	t.result.edges = pack(t.result.count, arcs)
}
