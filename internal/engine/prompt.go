package engine

import (
	"context"
	"path/filepath"
	"time"

	"luminousnix/internal/action"
	"luminousnix/internal/operation"
	"luminousnix/internal/record"
)

// Said is a sentence of a conversation, as it is kept.
type Said struct {
	Time time.Time `json:"time"`
	Text string    `json:"said"`
}

// MostSaid is how many sentences of conversations are kept at the most.
const MostSaid = 1000

// Conversation is the file of [Said]: what was said at the prompt. It and the part that
// was put aside have at most MostSaid lines and 256 KiB.
func (e *Engine) Conversation() record.File {
	return record.File{Path: filepath.Join(e.host.StateHome(), "conversation"), Max: 112 << 10, MaxLines: MostSaid / 2}
}

// Undoable are the numbers of changes that can be taken back, for completing them.
func (e *Engine) Undoable() []operation.EntryNumber { return action.Undoable(e.machine()) }

// GenerationNumbers are those of a profile, for completing them: no operation that is
// recorded.
func (e *Engine) GenerationNumbers(ctx context.Context, name operation.ProfileName) (numbers []operation.GenerationNumber, err error) {
	m := e.machine()
	state, err := m.Backend.Profile(ctx, m.Host.Profile(name).Profile)
	for _, g := range state.Generations {
		numbers = append(numbers, operation.GenerationNumber(g.Number))
	}
	return numbers, err
}
