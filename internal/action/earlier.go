package action

import (
	"slices"
	"strings"
	"time"

	"luminousnix/internal/host"
	"luminousnix/internal/nixos"
	"luminousnix/internal/operation"
	"luminousnix/nix/profile"
)

// targetOf finds the generation that a switch goes to.
type targetOf func(profile.Profile, profile.State, operation.Arguments) (profile.Generation, error)

// earlier finds the generation that a rollback goes to: the one that is named by its
// number, or the newest one up to the current that was there at the end of a day, is of
// a version, or is called so; else the one some steps back. None but a number leads
// forward.
func earlier(m *Machine) targetOf {
	return func(p profile.Profile, state profile.State, args operation.Arguments) (profile.Generation, error) {
		switch {
		case args.Generation != 0:
			return byNumber(p, state, args)
		case args.Date != "":
			return atEndOf(args.Date, state)
		case args.Channel != "":
			return newestWhere(state, "of NixOS "+args.Channel, func(g profile.Generation) bool {
				return strings.HasPrefix(nixos.Read(g.Target).NixosVersion, version(args.Channel))
			})
		case args.Text != "":
			return namedSo(m, p, state, args.Text)
		}
		return stepsBack(state, max(1, args.Steps))
	}
}

func stepsBack(state profile.State, steps int) (target profile.Generation, err error) {
	for range steps {
		if target, err = state.Previous(); err != nil {
			return target, err
		}
		state.Current = target.Number
	}
	return target, nil
}

// atEndOf finds the newest generation that had been made when the day ended.
func atEndOf(date operation.Date, state profile.State) (profile.Generation, error) {
	day, err := time.ParseInLocation(time.DateOnly, string(date), time.Local)
	if err != nil {
		return profile.Generation{}, operation.Errorf(operation.CodeUsage, "%q is not a day", string(date))
	}
	end := day.AddDate(0, 0, 1)
	return newestWhere(state, "from "+string(date)+" or before", func(g profile.Generation) bool { return g.Created.Before(end) })
}

// namedSo finds a generation by words of its version or its configuration's revision, or
// of the name or note of its pin, in any case of letters.
func namedSo(m *Machine, p profile.Profile, state profile.State, words string) (profile.Generation, error) {
	kept, err := keptFile(m, host.Chosen{Profile: p, System: p != m.Host.UserProfile()}).Read()
	if err != nil {
		return profile.Generation{}, err
	}
	words = strings.ToLower(words)
	return newestWhere(state, "called "+words, func(g profile.Generation) bool {
		facts := nixos.Read(g.Target)
		texts := []string{facts.NixosVersion, facts.ConfigurationRevision}
		for _, e := range kept {
			if e.Means(p, g) {
				texts = append(texts, e.Name, e.Note)
			}
		}
		return slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(strings.ToLower(text), words) })
	})
}

// newestWhere finds the newest such generation that is not newer than the current one.
func newestWhere(state profile.State, what string, such func(profile.Generation) bool) (profile.Generation, error) {
	for _, g := range slices.Backward(state.Generations) {
		if (state.Current == 0 || g.Number <= state.Current) && such(g) {
			return g, nil
		}
	}
	return profile.Generation{}, operation.Errorf(operation.CodeNotFound, "there is no generation %s", what).
		WithHint("`ask-nix generations` lists those there are, with their dates and versions.")
}

// version is the version that a channel is named after.
func version(channel string) string {
	for _, prefix := range []string{"nixos-", "nixpkgs-", "release-"} {
		channel = strings.TrimPrefix(channel, prefix)
	}
	return channel
}
