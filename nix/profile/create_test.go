package profile_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"luminousnix/nix/profile"
	"luminousnix/nix/store"
)

// rootLog is a profile.Roots that notes what it is asked, with what the profile
// was at that moment.
type rootLog struct {
	profile profile.Profile
	fail    string
	calls   []string
}

func (l *rootLog) AddTempRoot(_ context.Context, path store.Path) error {
	return l.note("temporary " + string(path))
}

func (l *rootLog) AddIndirectRoot(_ context.Context, link string) error {
	if _, err := os.Readlink(link); err != nil {
		return err // the daemon would make a root that the next collection removes
	}
	return l.note("indirect " + filepath.Base(link))
}

func (l *rootLog) note(call string) error {
	current, _ := os.Readlink(string(l.profile))
	l.calls = append(l.calls, call+" at "+current)
	if l.fail != "" && strings.HasPrefix(call, l.fail) {
		return errFake
	}
	return nil
}

var errFake = errors.New("fake error of a daemon")

// files lists the names beside the profile, links with what they say.
func files(t testing.TB, p profile.Profile) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(string(p)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		name := entry.Name()
		if target, err := os.Readlink(filepath.Join(filepath.Dir(string(p)), name)); err == nil {
			name += " -> " + target
		}
		names = append(names, name)
	}
	return names
}

func TestCreate(t *testing.T) {
	t.Parallel()
	const path = "/nix/store/target-new"
	for _, c := range []struct {
		name    string
		numbers []int // of the generations there, the last one current
		extra   string
		path    store.Path
		want    []string
	}{
		{"the first", nil, "", path, []string{"p -> p-1-link", "p-1-link -> " + path}},
		{"one more than the newest", []int{4, 9, 2}, "", path, []string{
			"p -> p-10-link", "p-10-link -> " + path,
			"p-2-link -> /nix/store/target-2", "p-4-link -> /nix/store/target-4", "p-9-link -> /nix/store/target-9",
		}},
		{"the newest leads there", []int{3, 1}, "", "/nix/store/target-3", []string{
			"p -> p-3-link", "p-1-link -> /nix/store/target-1", "p-3-link -> /nix/store/target-3",
		}},
		{"an older one leads there", []int{1, 3}, "", "/nix/store/target-1", []string{
			"p -> p-4-link", "p-1-link -> /nix/store/target-1", "p-3-link -> /nix/store/target-3", "p-4-link -> /nix/store/target-1",
		}},
		{"a number that nix-env is about to take", []int{1}, "p-2-link.tmp-17-99", path, []string{
			"p -> p-3-link", "p-1-link -> /nix/store/target-1", "p-2-link.tmp-17-99 -> /nowhere", "p-3-link -> " + path,
		}},
		{"a temporary link in the way", []int{1}, ".0_p", path, []string{
			".0_p -> /nowhere", "p -> p-2-link", "p-1-link -> /nix/store/target-1", "p-2-link -> " + path,
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := newProfile(t, "p", c.numbers...)
			if c.extra != "" {
				if err := os.Symlink("/nowhere", filepath.Join(filepath.Dir(string(p)), c.extra)); err != nil {
					t.Fatal(err)
				}
			}
			log := rootLog{profile: p}
			g, err := p.Create(t.Context(), &log, c.path, profile.CreateOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, files(t, p)); diff != "" {
				t.Error(diff)
			}
			state, err := p.Read()
			if err != nil {
				t.Fatal(err)
			}
			if want, err := state.Generation(p, state.Current); err != nil || g != want {
				t.Errorf("returned %+v, current is %+v, %v", g, want, err)
			}
		})
	}
}

// TestCreateKeepsThePath sees what the garbage collector is told, and when.
func TestCreateKeepsThePath(t *testing.T) {
	t.Parallel()
	state := profile.StateDir(t.TempDir())
	inside := profile.Profile(filepath.Join(string(state), "profiles", "per-user", "x", "p"))
	log := rootLog{profile: inside}
	if _, err := inside.Create(t.Context(), &log, "/nix/store/a", profile.CreateOptions{StateDir: state}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"temporary /nix/store/a at "}, log.calls); diff != "" {
		t.Error(diff)
	}

	// The collector does not follow a link to another folder.
	elsewhere := t.TempDir()
	if err := os.Symlink(elsewhere, filepath.Join(string(state), "profiles", "linked")); err != nil {
		t.Fatal(err)
	}
	outside := profile.Profile(filepath.Join(string(state), "profiles", "linked", "p"))
	log = rootLog{profile: outside}
	for _, path := range []store.Path{"/nix/store/a", "/nix/store/a", "/nix/store/b"} {
		if _, err := outside.Create(t.Context(), &log, path, profile.CreateOptions{StateDir: state}); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{
		"temporary /nix/store/a at ", "indirect p-1-link at ",
		"temporary /nix/store/a at p-1-link", "indirect p-1-link at p-1-link",
		"temporary /nix/store/b at p-1-link", "indirect p-2-link at p-1-link",
	}
	if diff := cmp.Diff(want, log.calls); diff != "" {
		t.Error(diff)
	}
}

// TestCreateFails has it fail at each step: the profile stays as it was.
func TestCreateFails(t *testing.T) {
	t.Parallel()
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		name    string
		ctx     context.Context
		fail    string
		path    store.Path
		options profile.CreateOptions
		want    error
	}{
		{"temporary root", t.Context(), "temporary", "/nix/store/new", profile.CreateOptions{}, errFake},
		{"indirect root", t.Context(), "indirect", "/nix/store/new", profile.CreateOptions{}, errFake},
		{"indirect root of one that was there", t.Context(), "indirect", "/nix/store/target-2", profile.CreateOptions{}, errFake},
		{"cancelled", cancelled, "", "/nix/store/new", profile.CreateOptions{}, context.Canceled},
		{"no such store", t.Context(), "", "/no/such/store/new", profile.CreateOptions{SyncStore: true}, fs.ErrNotExist},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := newProfile(t, "p", 2, 1)
			before := files(t, p)
			_, err := p.Create(c.ctx, &rootLog{profile: p, fail: c.fail}, c.path, c.options)
			if !errors.Is(err, c.want) {
				t.Errorf("error %v, want %v", err, c.want)
			}
			if diff := cmp.Diff(before, files(t, p)); diff != "" {
				t.Error(diff)
			}
		})
	}
	if _, err := profile.Profile("relative").Create(t.Context(), nil, "/nix/store/x", profile.CreateOptions{}); err == nil {
		t.Error("a relative profile was accepted")
	}
}

func TestCreateWithoutRootsAndWithSync(t *testing.T) {
	t.Parallel()
	p := profile.Profile(filepath.Join(t.TempDir(), "new", "folder", "p"))
	path := store.Path(filepath.Join(t.TempDir(), "a"))
	g, err := p.Create(t.Context(), nil, path, profile.CreateOptions{SyncStore: true, NoSync: true})
	if err != nil || g.Number != 1 {
		t.Errorf("%+v, %v", g, err)
	}
}

// TestNotALink has something else where the profile should be. Nix refuses too.
func TestNotALink(t *testing.T) {
	t.Parallel()
	p := newProfile(t, "p", 1, 2)
	if err := errors.Join(os.Remove(string(p)), os.WriteFile(string(p), []byte("precious"), 0o644)); err != nil {
		t.Fatal(err)
	}
	before := files(t, p)
	changes := map[string]func() error{
		"create": func() error {
			_, err := p.Create(t.Context(), nil, "/nix/store/x", profile.CreateOptions{})
			return err
		},
		"switch":   func() error { return p.Switch(t.Context(), 1) },
		"rollback": func() error { _, err := p.Rollback(t.Context()); return err },
		"delete":   func() error { _, err := p.Delete(t.Context(), profile.Selection{Old: true}, time.Now()); return err },
		"read":     func() error { _, err := p.Read(); return err },
	}
	for name, change := range changes {
		var notLink *profile.NotLinkError
		if err := change(); !errors.As(err, &notLink) || notLink.Path != string(p) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if diff := cmp.Diff(before, files(t, p)); diff != "" {
		t.Error(diff)
	}
}

func TestCreateIf(t *testing.T) {
	t.Parallel()
	p := newProfile(t, "p")
	create := func(token profile.Token, path store.Path) error {
		_, err := p.CreateIf(t.Context(), nil, path, token, profile.CreateOptions{})
		return err
	}
	token := func() profile.Token {
		state, err := p.Read()
		if err != nil {
			t.Fatal(err)
		}
		return state.Token()
	}
	if err := create(profile.Token{}, "/nix/store/a"); err != nil {
		t.Fatalf("there was none: %v", err)
	}
	before := token()
	refused := func(read profile.Token) {
		t.Helper()
		files1 := files(t, p)
		var changed *profile.ChangedError
		if err := create(read, "/nix/store/x"); !errors.As(err, &changed) || changed.Read != read || changed.Now != token() {
			t.Errorf("%v", err)
		}
		if diff := cmp.Diff(files1, files(t, p)); diff != "" {
			t.Error(diff)
		}
	}
	refused(profile.Token{})
	if err := create(before, "/nix/store/b"); err != nil {
		t.Fatal(err)
	}
	second := token()
	refused(before)
	if _, err := p.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	refused(second)
	// The same number again, for something else: the link alone does not tell.
	if err := os.Remove(string(p) + "-2-link"); err != nil {
		t.Fatal(err)
	}
	if err := create(before, "/nix/store/c"); err != nil {
		t.Fatalf("back at the first generation: %v", err)
	}
	refused(second)
}

// TestSweep has links of killed processes about: old ones go, young ones stay.
func TestSweep(t *testing.T) {
	t.Parallel()
	p := newProfile(t, "p", 1, 2)
	dir := filepath.Dir(string(p))
	ages := map[string]time.Duration{
		".0_p": 2 * time.Hour, ".1_p": time.Minute, ".12_p": 2 * time.Hour,
		"p-3-link.tmp-1-2": 2 * time.Hour, "p-4-link.tmp-1-2": time.Minute,
		".0_q": 2 * time.Hour, "p-3-link.bak": 2 * time.Hour, ".x_p": 2 * time.Hour, // not ours
	}
	for name, age := range ages {
		if err := os.Symlink("p-1-link", filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		setTime(t, filepath.Join(dir, name), time.Now().Add(-age))
	}
	if err := os.WriteFile(filepath.Join(dir, ".2_p"), nil, 0o644); err != nil { // not a link
		t.Fatal(err)
	}
	if _, err := p.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []string{
		".0_q -> p-1-link", ".1_p -> p-1-link", ".2_p", ".x_p -> p-1-link", "p -> p-1-link",
		"p-1-link -> /nix/store/target-1", "p-2-link -> /nix/store/target-2", "p-3-link.bak -> p-1-link", "p-4-link.tmp-1-2 -> p-1-link",
	}
	if diff := cmp.Diff(want, files(t, p)); diff != "" {
		t.Error(diff)
	}
}

func setTime(t testing.TB, link string, to time.Time) {
	t.Helper()
	at := unix.NsecToTimeval(to.UnixNano())
	if err := unix.Lutimes(link, []unix.Timeval{at, at}); err != nil {
		t.Fatal(err)
	}
}

// TestRollback goes down to the first.
func TestRollback(t *testing.T) {
	t.Parallel()
	p := newProfile(t, "p", 2, 5, 9, 7)
	var got []int
	for {
		g, err := p.Rollback(t.Context())
		if errors.Is(err, profile.ErrNoPrevious) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		state, err := p.Read()
		if err != nil || state.Current != g.Number {
			t.Fatalf("%+v, %v after a rollback to %d", state, err, g.Number)
		}
		got = append(got, g.Number)
	}
	if !slices.Equal(got, []int{5, 2}) {
		t.Errorf("rolled back to %v", got)
	}
	if _, err := profile.Profile(filepath.Join(t.TempDir(), "p")).Rollback(t.Context()); !errors.Is(err, profile.ErrNotExist) {
		t.Errorf("no profile: %v", err)
	}
	// The current one was deleted: as nix-env does.
	if err := replace(p, "p-8-link"); err != nil {
		t.Fatal(err)
	}
	if g, err := p.Rollback(t.Context()); err != nil || g.Number != 7 {
		t.Errorf("from a deleted generation: %+v, %v", g, err)
	}
}
