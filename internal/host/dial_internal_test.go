package host

import (
	"errors"
	"testing"
	"time"
)

// TestEndedWaitsWithPatience: for what a program says in the end, and not for one that
// never ends.
func TestEndedWaitsWithPatience(t *testing.T) {
	t.Parallel()
	said := errors.New("exit status 3")
	if err := ended(func() error { return said }, time.Minute); !errors.Is(err, said) {
		t.Errorf("of one that has ended: %v", err)
	}
	forever := make(chan struct{})
	defer close(forever)
	if err := ended(func() error { <-forever; return said }, time.Millisecond); err != nil {
		t.Errorf("of one that has not: %v", err)
	}
}
