package testbed

import (
	"context"
	"fmt"
	"time"
)

// AddHistory gives the machine a past: it was installed three weeks ago, got
// more packages, and was updated yesterday, without a restart since.
func (n *NixOS) AddHistory(ctx context.Context) error {
	history := []struct {
		daysAgo int
		system  System
	}{
		{21, System{
			Release:  "25.05",
			Revision: "1b7c0e5d94a2f3866d0e9b8a7c6f5e4d3c2b1a09",
			Packages: []string{"firefox", "git", "neofetch", "vim"},
		}},
		{9, System{
			Release:  "25.05",
			Revision: "4e81d2a7c3b90f5566778899aabbccddeeff0011",
			Packages: []string{"firefox", "gimp", "git", "htop", "neofetch", "vim"},
			Services: []string{"openssh"},
		}},
		{1, System{
			Release:         "25.11",
			Packages:        []string{"fastfetch", "firefox", "gimp", "git", "htop", "kdenlive", "vim"},
			Services:        []string{"nginx", "openssh"},
			Specialisations: []string{"gaming"},
		}},
	}
	var toplevels []string
	for _, past := range history {
		toplevel, err := n.Build(ctx, past.system)
		if err != nil {
			return err
		}
		number, err := n.AddGeneration(ctx, toplevel)
		if err != nil {
			return err
		}
		if err := n.SetGenerationTime(number, time.Now().AddDate(0, 0, -past.daysAgo)); err != nil {
			return err
		}
		toplevels = append(toplevels, toplevel)
	}

	newest := len(history) - 1
	if err := n.WriteConfiguration(history[newest].system); err != nil {
		return err
	}
	if err := n.SetBooted(toplevels[newest-1]); err != nil {
		return err
	}
	result, err := n.Switch(ctx, toplevels[newest], "switch")
	if err != nil {
		return err
	}
	if result.Status != 0 {
		return fmt.Errorf("testbed: switch-to-configuration: status %d\n%s", result.Status, result.Output)
	}
	return nil
}
