package cli_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"luminousnix/internal/operation"
	"luminousnix/internal/testbed"
	"luminousnix/nix/profile"
)

// smallMount mounts a file system of so many megabytes for the test. It is detached
// afterwards: processes of other tests, with mounts of their own, may hold it a little.
func smallMount(t *testing.T, megabytes int) (dir string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can mount a file system")
	}
	dir = t.TempDir()
	if err := unix.Mount("none", dir, "tmpfs", 0, fmt.Sprintf("size=%dm,mode=755", megabytes)); err != nil {
		t.Skipf("no file system can be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// smallDisk is a Nix with twelve generations on a file system of its own, where nobody
// else takes space.
func smallDisk(t *testing.T, megabytes int) *testbed.Nix {
	t.Helper()
	dir := smallMount(t, megabytes)
	nix, err := testbed.Start(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := nix.Stop(); err != nil {
			t.Error(err)
		}
	})
	if err := nix.Populate(t.Context(), 12); err != nil {
		t.Fatal(err)
	}
	return nix
}

func free(t *testing.T, nix *testbed.Nix) int64 {
	t.Helper()
	var stat unix.Statfs_t
	if err := unix.Statfs(nix.StoreDir, &stat); err != nil {
		t.Fatal(err)
	}
	return int64(stat.Bavail) * stat.Frsize
}

// TestEnsureFree frees just enough: no generation if the garbage is enough, else the
// oldest, one by one.
func TestEnsureFree(t *testing.T) {
	t.Parallel()
	nix := smallDisk(t, 200)
	p := profile.Profile(nix.SystemProfile)
	ballast(t, nix)

	if got := ask[operation.Freed](t, nix, "clean-up", "--ensure-free", strconv.FormatInt(free(t, nix)-1<<20, 10), "--yes"); !got.Plan.Nothing {
		t.Errorf("enough is free, and yet: %+v", got.Plan)
	}
	// Each of the generations has 4 MiB to itself: for 6 MiB two have to go.
	goal := free(t, nix) + 6<<20
	got := ask[operation.Freed](t, nix, "clean-up", "--ensure-free", strconv.FormatInt(goal, 10), "--yes")
	if got.Error != nil || len(got.Data.Deleted) != 2 || got.Data.Deleted[0] != 1 || got.Data.Deleted[1] != 2 {
		t.Fatalf("%+v, %+v", got.Data, got.Error)
	}
	if now := free(t, nix); now < goal {
		t.Errorf("%d bytes are free, less than %d", now, goal)
	}
	if got.Plan.Frees < 6<<20 || got.Data.Bytes < 6<<20 {
		t.Errorf("%d bytes to be freed, %d freed", got.Plan.Frees, got.Data.Bytes)
	}
	state, err := p.Read()
	if err != nil || len(state.Generations) != 10 || state.Generations[0].Number != 3 {
		t.Fatalf("%+v, %v", state, err)
	}

	// Garbage is taken first.
	if deleted, err := p.Delete(t.Context(), profile.Selection{Numbers: []int{3}}, state.Generations[0].Created); err != nil || len(deleted) != 1 {
		t.Fatalf("%v, %v", deleted, err)
	}
	got = ask[operation.Freed](t, nix, "clean-up", "--ensure-free", strconv.FormatInt(free(t, nix)+2<<20, 10), "--yes")
	if got.Error != nil || len(got.Data.Deleted) != 0 || got.Data.Bytes < 2<<20 {
		t.Errorf("%+v, %+v", got.Data, got.Error)
	}

	// More than there is: all that may go does, and what is missing is told.
	got = ask[operation.Freed](t, nix, "clean-up", "--ensure-free", "1TiB", "--dry-run")
	if steps := len(got.Plan.Steps); steps != 7+1 || !strings.Contains(strings.Join(got.Plan.Warnings, "\n"), "that is not enough") {
		t.Errorf("%+v", got.Plan)
	}
}

// ballast gives each generation 4 MiB that no other has, by a profile link to a system
// that refers to the old one and to the ballast.
func ballast(t *testing.T, nix *testbed.Nix) {
	t.Helper()
	expression := filepath.Join(nix.Dir, "ballast.nix")
	text := `{ old }: derivation {
  name = "heavy"; system = builtins.currentSystem; builder = "/bin/sh"; PATH = "/usr/bin:/bin";
  args = [ "-c" "mkdir $out && echo ${builtins.storePath old} >$out/old && head -c 4194304 /dev/urandom >$out/ballast" ];
}`
	if err := os.WriteFile(expression, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	p := profile.Profile(nix.SystemProfile)
	state, err := p.Read()
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range state.Generations {
		out, err := nix.Command(t.Context(), "nix-build", expression, "--no-out-link", "--argstr", "old", g.Target).Output()
		if err != nil {
			t.Fatal(err)
		}
		target := strings.TrimSpace(string(out))
		if err := errors.Join(os.Remove(g.Link), os.Symlink(target, g.Link), nix.SetGenerationTime(g.Number, g.Created)); err != nil {
			t.Fatal(err)
		}
	}
}

// TestFullDisk has not a byte left in the store: Nix itself cannot work then, and what
// to do is told. Once some megabytes are free garbage is collected.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	nix := smallDisk(t, 100)
	p := profile.Profile(nix.SystemProfile)
	if _, err := p.Delete(t.Context(), profile.Selection{Numbers: []int{1, 2, 3}}, time.Now()); err != nil {
		t.Fatal(err)
	}
	filler, err := os.Create(filepath.Join(nix.Dir, "filler"))
	if err != nil {
		t.Fatal(err)
	}
	block := make([]byte, 4096)
	for err == nil {
		_, err = filler.Write(block)
	}
	if !errors.Is(err, unix.ENOSPC) {
		t.Fatal(err)
	}
	root := "--root=" + t.TempDir() // with a /var on another file system
	got := ask[operation.Freed](t, nix, "collect-garbage", "--yes", root)
	if got.Error == nil || !strings.HasPrefix(got.Error.Message, "the disk is full, so that Nix itself cannot work") ||
		!strings.Contains(got.Error.Hint, "outside of the store") {
		t.Errorf("%+v", got.Error)
	}
	if err := errors.Join(filler.Truncate(0), filler.Close()); err != nil {
		t.Fatal(err)
	}
	got = ask[operation.Freed](t, nix, "collect-garbage", "--yes", root)
	if got.Error != nil || got.Data.Paths < 3 || got.Data.Bytes == 0 {
		t.Errorf("%+v, %+v", got.Data, got.Error)
	}
}
