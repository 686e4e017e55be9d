package profile_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"luminousnix/internal/testbed"
	"luminousnix/nix/profile"
	"luminousnix/nix/store"
)

// addPaths adds small valid paths to the store.
func addPaths(t testing.TB, nix *testbed.Nix, count int) []store.Path {
	t.Helper()
	args := []string{"--add"}
	for n := range count {
		file := filepath.Join(t.TempDir(), fmt.Sprintf("thing-%d", n))
		if err := os.WriteFile(file, []byte(file), 0o644); err != nil {
			t.Fatal(err)
		}
		args = append(args, file)
	}
	out, err := nix.Command(t.Context(), "nix-store", args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	var paths []store.Path
	for _, line := range strings.Fields(string(out)) {
		path, err := store.Dir(nix.StoreDir).Parse(line)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	return paths
}

// pair is the same profile twice: one is changed by this package, one by nix-env.
type pair struct {
	nix          *testbed.Nix
	ours, theirs profile.Profile
}

func (c pair) nixEnv(ctx context.Context, args ...string) (string, error) {
	out, err := c.nix.Command(ctx, "nix-env", append([]string{"--profile", string(c.theirs)}, args...)...).CombinedOutput()
	return string(out), err
}

// aged shifts the times of all links of both profiles into the past.
func (c pair) aged(t testing.TB, days int) {
	for _, p := range []profile.Profile{c.ours, c.theirs} {
		for _, g := range generations(t, p) {
			setTime(t, g.Link, g.Created.AddDate(0, 0, -days))
		}
	}
}

func generations(t testing.TB, p profile.Profile) []profile.Generation {
	t.Helper()
	state, err := p.Read()
	if err != nil && !errors.Is(err, profile.ErrNotExist) {
		t.Fatal(err)
	}
	return state.Generations
}

// operation is a change, as this package and as nix-env does it.
type operation struct {
	ours func(context.Context, profile.Profile) error
	args []string
}

func set(path store.Path) operation {
	return operation{func(ctx context.Context, p profile.Profile) error {
		_, err := p.Create(ctx, &rootLog{}, path, profile.CreateOptions{})
		return err
	}, []string{"--set", string(path)}}
}

func rollback() operation {
	return operation{func(ctx context.Context, p profile.Profile) error {
		_, err := p.Rollback(ctx)
		return err
	}, []string{"--rollback"}}
}

func switchTo(number int) operation {
	return operation{func(ctx context.Context, p profile.Profile) error {
		return p.Switch(ctx, number)
	}, []string{"--switch-generation", strconv.Itoa(number)}}
}

func remove(selection ...string) operation {
	return operation{func(ctx context.Context, p profile.Profile) error {
		parsed, err := profile.ParseSelection(selection)
		if err != nil {
			return err
		}
		_, err = p.Delete(ctx, parsed, time.Now())
		return err
	}, append([]string{"--delete-generations"}, selection...)}
}

// compare runs the operation on both. They must agree on whether it works and on
// every link afterwards.
func (c pair) compare(ctx context.Context, t rapid.TB, o operation) {
	ourErr := o.ours(ctx, c.ours)
	output, theirErr := c.nixEnv(ctx, o.args...)
	if (ourErr == nil) != (theirErr == nil) {
		t.Fatalf("%v: ours %v; nix-env %v: %s", o.args, ourErr, theirErr, output)
	}
	if diff := cmp.Diff(links(t, c.theirs), links(t, c.ours)); diff != "" {
		t.Fatalf("%v: nix-env's and ours: %s", o.args, diff)
	}
}

// links are the names in the profile's folder, with what they say.
func links(t rapid.TB, p profile.Profile) map[string]string {
	entries, err := os.ReadDir(filepath.Dir(string(p)))
	if err != nil {
		t.Fatalf("%v", err)
	}
	found := map[string]string{}
	for _, entry := range entries {
		target, err := os.Readlink(filepath.Join(filepath.Dir(string(p)), entry.Name()))
		if err != nil {
			target = err.Error()
		}
		found[entry.Name()] = target
	}
	return found
}

var pairs atomic.Int64

// newPair makes the same profile for both, with generations of the given paths.
// They are two days apart, the oldest first and the newest a day old.
func newPair(t testing.TB, nix *testbed.Nix, paths []store.Path, numbers []int, current int) pair {
	t.Helper()
	dir := filepath.Join(nix.Dir, "pairs", strconv.FormatInt(pairs.Add(1), 10))
	c := pair{nix, profile.Profile(filepath.Join(dir, "ours", "p")), profile.Profile(filepath.Join(dir, "nix", "p"))}
	now := time.Now().Add(-12 * time.Hour)
	for _, p := range []profile.Profile{c.ours, c.theirs} {
		if err := os.MkdirAll(filepath.Dir(string(p)), 0o755); err != nil {
			t.Fatal(err)
		}
		for i, n := range numbers {
			link := generationLink(p, n)
			if err := os.Symlink(string(paths[n%len(paths)]), link); err != nil {
				t.Fatal(err)
			}
			setTime(t, link, now.AddDate(0, 0, -2*(len(numbers)-i)))
		}
		if current != 0 {
			if err := replace(p, filepath.Base(generationLink(p, current))); err != nil {
				t.Fatal(err)
			}
		}
	}
	return c
}

// programSteps is the greatest length of a program: more for make test-long.
func programSteps() int {
	if os.Getenv("LUMINOUS_NIX_LONG") != "" {
		return 40
	}
	return 3
}

// TestRealNixPrograms runs random changes on two copies of random profiles, ours
// on one and nix-env on the other: after each step both are the same.
func TestRealNixPrograms(t *testing.T) {
	t.Parallel()
	for _, release := range testbed.AllReleases(t) {
		t.Run(release.Name, func(t *testing.T) {
			t.Parallel()
			comparePrograms(t, testbed.NewWith(t, testbed.Options{Release: release}))
		})
	}
}

func comparePrograms(t *testing.T, nix *testbed.Nix) {
	t.Helper()
	paths := addPaths(t, nix, 4)
	steps := 0
	rapid.Check(t, func(r *rapid.T) {
		existing := rapid.SliceOfNDistinct(rapid.IntRange(1, 12), 0, 6, rapid.ID[int]).Draw(r, "generations")
		slices.Sort(existing)
		current := 0
		if len(existing) > 0 {
			current = rapid.SampledFrom(existing).Draw(r, "current")
		}
		c := newPair(t, nix, paths, existing, current)
		number := rapid.IntRange(1, 14)
		for range rapid.IntRange(1, programSteps()).Draw(r, "steps") {
			var o operation
			choices := []string{"set", "set", "old", "days", "keep", "numbers", "rollback", "switch", "age"}
			if _, err := c.ours.Read(); err != nil {
				choices = choices[:1] // nix-env deletes all when there is no profile
			}
			switch rapid.SampledFrom(choices).Draw(r, "operation") {
			case "set":
				o = set(rapid.SampledFrom(paths).Draw(r, "path"))
			case "old":
				o = remove("old")
			case "days":
				o = remove(strconv.Itoa(rapid.IntRange(0, 14).Draw(r, "days")) + "d")
			case "keep":
				o = remove("+" + strconv.Itoa(rapid.IntRange(0, 8).Draw(r, "keep")))
			case "numbers":
				var texts []string
				for _, n := range rapid.SliceOfN(number, 1, 4).Draw(r, "numbers") {
					texts = append(texts, strconv.Itoa(n))
				}
				o = remove(texts...)
			case "rollback":
				o = rollback()
			case "switch":
				o = switchTo(number.Draw(r, "to"))
			case "age":
				c.aged(t, rapid.IntRange(1, 5).Draw(r, "days"))
				continue
			}
			c.compare(t.Context(), r, o)
			steps++
		}
	})
	t.Logf("%d steps", steps)
}

// TestListLikeNixEnv compares what both read.
func TestListLikeNixEnv(t *testing.T) {
	t.Parallel()
	nix := testbed.New(t)
	c := newPair(t, nix, []store.Path{"/nix/store/a"}, []int{1, 3, 12}, 3)
	out, err := c.nix.Command(t.Context(), "nix-env", "--profile", string(c.ours), "--list-generations").Output()
	if err != nil {
		t.Fatal(err)
	}
	state, err := c.ours.Read()
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, g := range state.Generations {
		line := fmt.Sprintf("%d %s", g.Number, g.Created.Format("2006-01-02 15:04:05"))
		if g.Number == state.Current {
			line += " (current)"
		}
		want = append(want, line)
	}
	var got []string
	for line := range strings.Lines(string(out)) {
		got = append(got, strings.Join(strings.Fields(line), " "))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestSelectionsLikeNixEnv compares which texts are understood.
func TestSelectionsLikeNixEnv(t *testing.T) {
	t.Parallel()
	nix := testbed.New(t)
	for _, text := range []string{"+2", "+", "+x", "+2x", "1+", "1 2", "9", "x", "0d", "d", "xd", "1dx", "d1", "old 1", "1 old", "007", "1 1", "5"} {
		c := newPair(t, nix, []store.Path{"/nix/store/a"}, []int{1, 2, 4, 5, 7}, 5)
		c.compare(t.Context(), t, remove(strings.Fields(text)...))
	}
}

// TestRootsLikeNix has Nix make indirect roots, and this package.
func TestRootsLikeNix(t *testing.T) {
	t.Parallel()
	nix := testbed.New(t)
	path := addPaths(t, nix, 1)[0]
	c := newPair(t, nix, nil, nil, 0)
	if out, err := c.nixEnv(t.Context(), "--set", string(path)); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	state := profile.StateDir(nix.StateDir)
	theirs, ours := generationLink(c.theirs, 1), generationLink(c.ours, 1)
	want := []profile.IndirectRoot{{Path: state.IndirectRootPath(theirs), Link: theirs, Target: string(path)}}
	checkRoots(t, state, want)

	// Ours keeps the path from Nix's collector just as well.
	if _, err := c.ours.Create(t.Context(), nil, path, profile.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(state.AddIndirectRoot(t.Context(), ours), os.Remove(theirs)); err != nil {
		t.Fatal(err)
	}
	want[0].Target, want[0].Dangling = "", true
	want = append(want, profile.IndirectRoot{Path: state.IndirectRootPath(ours), Link: ours, Target: string(path)})
	checkRoots(t, state, want)
	collect := func() bool {
		if out, err := nix.Command(t.Context(), "nix-store", "--gc").CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		_, err := os.Lstat(string(path))
		return err == nil
	}
	if !collect() {
		t.Error("the path was collected despite its root")
	}
	checkRoots(t, state, want[1:]) // the dangling one is gone
	if err := state.RemoveIndirectRoot(ours); err != nil {
		t.Fatal(err)
	}
	if collect() {
		t.Error("the path is kept without a root")
	}
}

func checkRoots(t *testing.T, state profile.StateDir, want []profile.IndirectRoot) {
	t.Helper()
	got, err := state.IndirectRoots()
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(want, func(a, b profile.IndirectRoot) int { return strings.Compare(a.Link, b.Link) })
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
