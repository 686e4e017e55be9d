package action

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"luminousnix/internal/host"
	"luminousnix/internal/nixos"
	"luminousnix/internal/operation"
	"luminousnix/internal/retention"
	"luminousnix/nix/profile"
)

// keptFile is where it is written down what is kept of a profile's generations.
func keptFile(m *Machine, chosen host.Chosen) retention.File {
	path, public := m.Host.KeptFile(chosen)
	return retention.File{Path: path, Public: public}
}

// protect says which generations must not be deleted, given what is written down.
func protect(m *Machine, chosen host.Chosen, state profile.State, kept []retention.Entry) retention.Protection {
	use := retention.Use{Kept: kept}
	if chosen.System {
		targets := make([]string, len(state.Generations))
		for i, g := range state.Generations {
			targets[i] = g.Target
		}
		use.Running = nixos.Base(targets, m.Host.RunningSystem())
		use.Booted = nixos.Base(targets, m.Host.BootedSystem())
	}
	return retention.Protect(chosen.Profile, state, use)
}

// refuseProtected is the error for generations that were named although they are
// protected; nil when there is none.
func refuseProtected(protection retention.Protection, named []int) error {
	var list, pinned []string
	for _, number := range named {
		reasons := protection[number]
		if len(reasons) == 0 {
			continue
		}
		list = append(list, fmt.Sprintf("%d (%s)", number, because(reasons)))
		if slices.Contains(reasons, retention.Pinned) {
			pinned = append(pinned, fmt.Sprintf("`ask-nix unpin %d`", number))
		}
	}
	if len(list) == 0 {
		return nil
	}
	refusal := operation.Errorf(operation.CodeRefused, "nothing was deleted, since what is in use stays: %s", strings.Join(list, ", "))
	if len(list) == 1 {
		refusal.Message = fmt.Sprintf("nothing was deleted, since generation %s stays", list[0])
	}
	hint := "Leave out what is in use, or switch to another generation first."
	if len(pinned) > 0 {
		hint = "Leave out what is in use; " + strings.Join(pinned, " and ") + " lets go of a pin."
	}
	return refusal.WithHint(hint)
}

// because says in words why a generation is protected.
func because(reasons []retention.Reason) string {
	words := make([]string, len(reasons))
	for i, reason := range reasons {
		words[i] = string(reason)
		if reason == retention.Backup {
			words[i] = "kept as a backup until the next switch is verified"
		}
	}
	return strings.Join(words, ", ")
}

// staying says which generations stay since they are protected, for a plan.
func staying(protection retention.Protection) string {
	var list []string
	for _, number := range slices.Sorted(maps.Keys(protection)) {
		list = append(list, fmt.Sprintf("%d (%s)", number, because(protection[number])))
	}
	return strings.Join(list, ", ")
}
