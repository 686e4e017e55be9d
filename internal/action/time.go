package action

import (
	"context"

	"luminousnix/internal/build"
	"luminousnix/internal/operation"
	"luminousnix/internal/progress"
	"luminousnix/nix/daemon"
)

// takes is how long it takes to build and download what is missing; nil where too little is
// known of that, or it is not worth telling.
func takes(ctx context.Context, m *Machine, b operation.Build, missing *daemon.Missing) *operation.Estimate {
	e := build.Estimate(ctx, m.Host, b, missing)
	if e == nil || e.High < progress.WorthTelling.Seconds() {
		return nil
	}
	return e
}
