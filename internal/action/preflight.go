package action

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"luminousnix/internal/nixos"
)

// preflight is what is worth knowing before a machine is taken to a system.
func preflight(ctx context.Context, m *Machine, toplevel string, action nixos.Action) []string {
	var all []string
	if warning := batteryLow(m.Host.Path("sys", "class", "power_supply"), externalPower(ctx, m)); warning != "" {
		all = append(all, warning)
	}
	if warning := otherInit(m, toplevel); warning != "" && action != nixos.Boot {
		all = append(all, warning)
	}
	return all
}

func mountPoint(dir string) bool {
	var here, above unix.Stat_t
	return unix.Stat(dir, &here) == nil && unix.Stat(filepath.Dir(dir), &above) == nil && here.Dev != above.Dev
}

// lowBattery is how many per cent are too few to begin with.
const lowBattery = 20

// powerDeadline bounds the wait for logind.
const powerDeadline = 2 * time.Second

// externalPower asks logind whether the machine runs on external power; nil is not known.
func externalPower(ctx context.Context, m *Machine) *bool {
	if m.ExternalPower == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, powerDeadline)
	defer cancel()
	external, err := m.ExternalPower(ctx)
	if err != nil {
		m.Log.Debug("logind does not tell where the power comes from", "error", err)
		return nil
	}
	return &external
}

// batteryLow looks for a battery that is running out, in the folder where Linux shows
// them. Where it is not known whether there is external power, the battery itself says
// whether it is discharged.
func batteryLow(dir string, external *bool) string {
	batteries, err := filepath.Glob(filepath.Join(dir, "BAT*"))
	if err != nil || external != nil && *external {
		return ""
	}
	for _, battery := range batteries {
		var level int
		if _, err := fmt.Sscan(readWord(battery, "capacity"), &level); err != nil {
			continue
		}
		discharged := external != nil || readWord(battery, "status") == "Discharging"
		if discharged && level < lowBattery {
			return fmt.Sprintf("the battery is at %d %% and not being charged", level)
		}
	}
	return ""
}

func readWord(dir, name string) string {
	text, _ := os.ReadFile(filepath.Join(dir, name)) // what is not there says nothing
	return strings.TrimSpace(string(text))
}

// otherInit finds out whether process 1 of the system is one that only a reboot can
// start.
func otherInit(m *Machine, toplevel string) string {
	const name = "init-interface-version"
	now, then := readWord(m.Host.RunningSystem(), name), readWord(toplevel, name)
	if now == "" || now == then {
		return ""
	}
	return fmt.Sprintf("its process 1 (%s) is another one than now (%s), so it cannot be activated: `ask-nix boot` starts it at the next boot", then, now)
}

// resolve follows links; a path that leads nowhere is as it is.
func resolve(path string) string {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		return target
	}
	return path
}
