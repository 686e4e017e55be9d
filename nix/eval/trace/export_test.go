package trace

import (
	"context"
	"time"

	"luminousnix/nix/eval"
)

// NewRecorderMargin is NewRecorder with files trusted after another time, so that
// tests need not wait for seconds.
func NewRecorderMargin(in eval.Inputs, options Options, margin time.Duration) *Recorder {
	return newRecorder(in, options, margin)
}

// CheckMargin is Check with files trusted after another time.
func (t *Trace) CheckMargin(ctx context.Context, in eval.Inputs, margin time.Duration) (*Difference, error) {
	return t.check(ctx, in, margin)
}
