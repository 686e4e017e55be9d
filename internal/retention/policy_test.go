package retention_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"luminousnix/internal/retention"
	"luminousnix/nix/profile"
)

const system profile.Profile = "/nix/var/nix/profiles/system"

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// made are generations that were made so many days before now, the first is 1.
func made(current int, daysAgo ...int) profile.State {
	state := profile.State{Current: current}
	for i, days := range daysAgo {
		state.Generations = append(state.Generations, profile.Generation{
			Number: i + 1, Target: fmt.Sprintf("/nix/store/%d", i+1), Created: now.AddDate(0, 0, -days),
		})
	}
	return state
}

func numbers(generations []profile.Generation) []int {
	found := []int{}
	for _, g := range generations {
		found = append(found, g.Number)
	}
	return found
}

func TestSelect(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name      string
		state     profile.State
		policy    retention.Policy
		protected []int
		want      []int
	}{
		{"nothing to go back to would stay", made(3, 30, 20, 10), retention.Policy{}, nil, []int{1}},
		{"by count", made(5, 50, 40, 30, 20, 10), retention.Policy{Keep: 3}, nil, []int{1, 2}},
		{"more than there are", made(2, 50, 40), retention.Policy{Keep: 9}, nil, []int{}},
		{"by age; 3 was active 25 days ago", made(5, 50, 40, 30, 20, 10), retention.Policy{Days: 25}, nil, []int{1, 2}},
		{"by count and age: the stricter one", made(5, 50, 40, 30, 20, 10), retention.Policy{Keep: 4, Days: 25}, nil, []int{1}},
		{"all is young", made(3, 3, 2, 1), retention.Policy{Keep: 1, Days: 7}, nil, []int{}},
		{"protected ones stay, and count", made(5, 50, 40, 30, 20, 10), retention.Policy{Keep: 2}, []int{1, 5}, []int{2, 3}},
		{"after a rollback newer ones go too", made(2, 50, 40, 30, 20, 10), retention.Policy{Keep: 1}, nil, []int{3, 4}},
		{"the current one is the lowest", made(1, 50, 40, 30), retention.Policy{Keep: 1}, nil, []int{2}},
		{"a pinned one to go back to is enough", made(4, 50, 40, 30, 20), retention.Policy{Keep: 1}, []int{2}, []int{1, 3}},
		{"made before the clock was set back", made(5, -40, -30, -20, -10, -1), retention.Policy{Keep: 1, Days: 7}, nil, []int{}},
		{"some of them", made(5, -40, 50, 40, -10, 1), retention.Policy{Keep: 1, Days: 7}, nil, []int{2}},
		{"no current one", made(9, 50, 40, 30), retention.Policy{}, nil, []int{}},
		{"none", made(0), retention.Policy{}, nil, []int{}},
	} {
		protection := retention.Protection{test.state.Current: {retention.Current}}
		for _, n := range test.protected {
			protection[n] = append(protection[n], retention.Pinned)
		}
		got := numbers(test.policy.Select(test.state, protection, now))
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
}

// Whatever the policy and the generations, what must stay does, and nothing goes that
// the policy keeps.
func TestSelectSparesWhatIsProtected(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		state := profile.State{}
		number := 0
		for range rapid.IntRange(0, 30).Draw(t, "count") {
			number += rapid.IntRange(1, 3).Draw(t, "gap")
			state.Generations = append(state.Generations, profile.Generation{
				Number: number, Target: fmt.Sprint("/nix/store/", rapid.IntRange(1, 10).Draw(t, "target")),
				Created: now.Add(-time.Duration(rapid.IntRange(0, 90*24).Draw(t, "hours")) * time.Hour),
			})
		}
		use := retention.Use{}
		if number > 0 {
			state.Current = rapid.SampledFrom(state.Generations).Draw(t, "current").Number
			use.Running = rapid.SampledFrom(state.Generations).Draw(t, "running").Target
			use.Booted = rapid.SampledFrom(state.Generations).Draw(t, "booted").Target
			pinned := rapid.SampledFrom(state.Generations).Draw(t, "pinned")
			use.Kept = []retention.Entry{{Profile: system, Generation: pinned.Number, Target: pinned.Target, Kind: retention.Pinned}}
		}
		policy := retention.Policy{Keep: rapid.IntRange(0, 12).Draw(t, "keep"), Days: rapid.IntRange(0, 60).Draw(t, "days")}
		protection := retention.Protect(system, state, use)
		going := policy.Select(state, protection, now)

		newest := state.Generations[max(0, len(state.Generations)-policy.Keep):]
		for _, g := range going {
			switch {
			case g.Number == state.Current, g.Target == use.Running, g.Target == use.Booted, g.Number == use.Kept[0].Generation:
				t.Errorf("%d goes, which is protected", g.Number)
			case slices.Contains(numbers(newest), g.Number):
				t.Errorf("%d goes, which is one of the newest %d", g.Number, policy.Keep)
			case policy.Days > 0 && now.Sub(g.Created) <= time.Duration(policy.Days)*24*time.Hour:
				t.Errorf("%d goes, which is not %d days old", g.Number, policy.Days)
			}
		}
		below := func(g profile.Generation) bool { return g.Number < state.Current }
		there := slices.ContainsFunc(state.Generations, below)
		left := slices.ContainsFunc(state.Generations, func(g profile.Generation) bool {
			return below(g) && !slices.Contains(numbers(going), g.Number)
		})
		if there && !left {
			t.Errorf("%v leaves nothing to go back to from %d", numbers(going), state.Current)
		}
		if !slices.IsSorted(numbers(going)) {
			t.Errorf("%v is not sorted", numbers(going))
		}
		again := state
		again.Generations = slices.DeleteFunc(slices.Clone(state.Generations), func(g profile.Generation) bool {
			return slices.Contains(numbers(going), g.Number)
		})
		if more := policy.Select(again, protection, now); len(more) > 0 {
			t.Errorf("a second time %v go", numbers(more))
		}
	})
}

func TestJustEnough(t *testing.T) {
	t.Parallel()
	generations := made(9, 9, 8, 7, 6).Generations
	frees := func(going []profile.Generation) int64 { return int64(5 + 10*len(going)) }
	for wanted, want := range map[int64]int{0: 0, 5: 0, 6: 1, 15: 1, 16: 2, 45: 4, 46: 4} {
		if got := retention.JustEnough(generations, wanted, frees); len(got) != want {
			t.Errorf("for %d bytes %v go, want %d", wanted, numbers(got), want)
		}
	}
}

func TestProtect(t *testing.T) {
	t.Parallel()
	state := made(4, 50, 40, 30, 20, 10, 5)
	state.Generations[5].Target = state.Generations[1].Target // 6 is 2 once more
	got := retention.Protect(system, state, retention.Use{
		Running: "/nix/store/4", Booted: "/nix/store/2",
		Kept: []retention.Entry{
			{Profile: system, Generation: 1, Target: "/nix/store/1", Kind: retention.Pinned},
			{Profile: system, Generation: 3, Target: "/nix/store/another", Kind: retention.Pinned},
			{Profile: "/elsewhere", Generation: 3, Target: "/nix/store/3", Kind: retention.Pinned},
			{Profile: system, Generation: 5, Target: "/nix/store/5", Kind: retention.Backup},
		},
	})
	want := retention.Protection{
		1: {retention.Pinned}, 2: {retention.Booted}, 4: {retention.Current, retention.Running},
		5: {retention.Backup}, 6: {retention.Booted},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
