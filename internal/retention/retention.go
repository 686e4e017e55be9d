// Package retention says which generations of a profile stay when others are
// deleted.
//
// Some are protected whatever is asked for: see [Protect]. Of the others a
// [Policy] selects those that go, by count and age. Both are pure: they are given
// what the profile is, what runs, and the time.
//
// What people and switches want to be kept is in a small [File] beside ask-nix's
// other state: pins, with a name and a note, and for each profile the one
// generation that a switch or rollback left behind, until the next one has been
// verified. Nix's own programs know nothing of it.
package retention

import (
	"slices"

	"luminousnix/nix/profile"
)

// Reason says why a generation is protected.
type Reason string

// The reasons.
const (
	Current Reason = "current" // the profile leads to it
	Running Reason = "running" // its system is active
	Booted  Reason = "booted"  // the machine was started with it
	Pinned  Reason = "pinned"  // somebody wants it kept
	Backup  Reason = "backup"  // the last switch or rollback left it behind
)

// Use is what is known of a profile beyond its links.
type Use struct {
	// Running and Booted are toplevels, "" where nothing of the profile runs. Of
	// several generations with the same toplevel all are protected.
	Running, Booted string
	// Kept are entries of any profile.
	Kept []Entry
}

// Protection has for each protected generation why it is so.
type Protection map[int][]Reason

// Protect says which generations must not be deleted.
func Protect(p profile.Profile, state profile.State, use Use) Protection {
	protection := Protection{}
	for _, g := range state.Generations {
		var reasons []Reason
		add := func(is bool, reason Reason) {
			if is {
				reasons = append(reasons, reason)
			}
		}
		add(g.Number == state.Current, Current)
		add(use.Running != "" && g.Target == use.Running, Running)
		add(use.Booted != "" && g.Target == use.Booted, Booted)
		for _, kind := range []Reason{Pinned, Backup} {
			add(slices.ContainsFunc(use.Kept, func(e Entry) bool { return e.Kind == kind && e.Means(p, g) }), kind)
		}
		if len(reasons) > 0 {
			protection[g.Number] = reasons
		}
	}
	return protection
}
