package progress

import (
	"time"

	"luminousnix/internal/operation"
	"luminousnix/nix/derivation"
	"luminousnix/nix/store"
)

// mostNodes is how many derivations are drawn as a tree; of more only the sums are told.
const mostNodes = 10_000

// status is where a derivation is.
type status uint8

const (
	waiting status = iota
	underway
	done
	failed
)

// node is a derivation that is going to be built.
type node struct {
	name     string
	needs    []int
	usual    time.Duration // that it takes; 0 is not known
	status   status
	activity *Activity // that builds it, or has failed to
	parent   int       // the one that it is drawn below; -1 is none
	children []int     // that are drawn below it
}

// forest is what is going to be built. Each derivation is drawn once, below the one that
// is nearest to what was asked for of all that need it.
type forest struct {
	nodes  []node
	byPath map[string]int
	roots  []int // what nothing else needs
}

// plant takes builds with what they need. Numbers of none are passed over, and so are
// circles.
func plant(builds []operation.ExpectedBuild) forest {
	if len(builds) == 0 || len(builds) > mostNodes {
		return forest{}
	}
	f := forest{nodes: make([]node, len(builds)), byPath: make(map[string]int, len(builds))}
	needed := make([]bool, len(builds))
	for i, b := range builds {
		f.byPath[b.Path] = i
		f.nodes[i] = node{name: short(Name(b.Path)), usual: seconds(b.Usual), parent: -1}
		for _, n := range b.Needs {
			if n >= 0 && n < len(builds) && n != i {
				f.nodes[i].needs = append(f.nodes[i].needs, n)
				needed[n] = true
			}
		}
	}
	reached := make([]bool, len(builds))
	var queue []int
	for i := range builds {
		if !needed[i] {
			reached[i] = true
			queue = append(queue, i)
		}
	}
	f.roots = queue[:len(queue):len(queue)]
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		for _, n := range f.nodes[at].needs {
			if !reached[n] {
				reached[n] = true
				f.nodes[n].parent = at
				f.nodes[at].children = append(f.nodes[at].children, n)
				queue = append(queue, n)
			}
		}
	}
	return f
}

// set says where the derivation at a path is, if it is one of these.
func (f *forest) set(path string, to status, by *Activity) {
	if i, ok := f.byPath[path]; ok {
		f.nodes[i].status, f.nodes[i].activity = to, by
	}
}

// has reports whether an activity is drawn in the forest.
func (f *forest) has(a *Activity) bool {
	i, ok := f.byPath[a.Path]
	return ok && f.nodes[i].activity == a
}

// usual is how long what an activity does usually takes; 0 is not known.
func (f *forest) usual(a *Activity) time.Duration {
	if i, ok := f.byPath[a.Path]; ok {
		return f.nodes[i].usual
	}
	return 0
}

// left is how many of what a derivation needs are not done.
func (f *forest) left(i int) (n int) {
	for _, need := range f.nodes[i].needs {
		if f.nodes[need].status != done {
			n++
		}
	}
	return n
}

// Name is what people call a store path; "" if it is none.
func Name(path string) string {
	p := store.Path(path)
	if len(p.Base()) <= store.HashLength {
		return ""
	}
	if name, ok := derivation.NameOf(p); ok {
		return name
	}
	return p.Name()
}
