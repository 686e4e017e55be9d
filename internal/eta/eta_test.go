package eta_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"luminousnix/internal/eta"
)

// exactly is something that always takes as long.
func exactly(seconds float64) eta.Spread { return eta.Spread{Mu: math.Log(seconds), Sigma: 0.001} }

func TestLeft(t *testing.T) {
	t.Parallel()
	chain := []eta.Task{{Spread: exactly(10)}, {Spread: exactly(20), Needs: []int{0}}, {Spread: exactly(30), Needs: []int{1}}}
	apart := []eta.Task{{Spread: exactly(10)}, {Spread: exactly(20)}, {Spread: exactly(30)}}
	loads := []eta.Task{
		{Spread: exactly(10), Download: true},
		{Spread: exactly(10), Download: true},
		{Spread: exactly(5), Needs: []int{0}},
		{Spread: exactly(5), Needs: []int{1}},
	}
	tests := map[string]struct {
		tasks   []eta.Task
		jobs    int
		elapsed []float64 // nil is none
		want    float64
	}{
		"nothing":                          {nil, 4, nil, 0},
		"the critical path":                {chain, 4, nil, 60},
		"all at once":                      {apart, 4, nil, 30},
		"one after the other":              {apart, 1, nil, 60},
		"two jobs":                         {apart, 2, nil, 40},
		"no number of jobs":                {apart, 0, nil, 60},
		"one is done and one runs":         {chain, 4, []float64{eta.Done, 5, eta.Waiting}, 45},
		"downloads share the network":      {loads, 4, nil, 25},
		"all is done":                      {chain, 4, []float64{eta.Done, eta.Done, eta.Done}, 0},
		"needed by what is not there":      {[]eta.Task{{Spread: exactly(10)}, {Spread: exactly(10), Needs: []int{0}}}, 1, []float64{3, eta.Waiting}, 17},
		"needing each other is never done": {[]eta.Task{{Spread: exactly(10), Needs: []int{1}}, {Spread: exactly(10), Needs: []int{0}}}, 1, nil, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := eta.Plan{Tasks: test.tasks, Jobs: test.jobs}
			at := p.Start()
			if test.elapsed != nil {
				at.Elapsed = test.elapsed
			}
			got := p.Left(at)
			if math.Abs(got.Mid-test.want) > 0.02*test.want {
				t.Errorf("got %+v, want %g", got, test.want)
			}
			if again := p.Left(at); again != got {
				t.Errorf("and then %+v", again)
			}
		})
	}
}

func TestOf(t *testing.T) {
	t.Parallel()
	few, many := eta.Of([]float64{100}), eta.Of([]float64{100, 101, 99, 100, 102, 100, 98, 100, 100, 100})
	if few.Sigma <= many.Sigma || math.Abs(many.Median()-100) > 1 {
		t.Errorf("of one %+v, of ten alike %+v", few, many)
	}
	if odd := eta.Of([]float64{100, 100, 100, 5000}); math.Abs(odd.Median()-100) > 1 {
		t.Errorf("one odd build makes it %g", odd.Median())
	}
	if u := eta.Unknown(nil); u.Sigma < 1 || u.Median() <= 0 {
		t.Errorf("of nothing %+v", u)
	}
	if z := eta.Of([]float64{0}); math.IsInf(z.Mu, 0) {
		t.Errorf("of no time %+v", z)
	}
}

// TestLateIsLearnt: what has taken longer than usual so far makes the rest longer.
func TestLateIsLearnt(t *testing.T) {
	t.Parallel()
	p := eta.Plan{Jobs: 1}
	for range 20 {
		p.Tasks = append(p.Tasks, eta.Task{Spread: eta.Of([]float64{60, 60, 60})})
	}
	at := p.Start()
	for i := range 10 {
		at.Elapsed[i], at.Took[i] = eta.Done, 90
	}
	if got := p.Left(at).Mid; got < 700 || got > 900 {
		t.Errorf("ten builds that take 60 s usually, and 90 s now, take %g s", got)
	}
}

// TestLeftIsSane: the range is one, is never negative, and grows with what is to be done.
func TestLeftIsSane(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := eta.Plan{Jobs: rapid.IntRange(-1, 8).Draw(t, "jobs")}
		for i := range rapid.IntRange(0, 30).Draw(t, "tasks") {
			task := eta.Task{
				Spread:   eta.Spread{Mu: rapid.Float64Range(-3, 10).Draw(t, "mu"), Sigma: rapid.Float64Range(0.01, 2).Draw(t, "sigma")},
				Download: rapid.Bool().Draw(t, "download"),
			}
			if i > 0 && rapid.Bool().Draw(t, "needs") {
				task.Needs = []int{rapid.IntRange(0, i-1).Draw(t, "need")}
			}
			p.Tasks = append(p.Tasks, task)
		}
		at := p.Start()
		for i := range at.Elapsed {
			switch rapid.IntRange(0, 2).Draw(t, "state") {
			case 1:
				at.Elapsed[i] = rapid.Float64Range(0, 1e5).Draw(t, "elapsed")
			case 2:
				at.Elapsed[i], at.Took[i] = eta.Done, rapid.Float64Range(0, 1e5).Draw(t, "took")
			}
		}
		got := p.Left(at)
		if !(got.Low >= 0 && got.Low <= got.Mid && got.Mid <= got.High) || math.IsInf(got.High, 0) {
			t.Fatalf("got %+v", got)
		}
		for i := range at.Elapsed {
			at.Elapsed[i] = eta.Done
		}
		if done := p.Left(at); done != (eta.Left{}) {
			t.Fatalf("when all is done there are %+v", done)
		}
	})
}

// BenchmarkLeft is what one answer costs, for a plan of a thousand builds.
func BenchmarkLeft(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	p := eta.Plan{Jobs: 8}
	for i := range 1000 {
		t := eta.Task{Spread: eta.Of([]float64{10 * r.Float64()})}
		for range min(i, 3) {
			t.Needs = append(t.Needs, r.IntN(i))
		}
		p.Tasks = append(p.Tasks, t)
	}
	for b.Loop() {
		p.Left(p.Start())
	}
}
