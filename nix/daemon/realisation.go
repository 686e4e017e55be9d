package daemon

import (
	"context"

	"luminousnix/nix/daemon/internal/wire"
)

// RegisterDrvOutput records which path an output of a content-addressed
// derivation became. Daemons do it only with the experimental feature
// ca-derivations.
func (c *Conn) RegisterDrvOutput(ctx context.Context, r Realisation) error {
	text, err := r.json()
	if err != nil {
		return err
	}
	return c.call(ctx, wire.RegisterDrvOutput, func(w *wire.Writer) { w.Text(text) }, nil)
}

// QueryRealisation returns what the output with that ID became; ok is false when
// it is not known.
func (c *Conn) QueryRealisation(ctx context.Context, id string) (real Realisation, ok bool, err error) {
	err = c.call(ctx, wire.QueryRealisation, func(w *wire.Writer) { w.Text(id) }, func(r *wire.Reader) {
		for range r.Items() {
			real, ok = c.readRealisation(r), true
		}
	})
	return real, ok, err
}
