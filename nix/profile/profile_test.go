package profile_test

import (
	stdcmp "cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
	"pgregory.net/rapid"

	"luminousnix/nix/profile"
)

// newProfile makes a profile with the given generations, the last one current.
func newProfile(t testing.TB, name string, numbers ...int) profile.Profile {
	t.Helper()
	p := profile.Profile(filepath.Join(t.TempDir(), name))
	makeGenerations(t, p, numbers...)
	return p
}

func makeGenerations(t testing.TB, p profile.Profile, numbers ...int) {
	t.Helper()
	for _, n := range numbers {
		link := generationLink(p, n)
		if err := os.Symlink(fmt.Sprintf("/nix/store/target-%d", n), link); err != nil {
			t.Fatal(err)
		}
		if err := replace(p, filepath.Base(link)); err != nil {
			t.Fatal(err)
		}
	}
}

func generationLink(p profile.Profile, number int) string {
	return fmt.Sprintf("%s-%d-link", p, number)
}

func replace(p profile.Profile, target string) error {
	if err := os.RemoveAll(string(p)); err != nil {
		return err
	}
	return os.Symlink(target, string(p))
}

func numbers(state profile.State) (list []int) {
	for _, g := range state.Generations {
		list = append(list, g.Number)
	}
	return list
}

func TestRead(t *testing.T) {
	t.Parallel()
	p := newProfile(t, "my-profile", 1, 2, 10)
	for _, other := range []string{"my-profile-x-link", "my-profile-0-link", "my-profile-03-link", "my-profile-+3-link", "my-profile--3-link", "other-4-link", "my-5-link", "my-profile-7-link.tmp-1-2", ".0_my-profile"} {
		if err := os.Symlink("/nowhere", filepath.Join(filepath.Dir(string(p)), other)); err != nil {
			t.Fatal(err)
		}
	}
	state, err := p.Read()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{1, 2, 10}, numbers(state)); diff != "" {
		t.Error(diff)
	}
	if state.Current != 10 || state.Generations[0].Target != "/nix/store/target-1" {
		t.Errorf("%+v", state)
	}
	previous, err := state.Previous()
	if err != nil || previous.Number != 2 {
		t.Errorf("previous %+v, %v", previous, err)
	}
	state.Current = 1
	if _, err := state.Previous(); !errors.Is(err, profile.ErrNoPrevious) {
		t.Errorf("before the first: %v", err)
	}
}

func TestReadOddLinks(t *testing.T) {
	t.Parallel()
	for target, current := range map[string]int{
		"p-2-link":                  2,
		"/somewhere/else/p-2-link":  2, // absolute: the base name counts
		"p-9-link":                  9, // dangling
		"/nix/store/no-generation":  0,
		"p-999999999999999999-link": 0,
	} {
		p := newProfile(t, "p", 1, 2)
		if err := replace(p, target); err != nil {
			t.Fatal(err)
		}
		state, err := p.Read()
		if err != nil || state.Current != current {
			t.Errorf("%s: current %d, %v; want %d", target, state.Current, err, current)
		}
	}
	_, err := profile.Profile(t.TempDir() + "/missing").Read()
	if !errors.Is(err, profile.ErrNotExist) || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
}

// TestNumbersAndGeneration: what is read of a part is what Read says of all.
func TestNumbersAndGeneration(t *testing.T) {
	t.Parallel()
	for _, target := range []string{"my-profile-2-link", "my-profile-9-link", "/nix/store/no-generation"} {
		p := newProfile(t, "my-profile", 10, 1, 2)
		if err := replace(p, target); err != nil {
			t.Fatal(err)
		}
		state, err := p.Read()
		if err != nil {
			t.Fatal(err)
		}
		list, current, err := p.Numbers()
		if diff := cmp.Diff(numbers(state), list); diff != "" || current != state.Current || err != nil {
			t.Errorf("%s: current %d, %v, %s", target, current, err, diff)
		}
		for _, number := range []int{0, 1, 2, 3, 10} {
			want, wantErr := state.Generation(p, stdcmp.Or(number, state.Current))
			got, err := p.Generation(number)
			if diff := cmp.Diff(want, got); diff != "" || fmt.Sprint(err) != fmt.Sprint(wantErr) {
				t.Errorf("%s: generation %d: %v, want %v, %s", target, number, err, wantErr, diff)
			}
		}
	}
	missing := profile.Profile(t.TempDir() + "/missing")
	if _, _, err := missing.Numbers(); !errors.Is(err, profile.ErrNotExist) {
		t.Errorf("numbers of none: %v", err)
	}
	if _, err := missing.Generation(1); !errors.Is(err, profile.ErrNotExist) {
		t.Errorf("generation of none: %v", err)
	}
}

func TestCreatedIsTheTimeOfTheLink(t *testing.T) {
	t.Parallel()
	p := newProfile(t, "p", 1)
	want := time.Unix(1_700_000_000, 0)
	at := unix.NsecToTimeval(want.UnixNano())
	if err := unix.Lutimes(string(p)+"-1-link", []unix.Timeval{at, at}); err != nil {
		t.Fatal(err)
	}
	state, err := p.Read()
	if err != nil || !state.Generations[0].Created.Equal(want) {
		t.Errorf("%+v, %v", state, err)
	}
}

// TestSwitchProgram runs random switches: the profile always is what was asked
// for last, nothing is lost and nothing is left behind.
func TestSwitchProgram(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		all := rapid.SliceOfNDistinct(rapid.IntRange(1, 50), 1, 8, rapid.ID[int]).Draw(r, "generations")
		p := newProfile(t, rapid.SampledFrom([]string{"system", "a-b", "x"}).Draw(r, "name"), all...)
		want := all[len(all)-1]
		for range rapid.IntRange(1, 6).Draw(r, "steps") {
			n := rapid.IntRange(1, 50).Draw(r, "to")
			err := p.Switch(context.Background(), n)
			var missing *profile.NoGenerationError
			switch exists := slices.Contains(all, n); {
			case exists && err == nil:
				want = n
			case exists || !errors.As(err, &missing):
				r.Fatalf("switch to %d of %v: %v", n, all, err)
			}
			target, err := os.Readlink(string(p))
			if err != nil || target != fmt.Sprintf("%s-%d-link", filepath.Base(string(p)), want) {
				r.Fatalf("profile is %s, want %d", target, want)
			}
		}
		left, err := os.ReadDir(filepath.Dir(string(p)))
		if err != nil || len(left) != len(all)+1 {
			r.Fatalf("left behind: %v, %v", left, err)
		}
	})
}

// TestConcurrentSwitches has many writers and a reader: every read finds a
// whole profile.
func TestConcurrentSwitches(t *testing.T) {
	t.Parallel()
	p := newProfile(t, "p", 1, 2, 3)
	var writers, reader sync.WaitGroup
	stop := make(chan struct{})
	reader.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			if state, err := p.Read(); err != nil || state.Current == 0 || len(state.Generations) != 3 {
				t.Errorf("read %+v, %v", state, err)
				return
			}
		}
	})
	for n := 1; n <= 3; n++ {
		writers.Go(func() {
			for range 50 {
				if err := p.Switch(context.Background(), n); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	close(stop)
	reader.Wait()
}

func TestSwitchEndsWithItsContext(t *testing.T) {
	t.Parallel()
	p := newProfile(t, "p", 1, 2)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.Switch(ctx, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if state, err := p.Read(); err != nil || state.Current != 2 {
		t.Errorf("%+v, %v", state, err)
	}
}
