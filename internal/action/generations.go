package action

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"luminousnix/internal/host"
	"luminousnix/internal/operation"
	"luminousnix/internal/retention"
	"luminousnix/nix/profile"
)

func listGenerations(ctx context.Context, m *Machine, args operation.Arguments, _ operation.Observer) (Answer, error) {
	chosen := m.Host.Profile(args.Profile)
	state, err := profileLinks(ctx, m, chosen.Profile)
	if err != nil {
		return Answer{}, err
	}
	links := slices.Clone(state.Generations)
	slices.Reverse(links)
	if args.Limit > 0 && len(links) > args.Limit {
		links = links[:args.Limit]
	}
	data := operation.Generations{
		Profile:     string(chosen.Profile),
		System:      chosen.System,
		Total:       len(state.Generations),
		Generations: describeAll(m, state.Current, links),
	}
	answer := Answer{
		Message:  generationsMessage(chosen, state),
		Data:     &data,
		Warnings: append(note(chosen), oddities(state)...),
	}
	kept, err := keptFile(m, chosen).Read()
	if err != nil { // which generations there are can be told all the same
		answer.Warnings = append(answer.Warnings, fmt.Sprintf("which are pinned cannot be told: %v", err))
	}
	markKept(data.Generations, links, chosen.Profile, kept)
	if previous, err := state.Previous(); err == nil {
		answer.Suggestions = []string{
			fmt.Sprintf("ask-nix diff %d %d", previous.Number, state.Current),
			"ask-nix rollback --dry-run",
		}
	}
	return answer, nil
}

// markKept marks the generations that are written down as kept.
func markKept(described []operation.Generation, links []profile.Generation, p profile.Profile, kept []retention.Entry) {
	for i := range described {
		for _, e := range kept {
			if e.Means(p, links[i]) {
				described[i].Pinned = described[i].Pinned || e.Kind == retention.Pinned
				described[i].Backup = described[i].Backup || e.Kind == retention.Backup
			}
		}
	}
}

func generationsMessage(chosen host.Chosen, state profile.State) string {
	whose := "your profile"
	if chosen.System {
		whose = "the system"
		if base := filepath.Base(string(chosen.Profile)); base != "system" {
			whose = "the system profile " + base
		}
	}
	count := fmt.Sprintf("%d generations of %s", len(state.Generations), whose)
	if len(state.Generations) == 1 {
		count = "1 generation of " + whose
	}
	if state.Current == 0 {
		return count + "; none is current."
	}
	return fmt.Sprintf("%s; %d is current.", count, state.Current)
}

func note(chosen host.Chosen) []string {
	if chosen.Why == "" {
		return nil
	}
	return []string{chosen.Why}
}

// oddities tells what is wrong with a profile's link, and what mends it.
func oddities(state profile.State) []string {
	odd, mend := oddity(state)
	if odd == "" {
		return nil
	}
	return []string{odd + "; `" + mend + "` mends it"}
}

// oddity is what is wrong with a profile's link, in words that say what it means, and
// the command that mends it; "" where nothing is.
func oddity(state profile.State) (odd, mend string) {
	mend = "ask-nix switch-generation N"
	switch {
	case state.Current == 0:
		return fmt.Sprintf("the profile points at %s, which is none of its generations", state.Target), mend
	case !slices.ContainsFunc(state.Generations, func(g profile.Generation) bool { return g.Number == state.Current }):
		return fmt.Sprintf("the profile points at generation %d, which is gone", state.Current), mend
	case strings.HasPrefix(state.Target, "/"):
		return "the profile's link is absolute, so nix-env sees no current generation and would delete all of them as old",
			fmt.Sprintf("ask-nix switch-generation %d", state.Current)
	}
	return "", ""
}

// describeAll reads what the generations say of themselves.
func describeAll(m *Machine, current int, links []profile.Generation) []operation.Generation {
	running, booted := m.Host.RunningSystem(), m.Host.BootedSystem()
	facts := factsOf(m, links)
	described := make([]operation.Generation, len(links))
	for i, link := range links {
		described[i] = operation.Generation{
			Number:                operation.GenerationNumber(link.Number),
			Date:                  localTime(link.Created),
			NixosVersion:          facts[i].NixosVersion,
			KernelVersion:         facts[i].KernelVersion,
			ConfigurationRevision: facts[i].ConfigurationRevision,
			Specialisations:       facts[i].Specialisations,
			Current:               link.Number == current,
			Running:               running != "" && link.Target == running,
			Booted:                booted != "" && link.Target == booted,
			Path:                  link.Target,
		}
	}
	return described
}

// profileState is every link of the profiles that an answer is about.
func profileState(ctx context.Context, m *Machine, args operation.Arguments) ([]string, error) {
	lines := []string{m.Host.RunningSystem(), m.Host.BootedSystem()}
	for _, chosen := range profilesFor(m.Host, args) {
		target, err := currentTarget(ctx, m, chosen.Profile)
		if err != nil {
			return nil, err
		}
		lines = append(lines, string(chosen.Profile), target)
	}
	return lines, nil
}
