package cli

import (
	"os"
	"strings"
)

// tellMemory tells, when debugging, how much memory the process had resident at
// the most. The kernel's figure for a child also counts what its parent had at
// the time of the fork, so the process reads its own.
func (a *app) tellMemory() {
	if a.log == nil || !a.settings.Debug {
		return
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return
	}
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			a.log.Debug("done", "peakMemoryKiB", strings.Fields(value)[0])
		}
	}
}
