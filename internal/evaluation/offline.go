package evaluation

import (
	"context"
	"fmt"
	"strings"

	"luminousnix/nix/daemon"
	"luminousnix/nix/derivation"
	"luminousnix/nix/store"
)

// OfflineError says that something is needed which would have to be fetched, and that
// nothing is.
type OfflineError struct {
	By    string       // who says that nothing is fetched, such as --offline
	Paths []store.Path // what would be fetched: derivations of sources, and paths
}

func (e *OfflineError) Error() string {
	var names []string
	for _, p := range e.Paths[:min(len(e.Paths), 3)] {
		names = append(names, strings.TrimSuffix(p.Name(), derivation.Extension))
	}
	what := strings.Join(names, ", ")
	if more := len(e.Paths) - len(names); more > 0 {
		what += fmt.Sprintf(" and %d more", more)
	}
	return fmt.Sprintf("%s would have to be fetched, and %s says that nothing is", what, e.By)
}

// WithinReach is nil if what is missing can be had without the network, asked of a daemon
// that downloads nothing: by building, of sources that are here. Else it is an
// [*OfflineError]. A host that is not offline reaches everything.
func WithinReach(ctx context.Context, by string, load derivation.Load, missing daemon.Missing) error {
	if by == "" {
		return nil
	}
	far := append(append([]store.Path{}, missing.WillSubstitute...), missing.Unknown...)
	for _, drv := range missing.WillBuild {
		d, err := load(ctx, drv)
		if err != nil {
			return err
		}
		if fetches(d) {
			far = append(far, drv)
		}
	}
	if len(far) > 0 {
		return &OfflineError{by, far}
	}
	return nil
}

// fetches reports a derivation that may use the network, which are those whose content is
// known beforehand. One that only copies a file of this machine does not.
func fetches(d *derivation.Derivation) bool {
	kind, err := d.Kind()
	return err != nil || kind == derivation.Fixed && (d.Builder != "builtin:fetchurl" || !strings.HasPrefix(d.Env["url"], "file:")) ||
		kind == derivation.Impure
}
