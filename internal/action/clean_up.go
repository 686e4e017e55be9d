package action

import (
	"context"
	"fmt"

	"luminousnix/internal/operation"
	"luminousnix/internal/retention"
	"luminousnix/nix/profile"
)

// cleanUp deletes old generations by a policy, and then what only they used.
type cleanUp struct {
	deletion
	policy retention.Policy
	goal   int64 // bytes that are to be free; 0 is no goal
}

func newCleanUp(m *Machine, args operation.Arguments) Change {
	c := &cleanUp{
		deletion: deletion{machine: m, args: args},
		policy:   retention.Policy{Keep: args.Keep, Days: args.OlderThanDays}, goal: args.EnsureFree,
	}
	if c.policy == (retention.Policy{}) && c.goal == 0 {
		c.policy = retention.Policy{Keep: retention.DefaultKeep, Days: retention.DefaultDays}
	}
	return c
}

// Plan finds which generations go, and what that frees.
func (c *cleanUp) Plan(ctx context.Context, _ operation.Observer) (operation.Plan, error) {
	if err := c.read(ctx); err != nil {
		return operation.Plan{}, err
	}
	plan := operation.Plan{}
	c.going = c.policy.Select(c.state, c.protection, c.machine.Now())
	if c.goal > 0 {
		if done, err := c.justEnough(&plan); err != nil || done {
			return plan, err
		}
	}
	c.frees = c.view.freed(c.going)
	if len(c.going) == 0 && c.frees.Paths == 0 {
		plan.Summary, plan.Nothing = "Nothing is there to clean up: "+c.rule(), true
		return plan, nil
	}
	plan.Summary = fmt.Sprintf("Delete %s and %s that nothing uses then: %s", generationsCount(len(c.going)), paths(c.frees.Paths), c.rule())
	if len(c.going) == 0 {
		plan.Summary = fmt.Sprintf("Delete no generation, but %s that nothing uses: %s", paths(c.frees.Paths), c.rule())
	}
	c.describe(&plan)
	plan.Steps = append(plan.Steps, collectStep(c.machine, c.frees))
	plan.Frees = c.frees.NarSize
	plan.Warnings = append(plan.Warnings, "protected, so they stay: generations "+staying(c.protection))
	return plan, nil
}

// rule says by which policy generations go.
func (c *cleanUp) rule() string {
	keep, days := fmt.Sprintf("the %d newest", c.policy.Keep), fmt.Sprintf("those of the last %d days", c.policy.Days)
	if c.policy.Days == 1 {
		days = "those of the last day"
	}
	switch {
	case c.goal == 0 && c.policy == retention.Policy{Keep: 1}:
		return "the newest one stays"
	case c.goal > 0:
		return fmt.Sprintf("just enough that %s are free", operation.Size(c.goal))
	case c.policy.Days == 0:
		return keep + " stay"
	case c.policy.Keep == 0:
		return days + " stay"
	}
	rule := keep + " and " + days + " stay"
	if c.args.Keep == 0 && c.args.OlderThanDays == 0 {
		rule += ", as nothing else was asked for"
	}
	return rule
}

// justEnough keeps to as many of the oldest generations as the goal needs. It is done
// when nothing has to be freed at all.
func (c *cleanUp) justEnough(plan *operation.Plan) (done bool, err error) {
	disk, err := space(string(c.machine.Host.StoreDir))
	if err != nil {
		return false, err
	}
	wanted := c.goal - disk.Free
	if wanted <= 0 {
		plan.Summary, plan.Nothing = fmt.Sprintf("%s are free already", operation.Size(disk.Free)), true
		return true, nil
	}
	c.going = retention.JustEnough(c.going, wanted, func(going []profile.Generation) int64 { return c.view.freed(going).NarSize })
	if short := wanted - c.view.freed(c.going).NarSize; short > 0 {
		plan.Warnings = append(plan.Warnings, fmt.Sprintf("that is not enough: %s will be missing", operation.Size(short)))
	}
	return false, nil
}

// Apply deletes the generations, and collects garbage.
func (c *cleanUp) Apply(ctx context.Context, o operation.Observer) (Answer, error) {
	data := &operation.Freed{Expected: c.frees.NarSize}
	if err := c.delete(ctx, o, data); err != nil {
		return Answer{Data: data}, deletionFailed(err)
	}
	if err := c.collect(ctx, o, data); err != nil {
		return Answer{Data: data}, err
	}
	answer := Answer{Data: data, Message: freedMessage(data)}
	if len(data.Deleted) > 0 {
		answer.Message = fmt.Sprintf("Deleted %s and %s; that freed %s.",
			generationsCount(len(data.Deleted)), paths(data.Paths), operation.Size(data.Bytes))
	}
	if c.goal > 0 && data.Free < c.goal {
		answer.Warnings = append(answer.Warnings, fmt.Sprintf("%s are free now, less than the %s that were wanted",
			operation.Size(data.Free), operation.Size(c.goal)))
		answer.Suggestions = []string{"ask-nix disk"}
	}
	return answer, nil
}

// collect collects all garbage, or as much as the goal needs. What a path takes on the
// disk is not just what the database says, so it goes on until that is reached or
// nothing more is freed.
func (c *cleanUp) collect(ctx context.Context, o operation.Observer, data *operation.Freed) error {
	if c.goal == 0 {
		return collect(ctx, c.machine, o, c.frees.Paths, 0, data)
	}
	for {
		disk, err := space(string(c.machine.Host.StoreDir))
		if err != nil {
			return err
		}
		before := data.Bytes
		data.Free = disk.Free
		if disk.Free >= c.goal {
			return nil
		}
		if err := collect(ctx, c.machine, o, c.frees.Paths, uint64(c.goal-disk.Free), data); err != nil {
			return err
		}
		if data.Bytes == before {
			return nil
		}
	}
}
