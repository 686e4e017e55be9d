package host_test

import (
	"os"
	"testing"
	"time"

	"luminousnix/internal/host"
)

func TestProcessStart(t *testing.T) {
	t.Parallel()
	began, ok := host.ProcessStart(os.Getpid())
	if age := time.Since(began); !ok || age < -2*time.Second || age > time.Hour {
		t.Errorf("%v, %v", began, ok)
	}
	if began, ok := host.ProcessStart(1 << 30); ok {
		t.Errorf("no process began at %v", began)
	}
	// One that has ended and that nobody has waited for.
	process, err := os.StartProcess("/bin/true", []string{"true"}, &os.ProcAttr{})
	if err != nil {
		t.Fatal(err)
	}
	gone := false
	for range 400 {
		if _, ok := host.ProcessStart(process.Pid); !ok {
			gone = true
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	if _, err := process.Wait(); err != nil || !gone {
		t.Errorf("%v; gone: %v", err, gone)
	}
}
