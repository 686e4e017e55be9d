package eta

import "container/heap"

// simulation carries a plan out with durations that are given.
type simulation struct {
	plan    *Plan
	needed  [][]int // by which tasks each is needed
	missing []int   // how many of what a task needs are not done
	ready   [2]numbers
	ending  endings
}

func newSimulation(p *Plan) *simulation {
	s := &simulation{plan: p, needed: make([][]int, len(p.Tasks)), missing: make([]int, len(p.Tasks))}
	for i := range p.Tasks {
		for _, n := range p.Tasks[i].Needs {
			s.needed[n] = append(s.needed[n], i)
		}
	}
	return s
}

// run is how long it takes from a point on. Tasks that need each other are never done, and
// take no time.
func (s *simulation) run(durations, elapsed []float64) float64 {
	free := s.begin(durations, elapsed)
	now := 0.0
	for {
		for k := range s.ready {
			for free[k] > 0 && len(s.ready[k]) > 0 {
				i := heap.Pop(&s.ready[k]).(int)
				free[k]--
				heap.Push(&s.ending, ending{now + durations[i], i})
			}
		}
		if len(s.ending) == 0 {
			return now
		}
		next := heap.Pop(&s.ending).(ending)
		now = max(now, next.at)
		free[kind(&s.plan.Tasks[next.task])]++
		for _, n := range s.needed[next.task] {
			if s.missing[n]--; s.missing[n] == 0 && elapsed[n] == Waiting {
				heap.Push(&s.ready[kind(&s.plan.Tasks[n])], n)
			}
		}
	}
}

// begin finds out what runs at a point and what could begin, and returns how many more of
// each kind can run.
func (s *simulation) begin(durations, elapsed []float64) (free [2]int) {
	free = [2]int{max(1, s.plan.Jobs), 1}
	s.ready, s.ending = [2]numbers{s.ready[0][:0], s.ready[1][:0]}, s.ending[:0]
	for i := range s.plan.Tasks {
		task := &s.plan.Tasks[i]
		s.missing[i] = 0
		for _, n := range task.Needs {
			if elapsed[n] != Done {
				s.missing[i]++
			}
		}
		switch {
		case elapsed[i] == Done:
		case elapsed[i] >= 0:
			free[kind(task)]--
			s.ending = append(s.ending, ending{durations[i], i})
		case s.missing[i] == 0:
			s.ready[kind(task)] = append(s.ready[kind(task)], i)
		}
	}
	heap.Init(&s.ending)
	heap.Init(&s.ready[0])
	heap.Init(&s.ready[1])
	return free
}

// kind is 1 for a download and 0 for a build.
func kind(t *Task) int {
	if t.Download {
		return 1
	}
	return 0
}

// numbers is a heap of tasks that could begin, the first in the plan first.
type numbers []int

func (n numbers) Len() int           { return len(n) }
func (n numbers) Less(i, j int) bool { return n[i] < n[j] }
func (n numbers) Swap(i, j int)      { n[i], n[j] = n[j], n[i] }
func (n *numbers) Push(x any)        { *n = append(*n, x.(int)) }
func (n *numbers) Pop() any {
	old := *n
	last := old[len(old)-1]
	*n = old[:len(old)-1]
	return last
}

// ending is when a task ends.
type ending struct {
	at   float64
	task int
}

// endings is a heap of those that run, the first to end first.
type endings []ending

func (e endings) Len() int { return len(e) }
func (e endings) Less(i, j int) bool {
	return e[i].at < e[j].at || e[i].at == e[j].at && e[i].task < e[j].task
}
func (e endings) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *endings) Push(x any)   { *e = append(*e, x.(ending)) }
func (e *endings) Pop() any {
	old := *e
	last := old[len(old)-1]
	*e = old[:len(old)-1]
	return last
}
