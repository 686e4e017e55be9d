package profile_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/nix/profile"
)

var noon = time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC)

// aged makes a profile whose generations are as many days old as given, the
// first one being number 1, and points it at one of them.
func aged(t testing.TB, current int, days ...float64) profile.Profile {
	t.Helper()
	p := newProfile(t, "p")
	numbers := make([]int, len(days))
	for i := range days {
		numbers[i] = i + 1
	}
	makeGenerations(t, p, numbers...)
	for i, age := range days {
		setTime(t, generationLink(p, i+1), noon.Add(-time.Duration(age*24*float64(time.Hour))))
	}
	if err := replace(p, "p-"+string(rune('0'+current))+"-link"); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestSelect(t *testing.T) {
	t.Parallel()
	ages := []float64{10, 8, 6, 4, 2, 1} // of generations 1 to 6
	for _, c := range []struct {
		selection profile.Selection
		current   int
		ages      []float64
		want      []int
	}{
		{profile.Selection{}, 6, ages, nil},
		{profile.Selection{Old: true}, 6, ages, []int{1, 2, 3, 4, 5}},
		{profile.Selection{Old: true}, 3, ages, []int{1, 2, 4, 5, 6}}, // newer ones too
		{profile.Selection{Keep: 1}, 6, ages, []int{1, 2, 3, 4, 5}},
		{profile.Selection{Keep: 2}, 4, ages, []int{1, 2}}, // newer ones stay
		{profile.Selection{Keep: 4}, 4, ages, nil},
		{profile.Selection{Keep: 99}, 4, ages, nil},
		{profile.Selection{Days: 5}, 6, ages, []int{1, 2}}, // 3 was active 5 days ago
		{profile.Selection{Days: 5}, 1, ages, []int{2}},    // 1 is current
		{profile.Selection{Days: 6}, 6, ages, []int{1}},    // made exactly then is not older
		{profile.Selection{Days: 99}, 6, ages, nil},
		{profile.Selection{Days: 1}, 6, ages, []int{1, 2, 3, 4}},
		{profile.Selection{Numbers: []int{2, 5, 2, 77}}, 6, ages, []int{2, 5}},
		{profile.Selection{Days: 5}, 6, []float64{10, 3, 9, 8, 7, 1}, []int{1, 3, 4}}, // on which Nix aborts
	} {
		p := aged(t, c.current, c.ages...)
		state, err := p.Read()
		if err != nil {
			t.Fatal(err)
		}
		selected, err := state.Select(c.selection, noon)
		if err != nil {
			t.Errorf("%v: %v", c.selection, err)
		}
		if diff := cmp.Diff(c.want, numbers(profile.State{Generations: selected})); diff != "" {
			t.Errorf("%v of %d: %s", c.selection, c.current, diff)
		}
		deleted, err := p.Delete(t.Context(), c.selection, noon)
		if err != nil {
			t.Errorf("%v: %v", c.selection, err)
		}
		if diff := cmp.Diff(selected, deleted); diff != "" {
			t.Errorf("%v: previewed and deleted: %s", c.selection, diff)
		}
		after, err := p.Read()
		if err != nil {
			t.Fatal(err)
		}
		left := slices.DeleteFunc(numbers(state), func(n int) bool { return slices.Contains(c.want, n) })
		if diff := cmp.Diff(left, numbers(after)); diff != "" {
			t.Errorf("%v: left over: %s", c.selection, diff)
		}
		if names := files(t, p); len(names) != len(left)+1 {
			t.Errorf("%v: files %v", c.selection, names)
		}
	}
}

// TestDeleteRefuses has all that must not be deleted.
func TestDeleteRefuses(t *testing.T) {
	t.Parallel()
	rules := []profile.Selection{{Old: true}, {Keep: 1}, {Days: 1}, {Numbers: []int{1}}}
	for _, target := range []string{"/nowhere", "p-9-link", "/somewhere/else/p-2-link", "/nix/store/x"} {
		p := aged(t, 2, 9, 8, 7)
		if err := replace(p, target); err != nil {
			t.Fatal(err)
		}
		before := files(t, p)
		for _, selection := range rules {
			if deleted, err := p.Delete(t.Context(), selection, noon); !errors.Is(err, profile.ErrCurrentUnknown) {
				t.Errorf("%s: %v deleted %v: %v", target, selection, deleted, err)
			}
		}
		if diff := cmp.Diff(before, files(t, p)); diff != "" {
			t.Error(diff)
		}
	}
	p := aged(t, 2, 9, 8, 7)
	before := files(t, p)
	var current *profile.DeleteCurrentError
	if _, err := p.Delete(t.Context(), profile.Selection{Numbers: []int{1, 2}}, noon); !errors.As(err, &current) || current.Number != 2 {
		t.Errorf("the current one: %v", err)
	}
	for _, wrong := range []profile.Selection{{Old: true, Keep: 1}, {Days: -1}, {Keep: -1}, {Numbers: []int{0}}, {Days: 1, Numbers: []int{1}}} {
		var refused *profile.SelectionError
		if _, err := p.Delete(t.Context(), wrong, noon); !errors.As(err, &refused) {
			t.Errorf("%+v: %v", wrong, err)
		}
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Delete(cancelled, profile.Selection{Old: true}, noon); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if diff := cmp.Diff(before, files(t, p)); diff != "" {
		t.Error(diff)
	}
	if _, err := newProfile(t, "p").Delete(t.Context(), profile.Selection{Old: true}, noon); !errors.Is(err, profile.ErrNotExist) {
		t.Errorf("no profile: %v", err)
	}
	// An absolute link to its own generation is understood; Nix deletes all.
	if err := replace(p, generationLink(p, 2)); err != nil {
		t.Fatal(err)
	}
	if deleted, err := p.Delete(t.Context(), profile.Selection{Old: true}, noon); err != nil || len(deleted) != 2 {
		t.Errorf("absolute: %v, %v", deleted, err)
	}
}
