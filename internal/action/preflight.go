package action

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"luminousnix/internal/nixos"
	"luminousnix/internal/operation"
)

// preflight is what is worth knowing before a machine is taken to a system.
func preflight(_ context.Context, m *Machine, toplevel string, action nixos.Action) []string {
	var all []string
	if warning := bootSpace(m, toplevel); warning != "" && action != nixos.Test {
		all = append(all, warning)
	}
	if warning := batteryLow(m.Host.Path("sys", "class", "power_supply")); warning != "" {
		all = append(all, warning)
	}
	if warning := otherInit(m, toplevel); warning != "" && action != nixos.Boot {
		all = append(all, warning)
	}
	return all
}

// bootSpace compares what /boot has free with what a kernel and an initrd take that are
// not there yet.
func bootSpace(m *Machine, toplevel string) string {
	boot := m.Host.Path("boot")
	var stat unix.Statfs_t
	if unix.Statfs(boot, &stat) != nil || !mountPoint(boot) {
		return "" // kernels stay in the store, then
	}
	var needed int64
	for _, name := range []string{"kernel", "initrd"} {
		file := resolve(filepath.Join(toplevel, name))
		if info, err := os.Stat(file); err == nil && file != resolve(filepath.Join(m.Host.RunningSystem(), name)) {
			needed += info.Size()
		}
	}
	if free := int64(stat.Bavail) * stat.Bsize; needed > free {
		return fmt.Sprintf("the kernel and initrd take %s on /boot, which has only %s free: `ask-nix clean-up` removes old ones",
			operation.Size(needed), operation.Size(free))
	}
	return ""
}

func mountPoint(dir string) bool {
	var here, above unix.Stat_t
	return unix.Stat(dir, &here) == nil && unix.Stat(filepath.Dir(dir), &above) == nil && here.Dev != above.Dev
}

// lowBattery is how many per cent are too few to begin with.
const lowBattery = 20

// batteryLow looks for a battery that is running out, in the folder where Linux shows
// them.
func batteryLow(dir string) string {
	batteries, err := filepath.Glob(filepath.Join(dir, "BAT*"))
	if err != nil {
		return ""
	}
	for _, battery := range batteries {
		var level int
		if _, err := fmt.Sscan(readWord(battery, "capacity"), &level); err != nil || readWord(battery, "status") != "Discharging" {
			continue
		}
		if level < lowBattery {
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
