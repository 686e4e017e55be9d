// Package eta foretells how long a plan of builds and downloads takes.
//
// How long a build takes is not known, but how long its package took before is: a [Spread].
// The plan is therefore carried out many times over, each time with other durations drawn
// from the spreads, as Nix would do it: so many builds at once, each as soon as what it
// needs is there, downloads one after another since they share the network. That gives the
// critical path where there are enough jobs, and the sum of the work where there are few.
// Of the times that come of it the sixth and the ninety-fourth of a hundred are the range,
// which has the truth in it eight times of ten: real builds differ more than any model.
//
// What has happened already counts: what is done takes no time, what runs has not ended
// yet, and if all has taken longer than usual so far the rest will, too.
//
// The same plan at the same point always gives the same answer: nothing is drawn by chance.
package eta

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Spread is the duration of something, as the logarithm of it in seconds is spread: its
// mean and its standard deviation.
type Spread struct{ Mu, Sigma float64 }

// Median is the duration, in seconds, that is exceeded as often as not.
func (s Spread) Median() float64 { return math.Exp(s.Mu) }

const (
	shortest = 0.05 // seconds; less is not told apart
	// usualSigma is how much builds of one package differ, and as how many builds that counts.
	usualSigma, usualWeight = 0.3, 3
	// unknownSigma is how much packages differ.
	unknownSigma = 1.0
	// common is how much all builds together are slower or faster one time than another.
	common = 0.15
)

// Of is the spread of something that took so many seconds before; there must be some.
func Of(seconds []float64) Spread {
	logs := make([]float64, len(seconds))
	for i, s := range seconds {
		logs[i] = math.Log(max(s, shortest))
	}
	mu := median(logs)
	sum := usualWeight * usualSigma * usualSigma
	for _, l := range logs {
		// One odd build, on a machine that was busy, is not what is usual.
		d := min(math.Abs(l-mu), 1)
		sum += d * d
	}
	n := float64(len(logs))
	// The middle of few is not known well.
	return Spread{mu, math.Sqrt(sum / (usualWeight + n) * (1 + 1/n))}
}

// Unknown is the spread of a package that was never built, by the medians of others.
func Unknown(medians []float64) Spread {
	if len(medians) == 0 {
		return Spread{math.Log(10), 1.5 * unknownSigma}
	}
	s := Of(medians)
	mean := 0.0
	for _, m := range medians {
		d := math.Log(max(m, shortest)) - s.Mu
		mean += d * d / float64(len(medians))
	}
	return Spread{s.Mu, max(unknownSigma, min(math.Sqrt(mean), 2))}
}

// Task is a build or a download.
type Task struct {
	Spread   Spread
	Needs    []int // tasks, by their numbers in the plan
	Download bool
}

// Plan is what is to be done. Tasks that could begin at once do so in their order.
type Plan struct {
	Tasks []Task
	Jobs  int // builds at once; at least 1
	// Network is how much all downloads together are slower or faster than their spreads
	// say, as the standard deviation of a logarithm.
	Network float64
}

// Point is how far a plan is.
type Point struct {
	// Elapsed are the seconds since a task began, [Waiting] or [Done].
	Elapsed []float64
	// Took are the seconds that done tasks took; 0 is not known.
	Took []float64
}

// Waiting and Done are the Elapsed of tasks that do not run.
const (
	Waiting = -1
	Done    = -2
)

// Start is the point where nothing has begun.
func (p *Plan) Start() Point {
	at := Point{Elapsed: make([]float64, len(p.Tasks)), Took: make([]float64, len(p.Tasks))}
	for i := range at.Elapsed {
		at.Elapsed[i] = Waiting
	}
	return at
}

// Left is the time until all is done, in seconds: eight times of ten it is between Low and
// High; Mid is exceeded as often as not.
type Left struct{ Low, Mid, High float64 }

const (
	mostRuns, fewestRuns = 61, 15
	work                 = 60_000 // tasks that are done over and over
)

// Left foretells how long the rest takes.
func (p *Plan) Left(at Point) Left {
	if len(p.Tasks) == 0 {
		return Left{}
	}
	random := rand.New(rand.NewPCG(1, 2))
	shift, doubt := p.pace(at)
	n := min(mostRuns, max(fewestRuns, work/len(p.Tasks)))
	times := make([]float64, n)
	s := newSimulation(p)
	durations := make([]float64, len(p.Tasks))
	for i := range times {
		// That of all builds is drawn evenly, so that few runs do.
		speed := shift + doubt*normal((float64(i)+0.5)/float64(n))
		network := p.Network * normal(0.001+0.998*random.Float64())
		for t := range p.Tasks {
			task := &p.Tasks[t]
			pace := speed
			if task.Download {
				pace = network
			}
			durations[t] = task.Spread.draw(pace, at.Elapsed[t], random.Float64())
		}
		times[i] = s.run(durations, at.Elapsed)
	}
	slices.Sort(times)
	return Left{quantile(times, 0.06), quantile(times, 0.5), quantile(times, 0.94)}
}

// draw draws a duration from where it has not ended yet; less what has passed of it.
func (s Spread) draw(pace, elapsed, u float64) float64 {
	switch {
	case elapsed == Done:
		return 0
	case elapsed <= shortest:
		return math.Exp(s.Mu + pace + s.Sigma*normal(0.001+0.998*u))
	}
	passed := cumulative((math.Log(elapsed) - s.Mu - pace) / s.Sigma)
	u = passed + (1-passed)*u
	if u > 0.999 { // far beyond what is usual, it may well go on as long again
		return elapsed * (0.1 + 0.4*math.Mod(u*1e6, 1))
	}
	return max(0, math.Exp(s.Mu+pace+s.Sigma*normal(max(u, 0.001)))-elapsed)
}

// pace is by how much, as a logarithm, builds take longer this time than usual, and how
// uncertain that is.
func (p *Plan) pace(at Point) (shift, doubt float64) {
	weight, sum := 1/(common*common), 0.0
	for i, took := range at.Took {
		if at.Elapsed[i] != Done || took < 1 || p.Tasks[i].Download {
			continue // what is very short says nothing of the others
		}
		s := p.Tasks[i].Spread
		w := 1 / (s.Sigma * s.Sigma)
		weight += w
		sum += w * max(-1, min(1, math.Log(took)-s.Mu))
	}
	return sum / weight, 1 / math.Sqrt(weight)
}

// normal is the value that a standard normal variable is below with a probability.
func normal(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }

// cumulative is the probability that a standard normal variable is below a value.
func cumulative(x float64) float64 { return 0.5 * (1 + math.Erf(x/math.Sqrt2)) }

func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	low := int(at)
	high := min(low+1, len(sorted)-1)
	return sorted[low] + (at-float64(low))*(sorted[high]-sorted[low])
}

func median(numbers []float64) float64 {
	return quantile(slices.Sorted(slices.Values(numbers)), 0.5)
}
