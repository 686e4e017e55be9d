package cli_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"luminousnix/internal/testbed"
	"luminousnix/nix/profile"
)

// fill writes a file until nothing is free where it is, but so many bytes, and returns it.
func fill(t *testing.T, file string, but int64) string {
	t.Helper()
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	for block := make([]byte, 4096); err == nil; {
		_, err = f.Write(block)
	}
	if !errors.Is(err, unix.ENOSPC) {
		t.Fatal(err)
	}
	info, err := f.Stat()
	if err == nil && but > 0 {
		err = f.Truncate(max(0, info.Size()-but))
	}
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	return file
}

// mountAt mounts a file system of so many KiB in a folder.
func mountAt(t *testing.T, dir string, size string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can mount a file system")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("none", dir, "tmpfs", 0, "mode=700,size="+size); err != nil {
		t.Skipf("no file system can be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
}

// TestFaultDiskFullInBuild builds what does not fit. Without anybody to ask it is told what
// would free how much; with --yes that is done, as far as a clean-up may, the build goes on,
// and the generation to go back to is still there.
func TestFaultDiskFullInBuild(t *testing.T) {
	t.Parallel()
	nix := smallDisk(t, 200)
	ballast(t, nix) // 12 generations, each with 4 MiB of its own
	f := onFaulty(t, nix)
	// What a build has left is removed when it fails, as where builds have a root of their own.
	f.offer(map[string]string{"homegrown": "mkdir $out; head -c 24M /dev/zero >$out/data || { echo no room left; rm -r $out; exit 1; }"})
	filler := fill(t, filepath.Join(nix.Dir, "filler"), 8<<20)
	p := profile.Profile(nix.SystemProfile)
	before, err := p.Read()
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range before.Generations { // a month old and more
		if err := nix.SetGenerationTime(g.Number, time.Now().AddDate(0, 0, g.Number-42)); err != nil {
			t.Fatal(err)
		}
	}

	a := f.ask("install", "homegrown", "--user")
	f.wantFailure("nobody to ask", a, 7, "nobody is here to confirm it", "")
	f.env = append(f.env, "LUMINOUS_NIX_PATIENCE=0")
	a = f.ask("install", "homegrown", "--user", "--yes")
	f.wantFailure("nothing is tried again", a, 1, "", "`ask-nix clean-up` would free ")
	if state, err := p.Read(); err != nil || len(state.Generations) != len(before.Generations) {
		t.Errorf("%d generations are left of %d, %v", len(state.Generations), len(before.Generations), err)
	}

	f.env = append(f.env, "LUMINOUS_NIX_PATIENCE=1")
	a = f.ask("install", "homegrown", "--user", "--yes")
	f.wantSuccess("--yes", a, "clean-up")
	if !strings.Contains(a.said, "Delete generation 1 ") || !strings.Contains(a.said, "frees: ") {
		t.Errorf("what was deleted was not shown before:\n%s", a.said)
	}
	after, err := p.Read()
	if err != nil || after.Current != before.Current || len(after.Generations) < 5 {
		t.Fatalf("%+v, %v", after, err)
	}
	for _, g := range after.Generations[len(after.Generations)-5:] {
		if _, err := os.Stat(g.Target); err != nil {
			t.Errorf("generation %d: %v", g.Number, err)
		}
	}
	if history := f.must(binary, "history"); !strings.Contains(history, "clean-up") && !strings.Contains(history, "Delete 7 generations") {
		t.Errorf("the clean-up is not in the history:\n%s", history)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	f.sound()
	f.wantChain()
}

// TestFaultDiskFullInDatabase has no room for Nix's database, and all that there is for the
// rest: nothing is half there, and once there is room all of it works.
func TestFaultDiskFullInDatabase(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db := filepath.Join(dir, "nix/var/nix/db")
	mountAt(t, db, "6m")
	nix, err := testbed.Start(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := nix.Stop(); err != nil {
			t.Error(err)
		}
	})
	f := onFaulty(t, nix)
	f.offer(map[string]string{"homegrown": "mkdir $out; echo >$out/data"})
	filler := fill(t, filepath.Join(db, "filler"), 0)
	a := f.ask("install", "homegrown", "--user", "--yes")
	f.wantFailure("a full database", a, 1, "", "Free a few megabytes")
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	f.wantSuccess("with room", f.ask("install", "homegrown", "--user", "--yes"), "")
	f.sound()
	f.wantChain()
}

// TestFaultDiskFullInCache has no room where answers and evaluations are kept: they are
// given all the same, and are right.
func TestFaultDiskFullInCache(t *testing.T) {
	t.Parallel()
	nix := testbed.New(t)
	if err := nix.AddHistory(t.Context()); err != nil {
		t.Fatal(err)
	}
	f := onFaulty(t, nix)
	want := map[string]string{}
	asked := []string{"diff 2 3", "installed", "generations", "check"}
	f.env = append(f.env, "NIX_PATH=nixpkgs="+nix.Nixpkgs+":nixos-config="+filepath.Join(nix.Root, "etc/nixos/configuration.nix"))
	for _, request := range asked {
		want[request] = f.ask(append(strings.Fields(request), "--no-cache")...).Message
	}
	full := t.TempDir()
	mountAt(t, full, "64k")
	fill(t, filepath.Join(full, "filler"), 0)
	for _, request := range asked {
		cmd := f.command(strings.Fields(request)...)
		cmd.Env = append(cmd.Env, "XDG_RUNTIME_DIR="+full, "XDG_CACHE_HOME="+full)
		a := f.finish(cmd, nil)
		f.wantSuccess(request, a, "")
		if a.Message != want[request] {
			t.Errorf("%s: %q, and with room %q", request, a.Message, want[request])
		}
	}
}

// TestFaultDiskFullInAudit has no room for the audit log: nothing is changed that cannot be
// written down, looking is still possible, and with room all of it works.
func TestFaultDiskFullInAudit(t *testing.T) {
	t.Parallel()
	nix := testbed.New(t)
	if err := nix.Populate(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	f := onFaulty(t, nix)
	mountAt(t, f.state(), "256k")
	filler := fill(t, filepath.Join(f.state(), "filler"), 0)
	p := profile.Profile(nix.SystemProfile)
	a := f.ask("switch-generation", "2", "--yes")
	f.wantFailure("a full folder", a, 1, "nothing was changed: the audit log cannot be written", "make room there, then try again")
	if state, err := p.Read(); err != nil || state.Current != 3 {
		t.Errorf("generation %d is current, %v", state.Current, err)
	}
	f.wantSuccess("looking", f.ask("generations"), "")
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	f.wantSuccess("with room again", f.ask("switch-generation", "2", "--yes"), "")
	f.wantChain()
}
