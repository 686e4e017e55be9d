package manifest

import "strconv"

// namer makes names different from each other in a time that does not grow
// with the square of their number.
type namer struct {
	taken map[string]bool
	next  map[string]int // for a candidate, the lowest number that may be free
}

func newNamer(count int) *namer {
	return &namer{taken: make(map[string]bool, count), next: make(map[string]int)}
}

// name returns the candidate, with -1, -2 and so on if it is taken.
func (n *namer) name(candidate string) string {
	name := candidate
	i := max(n.next[candidate], 1)
	for ; n.taken[name]; i++ {
		name = candidate + "-" + strconv.Itoa(i)
	}
	n.taken[name] = true
	n.next[candidate] = i
	return name
}
