package action

import (
	"context"
	"fmt"
	"time"

	"luminousnix/internal/operation"
)

func showCache(_ context.Context, m *Machine, _ operation.Arguments, _ operation.Observer) (Answer, error) {
	stats, err := m.Cache.Stats()
	if err != nil {
		return Answer{}, err
	}
	return Answer{
		Message: fmt.Sprintf("The cache holds %d answers in %s.", stats.Entries, operation.Size(stats.Bytes)),
		Data: &operation.Cache{
			Directory: m.Cache.Dir(), Entries: stats.Entries, Expired: stats.Expired, Bytes: stats.Bytes,
			TTL: int(m.Cache.TTL() / time.Second),
		},
	}, nil
}

// clearCache removes what is only there for speed.
type clearCache struct {
	machine *Machine
	expired bool
}

func newClearCache(m *Machine, args operation.Arguments) Change { return &clearCache{m, args.Expired} }

func (c *clearCache) Plan(context.Context) (operation.Plan, error) {
	what := "Remove all answers that are kept"
	if c.expired {
		what = "Remove the answers past their time"
	}
	return operation.Plan{
		Summary: what,
		Risk:    operation.Safe,
		Steps:   []operation.Step{{Action: what, Path: c.machine.Cache.Dir()}},
	}, nil
}

func (c *clearCache) Apply(context.Context, operation.Observer) (Answer, error) {
	removed, err := c.machine.Cache.Clear(c.expired)
	if err != nil {
		return Answer{}, err
	}
	return Answer{
		Message: fmt.Sprintf("Removed %d answers (%s) from the cache.", removed.Entries, operation.Size(removed.Bytes)),
		Data:    &operation.Cleared{Entries: removed.Entries, Bytes: removed.Bytes},
	}, nil
}

// Verify has nothing to add: Apply reports what it could not remove, and others
// may have put answers into the cache since.
func (c *clearCache) Verify(context.Context) error { return nil }
