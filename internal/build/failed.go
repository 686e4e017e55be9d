package build

import (
	"errors"
	"fmt"
	"strings"

	"luminousnix/internal/operation"
	"luminousnix/internal/progress"
	"luminousnix/nix/daemon"
	"luminousnix/nix/store"
)

// A FailedError is a build that failed, with the end of its log.
type FailedError struct {
	Derivation store.Path
	Message    string
	Log        []string
	// Mismatch says that something was downloaded on the way that was not what was said.
	Mismatch bool
	// Full says that the disk was full.
	Full bool
	Err  error // a *[daemon.BuildError]
	// Others are further builds that failed meanwhile.
	Others []Failure
}

// Failure is another build that failed, with the end of its log.
type Failure struct {
	Derivation store.Path
	Log        []string
}

func (e *FailedError) Error() string {
	return fmt.Sprintf("%s could not be built: %s", progress.Name(string(e.Derivation)), e.Message)
}

func (e *FailedError) Unwrap() error { return e.Err }

// explain finds the build that failed: often not the one that was asked for, but one
// that this needs. It is named in the message; else it is the last one with a log of those
// that were seen to fail, or of all. Those without one were rather stopped, since another had
// failed.
func (w *watch) explain(err error) error {
	var failed *daemon.BuildError
	if !errors.As(err, &failed) {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	found := &FailedError{Derivation: failed.Path.Path, Message: operation.FirstLine(failed.Message), Mismatch: w.mismatch, Err: err}
	candidates := w.failed
	if len(candidates) == 0 {
		candidates = w.order
	}
	for _, drv := range candidates {
		named := strings.Contains(failed.Message, drv)
		if named || len(found.Log) == 0 || len(w.logs[drv]) > 0 {
			found.Derivation, found.Log = store.Path(drv), w.logs[drv]
		}
		if named {
			break
		}
	}
	for _, drv := range w.failed {
		if drv != string(found.Derivation) && (len(w.logs[drv]) > 0 || len(found.Log) == 0) {
			found.Others = append(found.Others, Failure{store.Path(drv), w.logs[drv]})
		}
	}
	return found
}
