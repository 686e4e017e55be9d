package linear

import (
	"math"
	"math/rand/v2"
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
	Least   int     // in how many examples a feature has to be
}

// Weights are what was learnt: a row of a weight by class for each feature.
type Weights struct {
	classes int
	index   map[uint32]int // feature → row
	order   []uint32       // features by row
	rows    [][]float32
}

// Train learns from examples: logistic regression by stochastic gradient descent, with a
// step of its own for every weight (AdaGrad). The same examples give the same weights,
// bit for bit, on processors that do not fuse multiplication and addition, such as
// amd64.
func Train(examples []Example, s Settings) *Weights {
	w, features := count(examples, s)
	squares := make([][]float32, len(w.rows))
	for i := range squares {
		squares[i] = make([]float32, s.Classes)
	}
	random := rand.New(rand.NewPCG(1, 2))
	order := random.Perm(len(examples))
	step := make([]float32, s.Classes)
	for range s.Passes {
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, i := range order {
			scale := 1 / float32(math.Sqrt(float64(len(examples[i].Features)+1)))
			w.score(features[i], scale, step)
			softmax(step)
			for class := range step {
				step[class] = (step[class] - examples[i].Target[class]) * scale * examples[i].Weight
			}
			for _, row := range features[i] {
				descend(w.rows[row], squares[row], step, s)
			}
		}
	}
	return w
}

func descend(row, squares, step []float32, s Settings) {
	rate, decay := float32(s.Rate), float32(s.Decay)
	for class, g := range step {
		g += decay * row[class]
		if g > -1e-6 && g < 1e-6 {
			continue
		}
		squares[class] += g * g
		row[class] -= rate * g / float32(math.Sqrt(float64(squares[class])+1e-8))
	}
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
	w := &Weights{classes: s.Classes, index: map[uint32]int{}}
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
