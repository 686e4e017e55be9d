package action

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"luminousnix/internal/nixos"
	"luminousnix/internal/operation"
	"luminousnix/nix/daemon"
)

// spare is how many bytes of the store are to be left free at least: what a build takes
// that is not known beforehand, and the database. Where less than scarce is left it is
// worth knowing.
const (
	spare  = 64 << 20
	scarce = 1 << 30
)

// storeSpace is what is needed of the store for what is missing, unpacked, against what it
// has free.
func storeSpace(m *Machine, missing *daemon.Missing) (operation.Space, error) {
	disk, err := space(string(m.Host.StoreDir))
	return operation.Space{Path: disk.Path, Needed: missing.NarSize, Free: disk.Free}, err
}

// addSpace adds to a plan what it needs of the store. That it cannot be told is no reason
// not to show the plan.
func addSpace(plan *operation.Plan, m *Machine, missing *daemon.Missing) {
	store, err := storeSpace(m, missing)
	if err != nil {
		return
	}
	plan.Space = append(plan.Space, store)
	if warning := spaceWarning(store, len(missing.WillBuild) > 0); warning != "" {
		plan.Warnings = append(plan.Warnings, warning)
	}
}

// enoughSpace refuses to download more than there is room for.
func enoughSpace(s operation.Space) error {
	if s.Needed == 0 || s.Needed+spare <= s.Free {
		return nil
	}
	return operation.Errorf(operation.CodeRefused, "this takes %s of the store, which has only %s free",
		operation.Size(s.Needed+spare), operation.Size(s.Free)).
		WithHint(makeRoom(s) + ". Nothing was changed.").
		WithCause(&operation.SpaceError{Space: operation.Space{Path: s.Path, Needed: s.Needed + spare, Free: s.Free}})
}

func makeRoom(s operation.Space) string {
	return fmt.Sprintf("`ask-nix clean-up --ensure-free %dMiB` makes room", (s.Needed+spare)>>20+1)
}

// spaceWarning says that there is no room for what a plan needs, or hardly any; "" where
// there is enough. builds says that something is built, which takes nobody knows how much.
func spaceWarning(s operation.Space, builds bool) string {
	switch err := operation.AsError(enoughSpace(s)); {
	case err != nil:
		return err.Message + ": " + makeRoom(s)
	case s.Needed == 0 && !builds || s.Free-s.Needed >= scarce:
		return ""
	}
	return fmt.Sprintf("the store will have only %s free: `ask-nix clean-up` shows what can go", operation.Size(s.Free-s.Needed))
}

// bootSpace is what the kernel and the initrd of a system need of /boot that are not there
// yet, against what it has free. ok is false where /boot is no file system of its own:
// kernels stay in the store, then.
func bootSpace(m *Machine, toplevel string) (s operation.Space, ok bool) {
	boot := m.Host.Path("boot")
	disk, err := space(boot)
	if err != nil || !mountPoint(boot) {
		return s, false
	}
	s = operation.Space{Path: boot, Free: disk.Free}
	for _, name := range []string{"kernel", "initrd"} {
		file := resolve(filepath.Join(toplevel, name))
		info, err := os.Stat(file)
		if err == nil && file != resolve(filepath.Join(m.Host.RunningSystem(), name)) && !copied(m, boot, file) {
			s.Needed += info.Size()
		}
	}
	return s, true
}

// copied reports whether /boot has a file of the store, under the name that NixOS gives it
// for systemd-boot or GRUB.
func copied(m *Machine, boot, file string) bool {
	name := strings.ReplaceAll(strings.TrimPrefix(file, string(m.Host.StoreDir)+"/"), "/", "-")
	for _, name := range []string{"EFI/nixos/" + name + ".efi", "kernels/" + name} {
		if _, err := os.Stat(filepath.Join(boot, name)); err == nil {
			return true
		}
	}
	return false
}

// bootWarning says that the kernel of a system does not fit.
func bootWarning(s operation.Space) string {
	if s.Needed <= s.Free {
		return ""
	}
	return fmt.Sprintf("the kernel and initrd take %s on /boot, which has only %s free: `ask-nix clean-up` removes old ones",
		operation.Size(s.Needed), operation.Size(s.Free))
}

// exactSpace is what the activation of a system that was built needs, and what there is.
func exactSpace(m *Machine, toplevel string, action nixos.Action) (all []operation.Space, warnings []string) {
	if store, err := storeSpace(m, &daemon.Missing{}); err == nil {
		all = append(all, store)
	}
	boot, ok := bootSpace(m, toplevel)
	if !ok || action == nixos.Test {
		return all, nil
	}
	if warning := bootWarning(boot); warning != "" {
		warnings = append(warnings, warning)
	}
	return append(all, boot), warnings
}
