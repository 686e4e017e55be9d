package action

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"luminousnix/internal/cache"
	"luminousnix/internal/evaluation"
	"luminousnix/internal/metrics"
	"luminousnix/internal/operation"
)

// evaluations is the file in which results of evaluations are kept.
func evaluations(m *Machine) string { return filepath.Join(m.Host.CacheHome(), evaluation.CacheName) }

func showCache(ctx context.Context, m *Machine, _ operation.Arguments, _ operation.Observer) (Answer, error) {
	stats, err := m.Cache.Stats()
	if err != nil {
		return Answer{}, err
	}
	data := operation.Cache{
		Directory: m.Cache.Dir(), Persistent: m.CachePersists, TTL: int(m.Cache.TTL() / time.Second),
		Entries: stats.Entries, Expired: stats.Expired, Bytes: stats.Bytes,
	}
	if !stats.Oldest.IsZero() {
		oldest := stats.Oldest.Truncate(time.Second)
		data.Oldest = &oldest
	}
	counts, err := m.Metrics.Read()
	if _, damaged := metrics.IsDamaged(err); err != nil && !damaged {
		return Answer{}, err
	}
	for _, c := range counts.Operations {
		data.Hits += c.Cached
		data.Misses += c.CacheAsked - c.Cached
	}
	data.HitRate = float64(data.Hits) / float64(max(1, data.Hits+data.Misses))
	if data.Prepared, data.PreparedRight, err = foreseen(m.Foreseen); err != nil {
		return Answer{}, err
	}
	if data.Evaluations, data.EvaluationBytes, err = evaluation.Kept(ctx, evaluations(m)); err != nil {
		return Answer{}, err
	}
	answer := Answer{
		Message: fmt.Sprintf("The cache holds %d answers in %s and %d evaluations in %s.",
			data.Entries, operation.Size(data.Bytes), data.Evaluations, operation.Size(data.EvaluationBytes)),
		Data: &data,
	}
	if data.Directory == "" {
		answer.Warnings = []string{"no folder is yours alone, such as XDG_RUNTIME_DIR should be: answers are kept for as long as a process lasts"}
	}
	return answer, nil
}

// caches are those of all folders in which answers may be, the one that is used first:
// others are left from other settings, or from before a sudo.
func caches(m *Machine) []*cache.Cache {
	all := []*cache.Cache{m.Cache}
	for _, dir := range m.Host.AnswersDirs() {
		if _, err := os.Lstat(dir); err == nil && dir != m.Cache.Dir() {
			all = append(all, cache.New(dir, m.Cache.TTL(), m.Now))
		}
	}
	return all
}

// clearCache removes what is only there for speed.
type clearCache struct {
	machine *Machine
	expired bool
}

func newClearCache(m *Machine, args operation.Arguments) Change { return &clearCache{m, args.Expired} }

func (c *clearCache) Plan(context.Context, operation.Observer) (operation.Plan, error) {
	what := "Remove all answers that are kept"
	if c.expired {
		what = "Remove the answers past their time"
	}
	plan := operation.Plan{Summary: what, Risk: operation.Safe}
	for _, kept := range caches(c.machine) {
		plan.Steps = append(plan.Steps, operation.Step{Action: what, Path: kept.Dir()})
	}
	if !c.expired {
		plan.Steps = append(plan.Steps,
			operation.Step{Action: "Forget what was evaluated", Path: evaluations(c.machine)},
			operation.Step{Action: "Forget what usually follows what at the prompt", Path: c.machine.Foreseen.Path})
	}
	return plan, nil
}

func (c *clearCache) Apply(ctx context.Context, _ operation.Observer) (Answer, error) {
	data := &operation.Cleared{}
	for _, kept := range caches(c.machine) {
		removed, err := kept.Clear(c.expired)
		if err != nil {
			return Answer{}, err
		}
		data.Entries, data.Bytes = data.Entries+removed.Entries, data.Bytes+removed.Bytes
	}
	message := fmt.Sprintf("Removed %d answers (%s)", data.Entries, operation.Size(data.Bytes))
	if !c.expired {
		var err error
		// An evaluation never lasts for a time only, so none is past it.
		file := evaluations(c.machine)
		if data.Evaluations, data.EvaluationBytes, err = evaluation.Kept(ctx, file); err != nil {
			return Answer{}, err
		}
		if err := evaluation.Forget(ctx, file); err != nil {
			return Answer{}, err
		}
		if err := c.machine.Foreseen.Remove(); err != nil {
			return Answer{}, err
		}
		message += fmt.Sprintf(" and %d evaluations (%s)", data.Evaluations, operation.Size(data.EvaluationBytes))
	}
	return Answer{Message: message + " from the cache.", Data: data}, nil
}

// Verify has nothing to add: Apply reports what it could not remove, and others
// may have put answers into the cache since.
func (c *clearCache) Verify(context.Context) error { return nil }
