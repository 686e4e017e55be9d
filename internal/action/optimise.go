package action

import (
	"context"
	"fmt"

	"luminousnix/internal/operation"
	"luminousnix/nix/daemon"
)

// optimiseStore has the daemon replace equal files in the store by links to one.
type optimiseStore struct{ machine *Machine }

func newOptimiseStore(m *Machine, _ operation.Arguments) Change { return &optimiseStore{m} }

// Plan says what will be done. How much it frees nobody knows before.
func (s *optimiseStore) Plan(ctx context.Context, _ operation.Observer) (operation.Plan, error) {
	usage, err := s.machine.Backend.Usage(ctx)
	if err != nil {
		return operation.Plan{}, err
	}
	return operation.Plan{
		Summary: fmt.Sprintf("Share equal files among %s, %s", paths(usage.Paths), operation.Size(usage.NarSize)),
		Risk:    operation.Reversible,
		Steps:   []operation.Step{{Action: "Replace equal files by hard links to one", Path: string(s.machine.Host.StoreDir)}},
	}, nil
}

// Apply has it done, and sums up what the daemon tells.
func (s *optimiseStore) Apply(ctx context.Context, o operation.Observer) (Answer, error) {
	phase(o, "optimise", "Sharing equal files")
	data := &operation.Optimised{}
	conn, err := s.machine.Host.Dial(ctx, daemon.Options{
		Observer: func(e daemon.Event) {
			if r, ok := e.(daemon.Result); ok && r.Type == daemon.ResultFileLinked && len(r.Fields) > 0 {
				data.Files++
				data.Bytes += int64(r.Fields[0].Number)
				o.Observe(operation.Event{Kind: operation.EventProgress, Unit: operation.Items, Done: data.Files})
			}
		},
	})
	if err != nil {
		return Answer{}, err
	}
	defer conn.Close()
	if err := conn.OptimiseStore(ctx); err != nil {
		return Answer{Data: data}, err
	}
	return Answer{Message: fmt.Sprintf("Replaced %d files by links; that freed %s.", data.Files, operation.Size(data.Bytes)), Data: data}, nil
}

// Verify has nothing to look at: what a path holds is as it was.
func (s *optimiseStore) Verify(context.Context) error { return nil }
