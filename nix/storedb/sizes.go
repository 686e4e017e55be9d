package storedb

import "luminousnix/nix/store"

// Sized is a store path with the size of its closure.
type Sized struct {
	Object
	ClosureSize int64 // bytes of all archives of its closure
}

// ClosureSize returns the sum of the sizes of all paths in the closure of the
// paths together, in bytes.
func (g *Graph) ClosureSize(paths ...store.Path) (int64, error) {
	closure, err := g.Closure(paths...)
	return Sum(closure).NarSize, err
}

// ClosureSizes returns the closure of the paths, with each member's own closure
// size: what `nix path-info -rSh` prints.
func (g *Graph) ClosureSizes(paths ...store.Path) ([]Sized, error) {
	start, err := g.find(paths)
	if err != nil {
		return nil, err
	}
	closure := g.walk(g.references, start)
	c := condense(g.references, len(g.objects), closure)
	weights := make([]int64, c.count)
	for _, n := range closure {
		weights[c.of[n]] += g.objects[n].NarSize
	}
	sums := c.sums(weights)
	sizes := make([]Sized, len(closure))
	for i, n := range closure {
		sizes[i] = Sized{g.objects[n], sums[c.of[n]]}
	}
	return sizes, nil
}

// sums adds up, for each component, the weights of all that it reaches, itself
// included. What has been reached is kept as one bit for each component, and so
// that this takes little memory whatever the size of the store, for some
// components at a time only.
func (c *components) sums(weights []int64) []int64 {
	sums := make([]int64, c.count)
	reached := make([]bitRow, c.count)
	weighing := new(scale)
	for first := 0; first < c.count; first += bitsInRow {
		last := min(first+bitsInRow, c.count)
		weighing.set(weights[first:last])
		// Components before the first reach none of these: see components.
		for from := first; from < c.count; from++ {
			var row bitRow
			if from < last {
				row[(from-first)/64] |= 1 << ((from - first) % 64)
			}
			for _, to := range c.edges.of(node(from)) {
				if int(to) < first {
					continue
				}
				row.join(&reached[to])
			}
			reached[from] = row
			sums[from] += weighing.weigh(&row)
		}
	}
	return sums
}

// bitRow is a set of up to bitsInRow components.
type bitRow [16]uint64

const bitsInRow = 16 * 64

func (r *bitRow) join(other *bitRow) {
	for i, word := range other {
		r[i] |= word
	}
}

// scale holds the sums of all choices of four weights next to each other, so
// that a row is weighed four bits at a time.
type scale [bitsInRow / 4][16]int64

func (s *scale) set(weights []int64) {
	for i := range s {
		four := weights[min(4*i, len(weights)):min(4*i+4, len(weights))]
		for choice := range s[i] {
			sum := int64(0)
			for bit, weight := range four {
				if choice&(1<<bit) != 0 {
					sum += weight
				}
			}
			s[i][choice] = sum
		}
	}
}

func (s *scale) weigh(row *bitRow) (sum int64) {
	for i, word := range row {
		for four := 16 * i; word != 0; four++ {
			sum += s[four][word&15]
			word >>= 4
		}
	}
	return sum
}
