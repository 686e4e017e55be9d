package linear

import "math"

func softmax(p []float32) {
	highest, sum := p[0], float32(0)
	for _, x := range p {
		highest = max(highest, x)
	}
	for i, x := range p {
		p[i] = float32(math.Exp(float64(x - highest)))
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
}
