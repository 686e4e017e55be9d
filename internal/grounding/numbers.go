package grounding

import (
	"fmt"
	"slices"
	"strings"

	"luminousnix/internal/operation"
	"luminousnix/internal/spelling"
)

// generations checks the numbers of generations. They are never replaced without asking:
// the next number is another system.
func (c *check) generations() {
	a := c.op.Arguments
	if a.Generation == 0 && len(a.Generations) == 0 && a.From == 0 && a.To == 0 {
		return
	}
	there, ok := c.world.Generations(a.Profile)
	if !ok {
		return
	}
	if c.op.Name == operation.UnpinGeneration {
		pinned, ok := c.world.Pinned(a.Profile)
		if !ok || slices.Contains(pinned, a.Generation) || slices.Contains(there, a.Generation) {
			return
		}
		there = pinned
	}
	c.generation(there, a.Generation, func(a *operation.Arguments, n operation.GenerationNumber) { a.Generation = n })
	c.generation(there, a.From, func(a *operation.Arguments, n operation.GenerationNumber) { a.From = n })
	c.generation(there, a.To, func(a *operation.Arguments, n operation.GenerationNumber) { a.To = n })
	c.severalGenerations(there)
}

// generation offers what is nearest to a generation that is not there.
func (c *check) generation(there []operation.GenerationNumber, number operation.GenerationNumber, set func(*operation.Arguments, operation.GenerationNumber)) {
	if number == 0 || slices.Contains(there, number) || len(c.choices) > 0 {
		return
	}
	c.absent = fmt.Sprintf("there is no generation %d", number)
	for _, near := range around(there, number) {
		op := c.with(func(a *operation.Arguments) { set(a, near) })
		if op.Arguments.From == 0 || op.Arguments.From != op.Arguments.To {
			c.offer(op)
		}
	}
	c.offerGenerations()
}

// offerGenerations offers to list them.
func (c *check) offerGenerations() {
	c.offer(operation.New(operation.ListGenerations, operation.Arguments{Profile: c.op.Arguments.Profile}))
}

// around are the numbers next to one that is not among them, the nearer first.
func around(there []operation.GenerationNumber, number operation.GenerationNumber) (near []operation.GenerationNumber) {
	i, _ := slices.BinarySearch(there, number)
	if i > 0 {
		near = append(near, there[i-1])
	}
	if i < len(there) {
		near = append(near, there[i])
	}
	if len(near) == 2 && near[1]-number < number-near[0] {
		slices.Reverse(near)
	}
	return near
}

// severalGenerations offers those of several that are there. What is deleted is never
// another one than was named.
func (c *check) severalGenerations(there []operation.GenerationNumber) {
	named := c.op.Arguments.Generations
	left := slices.DeleteFunc(slices.Clone(named), func(n operation.GenerationNumber) bool { return !slices.Contains(there, n) })
	if len(left) == len(named) {
		return
	}
	var absent []string
	for _, n := range named {
		if !slices.Contains(there, n) {
			absent = append(absent, fmt.Sprint(n))
		}
	}
	const most = 5
	if n := len(absent); n > most {
		absent = append(absent[:most], fmt.Sprintf("%d others", n-most))
	}
	c.absent = "there is no generation " + strings.Join(absent, ", ")
	if len(left) > 0 {
		c.offer(c.with(func(a *operation.Arguments) { a.Generations = left }))
	}
	c.offerGenerations()
}

// job checks the id of a job. What only looks may be given the beginning of one.
func (c *check) job() {
	said := c.op.Arguments.Job
	if said == "" {
		return // the one that runs
	}
	ids, ok := c.world.Jobs()
	if !ok || slices.Contains(ids, said) {
		return
	}
	near := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !strings.HasPrefix(id, said) })
	if len(near) == 1 && !c.changes() {
		c.take("job", said, near[0], nil, func(a *operation.Arguments) { a.Job = near[0] })
		return
	}
	if len(near) == 0 {
		near = spelling.Nearest(ids, said)
	}
	c.absent = fmt.Sprintf("there is no job %q", said)
	for _, id := range near[:min(len(near), mostNear)] {
		c.offer(c.with(func(a *operation.Arguments) { a.Job = id }))
	}
	c.offer(operation.New(operation.ListJobs, operation.Arguments{}))
}
