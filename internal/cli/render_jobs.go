package cli

import (
	"fmt"

	"luminousnix/internal/operation"
)

func (a *app) renderJobs(data *operation.Jobs) {
	for _, j := range data.Jobs {
		fmt.Fprintln(a.Out, a.cut(fmt.Sprintf("  %s  %-7s  %s  %s  %s", j.ID, j.State, j.Time.Local().Format("2006-01-02 15:04:05"), j.Operation, j.Message)))
	}
}

// impactPairs are what a switch does to the running machine beyond packages, by name.
func impactPairs(i *operation.Impact, list func([]string) string) [][2]string {
	return [][2]string{
		{"units to start", list(i.Started)},
		{"units to stop", list(i.Stopped)},
		{"units that change", list(i.Changed)},
		{"after a reboot", list(i.Reboot)},
	}
}
