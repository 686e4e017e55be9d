package eta_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"luminousnix/internal/eta"
)

// BenchmarkETA replays 400 histories of builds that are made up, but not by the model that
// foretells them: packages differ by a factor of ten and more, builds of one package
// by some ten percent, one of twenty takes three times as long, one of six packages was
// never built before, the machine is slower one day than another, and what could begin
// begins in an order of its own. It prints by how much what was foretold differed from
// what came, as a median of |foretold − true| / true of the whole time, when so much of it
// had passed, and of the time that was left; and how often the truth was in the range.
func BenchmarkETA(b *testing.B) {
	for range b.N {
		var all [4]errors
		for seed := range uint64(400) {
			h := imagine(rand.New(rand.NewPCG(seed, 7)))
			for i, share := range []float64{0, 0.25, 0.5, 0.75} {
				all[i].add(h, share)
			}
		}
		for i, name := range []string{"0", "25", "50", "75"} {
			b.ReportMetric(100*median(all[i].whole), name+"%:error-%")
			b.ReportMetric(100*median(all[i].left), name+"%:error-of-rest-%")
			b.ReportMetric(100*all[i].within/float64(len(all[i].whole)), name+"%:in-range-%")
		}
	}
}

// errors are those of many histories at one point.
type errors struct {
	whole, left []float64
	within      float64
}

func (e *errors) add(h *history, share float64) {
	passed := share * h.took
	left := h.plan.Left(h.at(passed))
	e.whole = append(e.whole, math.Abs(passed+left.Mid-h.took)/h.took)
	e.left = append(e.left, math.Abs(left.Mid-(h.took-passed))/(h.took-passed))
	if rest := h.took - passed; rest >= left.Low && rest <= left.High {
		e.within++
	}
}

// history is a plan that was carried out.
type history struct {
	plan       eta.Plan
	began, end []float64
	took       float64
}

// at is how far the plan was after so many seconds.
func (h *history) at(seconds float64) eta.Point {
	p := h.plan.Start()
	for i := range p.Elapsed {
		switch {
		case h.end[i] <= seconds:
			p.Elapsed[i], p.Took[i] = eta.Done, h.end[i]-h.began[i]
		case h.began[i] <= seconds:
			p.Elapsed[i] = seconds - h.began[i]
		}
	}
	return p
}

// imagine makes up a plan, its past, and how it went.
func imagine(r *rand.Rand) *history {
	n := 1 + int(math.Exp(r.Float64()*math.Log(300)))
	h := &history{plan: eta.Plan{Jobs: 1 << r.IntN(4)}}
	day := math.Exp(0.12 * r.NormFloat64())
	var usual []float64
	for range 300 {
		usual = append(usual, math.Exp(math.Log(12)+1.3*r.NormFloat64()))
	}
	truth := make([]float64, n)
	downloads := r.IntN(1 + n/3)
	for i := range n {
		var t eta.Task
		if i < downloads {
			rate := math.Exp(0.25 * r.NormFloat64()) // of what it was
			t = eta.Task{Download: true, Spread: eta.Spread{Mu: math.Log(2), Sigma: 0.4}}
			truth[i] = 2 / rate * math.Exp(0.5*r.NormFloat64())
		} else {
			middle := math.Exp(math.Log(12) + 1.3*r.NormFloat64())
			build := func() float64 {
				took := middle * math.Exp(0.2*r.NormFloat64())
				if r.IntN(20) == 0 {
					took *= 3
				}
				return took
			}
			t.Spread = eta.Unknown(usual)
			if r.IntN(6) > 0 {
				var past []float64
				for range 1 + r.IntN(10) {
					past = append(past, build())
				}
				t.Spread = eta.Of(past)
			}
			truth[i] = build() * day
		}
		for range r.IntN(4) {
			if i > 0 && !t.Download {
				if need := i - 1 - r.IntN(min(i, 40)); !slices.Contains(t.Needs, need) {
					t.Needs = append(t.Needs, need)
				}
			}
		}
		h.plan.Tasks = append(h.plan.Tasks, t)
	}
	h.carryOut(truth, r)
	return h
}

// carryOut does the tasks in another order than the plan's where there is a choice.
func (h *history) carryOut(truth []float64, r *rand.Rand) {
	n := len(truth)
	h.began, h.end = make([]float64, n), make([]float64, n)
	order := r.Perm(n)
	done := make([]bool, n)
	slots := [2][]float64{make([]float64, h.plan.Jobs), make([]float64, 1)} // when each is free
	for range n {
		// Of all that could begin the one that can begin first does.
		best, when := -1, math.Inf(1)
		for _, i := range order {
			t := &h.plan.Tasks[i]
			if done[i] {
				continue
			}
			at, ready := slices.Min(slots[kindOf(t)]), true
			for _, need := range t.Needs {
				ready = ready && done[need]
				at = max(at, h.end[need])
			}
			if ready && at < when {
				best, when = i, at
			}
		}
		slot := slots[kindOf(&h.plan.Tasks[best])]
		first := slices.Index(slot, slices.Min(slot))
		done[best] = true
		h.began[best], h.end[best] = when, when+truth[best]
		slot[first] = h.end[best]
		h.took = max(h.took, h.end[best])
	}
}

func kindOf(t *eta.Task) int {
	if t.Download {
		return 1
	}
	return 0
}

func median(numbers []float64) float64 {
	sorted := slices.Sorted(slices.Values(numbers))
	return sorted[len(sorted)/2]
}
