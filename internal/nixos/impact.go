package nixos

import (
	"os"
	"path/filepath"
	"slices"

	"luminousnix/internal/operation"
)

// unitFolder is where a toplevel has the units of systemd.
const unitFolder = "etc/systemd/system"

// Impact compares two toplevels: what a switch from one to the other does to the
// running machine beyond packages. What a toplevel does not have counts as absent.
// Units are compared by the files that they lead to; which of the changed ones are
// restarted, and which are left alone, is for the units and switch-to-configuration to
// say.
func Impact(from, to string) operation.Impact {
	impact := operation.Impact{Started: []string{}, Stopped: []string{}, Changed: []string{}, Reboot: []string{}}
	before, after := units(from), units(to)
	for name, file := range after {
		switch old, both := before[name]; {
		case !both:
			impact.Started = append(impact.Started, name)
		case old != file:
			impact.Changed = append(impact.Changed, name)
		}
	}
	for name := range before {
		if _, both := after[name]; !both {
			impact.Stopped = append(impact.Stopped, name)
		}
	}
	for _, list := range [][]string{impact.Started, impact.Stopped, impact.Changed} {
		slices.Sort(list)
	}
	// What only takes effect when the machine starts.
	for _, part := range []string{"kernel", "initrd", "kernel-modules", "kernel-params", "systemd"} {
		if !sameTarget(filepath.Join(from, part), filepath.Join(to, part)) {
			impact.Reboot = append(impact.Reboot, part)
		}
	}
	return impact
}

// units are the services, sockets and so on of a toplevel: the real file of each. Folders
// beside them only have links to these.
func units(toplevel string) map[string]string {
	dir := filepath.Join(toplevel, unitFolder)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	files := make(map[string]string, len(entries))
	for _, entry := range entries {
		switch filepath.Ext(entry.Name()) {
		case ".service", ".socket", ".timer", ".mount", ".path", ".target", ".slice", ".automount", ".swap":
			path := filepath.Join(dir, entry.Name())
			target, err := filepath.EvalSymlinks(path)
			if err != nil {
				target, _ = os.Readlink(path)
			}
			files[entry.Name()] = target
		}
	}
	return files
}

// sameTarget reports whether two paths lead to the same file, or to files of the same
// content, or both to nothing.
func sameTarget(x, y string) bool {
	a, errA := filepath.EvalSymlinks(x)
	b, errB := filepath.EvalSymlinks(y)
	if errA != nil || errB != nil {
		return errA != nil && errB != nil
	}
	if a == b {
		return true
	}
	left, errA := os.ReadFile(a)
	right, errB := os.ReadFile(b)
	return errA == nil && errB == nil && string(left) == string(right)
}
