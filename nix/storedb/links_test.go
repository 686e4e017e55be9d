package storedb_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"luminousnix/nix/storedb"
)

// TestLinks changes links in each way that changes what is a root: no description holds
// afterwards that was made before, and without a change it does.
func TestLinks(t *testing.T) {
	t.Parallel()
	state, home := t.TempDir(), t.TempDir()
	at := func(path ...string) string { return filepath.Join(append([]string{state}, path...)...) }
	path := func(name string) string { return "/nix/store/00000000000000000000000000000000-" + name }
	link := func(target, name string) func() error {
		return func() error { return os.Symlink(target, name) }
	}
	must(t, os.MkdirAll(at("gcroots", "auto"), 0o755))
	must(t, os.MkdirAll(at("profiles", "per-user", "me"), 0o755))
	must(t, os.Symlink(path("one"), at("profiles", "system-1-link")))
	must(t, os.Symlink(home+"/result", at("gcroots", "auto", "x")))
	must(t, os.Symlink(path("two"), home+"/result"))
	time.Sleep(10 * time.Millisecond) // a tick of the file system's clock
	before := describeSettled(t, state, home)
	for _, change := range []struct {
		name string
		do   func() error
	}{
		{"a generation more", link(path("two"), at("profiles", "system-2-link"))},
		{"a generation less", func() error { return os.Remove(at("profiles", "system-1-link")) }},
		{"the profile of a user", link(path("two"), at("profiles", "per-user", "me", "profile-1-link"))},
		{"an indirect root less", func() error { return os.Remove(home + "/result") }},
		{"an indirect root elsewhere", link(path("three"), home+"/result")},
		{"a root replaced", func() error {
			must(t, os.Symlink(path("four"), at("gcroots", "new")))
			return os.Rename(at("gcroots", "new"), at("gcroots", "auto", "x"))
		}},
		{"a folder more", func() error { return os.Mkdir(at("gcroots", "per-user"), 0o755) }},
		{"a folder less", func() error { return os.RemoveAll(at("profiles", "per-user")) }},
		{"all gone", func() error { return os.RemoveAll(at("profiles")) }},
		{"back again", func() error { return os.Mkdir(at("profiles"), 0o755) }},
		{"the other folder", func() error { return os.WriteFile(home+"/file", nil, 0o600) }},
	} {
		if !storedb.SameLinks(before) {
			t.Errorf("before %s: not the same without a change", change.name)
		}
		must(t, change.do())
		if storedb.SameLinks(before) {
			t.Errorf("%s: the same after a change", change.name)
		}
		if _, err := storedb.Links(t.Context(), storedb.Options{StateDir: state, StoreDir: "/nix/store"}, home); !errors.Is(err, storedb.ErrChanging) {
			t.Errorf("right after %s: %v", change.name, err)
		}
		time.Sleep(10 * time.Millisecond) // a tick of the file system's clock
		before = describeSettled(t, state, home)
	}
	for _, damaged := range []string{"", "x", before + "x", before[:len(before)-1], before[1:]} {
		if storedb.SameLinks(damaged) {
			t.Errorf("%.20q is a description", damaged)
		}
	}
}

// describeSettled makes a description as if it was a while later.
func describeSettled(t *testing.T, state, home string) string {
	t.Helper()
	text, err := storedb.LinksAt(t.Context(), time.Now().Add(time.Minute), storedb.Options{StateDir: state, StoreDir: "/nix/store"}, []string{home})
	must(t, err)
	return text
}
