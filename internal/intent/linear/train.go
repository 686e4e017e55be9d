package linear

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Example is a text to learn from.
type Example struct {
	Features []uint32  // each once
	Target   []float32 // by class; sums up to 1
	Weight   float32   // how much it counts; 1 is usual
}

// Settings say how to learn.
type Settings struct {
	Classes int
	Passes  int     // how often each example is looked at
	Rate    float64 // how far a step goes at first
	Decay   float64 // how fast weights shrink that nothing holds up
	Shrink  float64 // by how much weights come nearer to zero at each step, before some are taken away
	Enough  float64 // how small the error has to be so that nothing is learnt from it: what is told apart well is left alone
	Least   int     // in how many examples a feature has to be
	Blank   float64 // the share of features that is not looked at, another one each time
	Rows    int     // of how many features weights are kept, those that matter most; 0: of all
	Most    int     // how many weights are kept
	Again   int     // how many passes come after the others were taken away
}

// Weights are what was learnt: a row of a weight by class for each feature.
type Weights struct {
	classes int
	index   map[uint32]int // feature → row
	order   []uint32       // features by row
	counts  map[uint32]int // in how many examples a feature is
	rows    [][]float32
}

// Train learns from examples: logistic regression by stochastic gradient descent, with a
// step of its own for every weight (AdaGrad). The same examples give the same weights,
// bit for bit, on processors that do not fuse multiplication and addition, such as
// amd64.
func Train(examples []Example, s Settings) *Weights {
	w, features := count(examples, s)
	t := &trainer{Weights: w, Settings: s, examples: examples, features: features, random: rand.New(rand.NewPCG(1, 2))}
	for range w.rows {
		t.squares = append(t.squares, make([]float32, s.Classes))
	}
	t.order = t.random.Perm(len(examples))
	t.passes(s.Passes)
	if s.Rows > 0 {
		t.prune()
		t.Shrink = 0
		t.passes(s.Again)
	}
	return w
}

// trainer is what is learnt so far.
type trainer struct {
	*Weights
	Settings
	examples []Example
	features [][]int     // by example: its rows
	squares  [][]float32 // by row and class: the sum of the squares of the steps; infinite where a weight stays as it is
	order    []int
	random   *rand.Rand
}

func (t *trainer) passes(n int) {
	step := make([]float32, t.Classes)
	var seen, moved []int
	for range n {
		t.random.Shuffle(len(t.order), func(i, j int) { t.order[i], t.order[j] = t.order[j], t.order[i] })
		for _, i := range t.order {
			seen = blank(t.random, t.features[i], t.Blank, seen)
			scale := 1 / float32(math.Sqrt(float64(len(seen)+1)))
			t.score(seen, scale, step)
			softmax(step)
			moved = moved[:0]
			for class := range step {
				step[class] = (step[class] - t.examples[i].Target[class]) * scale * t.examples[i].Weight
				if step[class] > float32(t.Enough) || step[class] < -float32(t.Enough) {
					moved = append(moved, class)
				}
			}
			for _, row := range seen {
				t.descend(t.rows[row], t.squares[row], step, moved)
			}
		}
	}
}

// prune takes away all but the weights that matter most, of the features that matter most.
// What a weight does is the more the greater it is and the more often it was moved.
func (t *trainer) prune() {
	matters := func(row, class int) float32 {
		x := t.rows[row][class]
		return x * x * t.squares[row][class]
	}
	sums, single := make([]float32, len(t.rows)), []float32{}
	for row := range t.rows {
		for class := range t.Classes {
			sums[row] += matters(row, class)
		}
	}
	leastSum := least(sums, t.Rows)
	for row := range t.rows {
		for class := range t.Classes {
			if sums[row] >= leastSum {
				single = append(single, matters(row, class))
			}
		}
	}
	leastSingle := least(single, t.Most)
	for row := range t.rows {
		for class := range t.Classes {
			if sums[row] < leastSum || matters(row, class) < leastSingle {
				t.rows[row][class], t.squares[row][class] = 0, float32(math.Inf(1))
			}
		}
	}
}

// least is the least of the n greatest numbers.
func least(numbers []float32, n int) float32 {
	sorted := slices.Sorted(slices.Values(numbers))
	return sorted[max(0, len(sorted)-n)]
}

// blank leaves out a share of the rows, but never the first, into the room of seen: no
// weight may count on others being there.
func blank(random *rand.Rand, rows []int, share float64, seen []int) []int {
	if share == 0 {
		return rows
	}
	seen = append(seen[:0], rows[0])
	for _, row := range rows[1:] {
		if random.Float64() >= share {
			seen = append(seen, row)
		}
	}
	return seen
}

// descend moves the weights of a row for some classes.
func (t *trainer) descend(row, squares, step []float32, classes []int) {
	rate, decay, shrink := float32(t.Rate), float32(t.Decay), float32(t.Shrink)
	for _, class := range classes {
		g := step[class] + decay*row[class]
		squares[class] += g * g
		far := rate / float32(math.Sqrt(float64(squares[class])+1e-8))
		row[class] = nearer(row[class]-far*g, far*shrink)
	}
}

// nearer is x nearer to zero, at most there.
func nearer(x, by float32) float32 {
	switch {
	case x > by:
		return x - by
	case x < -by:
		return x + by
	}
	return 0
}

// score sums up the weights of rows.
func (w *Weights) score(rows []int, scale float32, scores []float32) {
	clear(scores)
	for _, row := range rows {
		for class, x := range w.rows[row] {
			scores[class] += x
		}
	}
	for class := range scores {
		scores[class] *= scale
	}
}

// count finds the features that are frequent enough, and gives each a row.
func count(examples []Example, s Settings) (*Weights, [][]int) {
	counts := map[uint32]int{}
	for _, e := range examples {
		for _, feature := range e.Features {
			counts[feature]++
		}
	}
	w := &Weights{classes: s.Classes, index: map[uint32]int{}, counts: counts}
	row := func(feature uint32) int {
		i, ok := w.index[feature]
		if !ok {
			i = len(w.rows)
			w.index[feature] = i
			w.order = append(w.order, feature)
			w.rows = append(w.rows, make([]float32, s.Classes))
		}
		return i
	}
	features := make([][]int, len(examples))
	for i, e := range examples {
		features[i] = append(features[i], row(bias))
		for _, feature := range e.Features {
			if counts[feature] >= s.Least {
				features[i] = append(features[i], row(feature))
			}
		}
	}
	return w, features
}
