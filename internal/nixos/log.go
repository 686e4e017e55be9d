package nixos

import (
	"context"
	"strconv"
	"strings"

	"luminousnix/internal/process"
)

// UnitLog is the end of what a unit has said since the machine was started; nothing
// where there is no journal.
func UnitLog(ctx context.Context, env []string, unit string, lines int) []string {
	out, err := process.Run(ctx, process.Command{
		Argv: []string{"journalctl", "--boot", "--unit", unit, "--lines", strconv.Itoa(lines), "--output", "cat", "--no-pager"},
		Env:  env,
	})
	if err != nil || len(out) == 0 {
		return nil
	}
	return strings.Split(strings.TrimRight(string(out), "\n"), "\n")
}
