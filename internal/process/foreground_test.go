package process_test

import (
	"errors"
	"testing"

	"luminousnix/internal/process"
)

func TestForegroundStatus(t *testing.T) {
	t.Parallel()
	err := process.Foreground(t.Context(), process.Command{Argv: []string{"sh", "-c", `test "$GIVEN" = yes && exit 3`}, Env: env})
	var exit *process.ExitError
	if !errors.As(err, &exit) || exit.Status != 3 {
		t.Errorf("got %v", err)
	}
	if err := process.Foreground(t.Context(), process.Command{Argv: []string{"no-such-program"}, Env: env}); !errors.Is(err, process.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}
