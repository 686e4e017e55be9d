package folder_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"luminousnix/nix/folder"
)

func at(t *testing.T, path string) folder.State {
	t.Helper()
	state, ok := folder.At(path)
	if !ok {
		t.Fatalf("%s is not there", path)
	}
	return state
}

// step is longer than the steps in which the kernel tells files the time.
const step = 50 * time.Millisecond

func TestEachChangeOfANameIsSeen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	link := filepath.Join(dir, "profile")
	for _, change := range []struct {
		what string
		do   func() error
	}{
		{"made", func() error { return os.Symlink("profile-1-link", link) }},
		{"replaced", func() error {
			if err := os.Symlink("profile-2-link", link+".new"); err != nil {
				return err
			}
			return os.Rename(link+".new", link)
		}},
		{"deleted", func() error { return os.Remove(link) }},
	} {
		before := at(t, dir)
		time.Sleep(step)
		if at(t, dir) != before {
			t.Fatalf("before it was %s, the folder changed by itself", change.what)
		}
		if err := change.do(); err != nil {
			t.Fatal(err)
		}
		if after := at(t, dir); after == before || after.String() == before.String() {
			t.Errorf("a link was %s, and the folder is still %v", change.what, after)
		}
	}
}

func TestAnotherFolderInItsPlaceIsSeen(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "folder")
	other := dir + ".other"
	for _, path := range []string{dir, other} {
		if err := os.Mkdir(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	before := at(t, dir)
	if err := os.Rename(dir, dir+".old"); err != nil {
		t.Fatal(err)
	}
	if _, ok := folder.At(dir); ok {
		t.Error("it is gone, and is still there")
	}
	if err := os.Rename(other, dir); err != nil {
		t.Fatal(err)
	}
	if after := at(t, dir); after == before {
		t.Errorf("another folder is the same: %v", after)
	}
}

func TestSettled(t *testing.T) {
	t.Parallel()
	state := at(t, t.TempDir())
	for _, c := range []struct {
		after   time.Duration
		settled bool
	}{{0, false}, {time.Second, false}, {2 * time.Second, true}, {-time.Hour, false}} {
		if got := state.Settled(state.Changed().Add(c.after)); got != c.settled {
			t.Errorf("%v after its change: settled %v", c.after, got)
		}
	}
}
