package retention

import (
	"slices"
	"sort"
	"time"

	"luminousnix/nix/profile"
)

// The policy of a clean-up that is not told one.
const (
	DefaultKeep = 5
	DefaultDays = 14
)

// Policy says which generations of those that are not protected go: each that is
// beyond the newest ones and too old as well. The zero value lets all of them go.
type Policy struct {
	// Keep is how many of the newest generations stay, protected ones counted; 0
	// is no condition.
	Keep int
	// Days is the age in times of 24 hours at which a generation goes, counted as
	// Nix does, from when it was last active: the newest one that is older stays. 0
	// is no condition.
	Days int
}

// Select returns the generations that go, lowest first. Whatever the policy, one
// below the current one stays, if there is any, to roll back to. Without a current
// generation nothing goes.
func (p Policy) Select(state profile.State, protection Protection, now time.Time) []profile.Generation {
	generations := state.Generations
	if !slices.ContainsFunc(generations, func(g profile.Generation) bool { return g.Number == state.Current }) {
		return nil
	}
	old := generations
	if p.Days > 0 {
		old = outdated(generations, now.Unix()-int64(p.Days)*24*60*60)
	}
	beyond := generations[:max(0, len(generations)-p.Keep)]
	var going []profile.Generation
	for _, g := range beyond {
		if len(protection[g.Number]) == 0 && slices.ContainsFunc(old, func(o profile.Generation) bool { return o.Number == g.Number }) {
			going = append(going, g)
		}
	}
	return spareOne(going, state)
}

// outdated are those below the newest one that is older than a limit in seconds since
// 1970, which was active at that time, and older themselves.
func outdated(generations []profile.Generation, limit int64) (old []profile.Generation) {
	active := 0
	for _, g := range generations {
		if g.Created.Unix() < limit {
			active = g.Number
		}
	}
	for _, g := range generations {
		if g.Number < active && g.Created.Unix() < limit {
			old = append(old, g)
		}
	}
	return old
}

// spareOne takes out the newest below the current one if otherwise none of those
// stayed.
func spareOne(going []profile.Generation, state profile.State) []profile.Generation {
	below := func(g profile.Generation) bool { return g.Number < state.Current }
	if count(state.Generations, below) > count(going, below) {
		return going
	}
	for i, g := range slices.Backward(going) {
		if below(g) {
			return slices.Delete(slices.Clone(going), i, i+1)
		}
	}
	return going
}

func count(generations []profile.Generation, match func(profile.Generation) bool) (n int) {
	for _, g := range generations {
		if match(g) {
			n++
		}
	}
	return n
}

// JustEnough returns the fewest of the generations, from the first on, that free the
// wanted number of bytes, or all of them if that is not enough. Frees says how many
// bytes some of them free together; more never free less.
func JustEnough(generations []profile.Generation, wanted int64, frees func([]profile.Generation) int64) []profile.Generation {
	n := sort.Search(len(generations), func(n int) bool { return frees(generations[:n]) >= wanted })
	return generations[:n]
}
