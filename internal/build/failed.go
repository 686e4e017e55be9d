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
// that this needs. It is named in the message; else it is the last one that was seen to
// fail, or the last one with a log.
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
		found.Derivation, found.Log = store.Path(drv), w.logs[drv]
		if strings.Contains(failed.Message, drv) {
			break
		}
	}
	for _, drv := range w.failed {
		if drv != string(found.Derivation) {
			found.Others = append(found.Others, Failure{store.Path(drv), w.logs[drv]})
		}
	}
	return found
}
