package action

import (
	"context"
	"fmt"
	"strings"
	"time"

	"luminousnix/internal/operation"
	"luminousnix/nix/daemon"
	"luminousnix/nix/storedb"
)

// collectGarbage removes what nothing uses from the store, and nothing else.
type collectGarbage struct {
	machine *Machine
	dead    storedb.Usage // found by Plan
}

func newCollectGarbage(m *Machine, _ operation.Arguments) Change {
	return &collectGarbage{machine: m}
}

// Plan finds what is dead.
func (c *collectGarbage) Plan(ctx context.Context, _ operation.Observer) (operation.Plan, error) {
	view, err := viewStore(ctx, c.machine.Host)
	if err != nil {
		return operation.Plan{}, err
	}
	c.dead = view.freed(nil)
	if c.dead.Paths == 0 {
		return operation.Plan{Summary: "Nothing in the store is unused", Nothing: true}, nil
	}
	return operation.Plan{
		Summary: fmt.Sprintf("Remove %s that nothing uses", paths(c.dead.Paths)), Risk: operation.Destructive,
		Steps: []operation.Step{collectStep(c.machine, c.dead)},
		Frees: c.dead.NarSize,
	}, nil
}

// collectStep is the step of a plan that collects.
func collectStep(m *Machine, dead storedb.Usage) operation.Step {
	return operation.Step{
		Action: fmt.Sprintf("Collect garbage: %s, %s", paths(dead.Paths), operation.Size(dead.NarSize)),
		Path:   string(m.Host.StoreDir),
	}
}

func paths(n int64) string {
	if n == 1 {
		return "1 store path"
	}
	return fmt.Sprintf("%d store paths", n)
}

// Apply has the daemon collect.
func (c *collectGarbage) Apply(ctx context.Context, o operation.Observer) (Answer, error) {
	data := &operation.Freed{Expected: c.dead.NarSize}
	if err := collect(ctx, c.machine, o, c.dead.Paths, 0, data); err != nil {
		return Answer{Data: data}, err
	}
	return Answer{Message: freedMessage(data), Data: data}, nil
}

// Verify checks that what was dead is gone.
func (c *collectGarbage) Verify(ctx context.Context) error {
	view, err := viewStore(ctx, c.machine.Host)
	if err != nil {
		return err
	}
	if left := view.freed(nil); left.Paths >= c.dead.Paths && left.NarSize >= c.dead.NarSize {
		return operation.Errorf(operation.CodeFailed, "%s are still there that nothing uses", paths(left.Paths)).
			WithHint("Something is being built at this moment, perhaps; try again later.")
	}
	return nil
}

func freedMessage(data *operation.Freed) string {
	return fmt.Sprintf("Removed %s; that freed %s.", paths(data.Paths), operation.Size(data.Bytes))
}

// collect runs the garbage collector until it has freed about so many bytes, or for 0
// all it can, and adds to data what it did. Progress is told in paths of those that
// are expected.
func collect(ctx context.Context, m *Machine, o operation.Observer, expected int64, most uint64, data *operation.Freed) error {
	phase(o, "collect", "Collecting garbage")
	progress := &counter{observer: o, now: m.Now, unit: operation.Items, expected: expected}
	conn, err := m.Host.Dial(ctx, daemon.Options{
		Observer: func(e daemon.Event) {
			if line, ok := e.(daemon.Line); ok && strings.HasPrefix(line.Text, "deleting '") {
				progress.add(1)
			}
		},
	})
	if err != nil {
		return err
	}
	defer conn.Close()
	result, err := conn.CollectGarbage(ctx, daemon.GCOptions{Action: daemon.DeleteDead, MaxFreed: most})
	if err != nil {
		return err
	}
	data.Paths += int64(len(result.Paths))
	data.Bytes += int64(result.BytesFreed)
	if store, err := space(string(m.Host.StoreDir)); err == nil {
		data.Free = store.Free
	}
	return nil
}

// counter tells how far something is, and now and then also in words.
type counter struct {
	observer       operation.Observer
	now            func() time.Time
	unit           operation.Unit
	expected, done int64
	told           time.Time // when it was told in words, or began
}

// pause is how long it takes until the progress is told in words once more.
const pause = 5 * time.Second

func (c *counter) add(n int64) {
	c.done += n
	c.observer.Observe(operation.Event{Kind: operation.EventProgress, Unit: c.unit, Done: c.done, Expected: c.expected})
	now := c.now()
	if c.told.IsZero() {
		c.told = now
	}
	if now.Sub(c.told) < pause || c.expected == 0 {
		return
	}
	c.told = now
	c.observer.Observe(operation.Event{Kind: operation.EventLog, Text: fmt.Sprintf("%d %%", min(99, 100*c.done/c.expected))})
}
