package profile_test

import (
	"errors"
	"os"
	"testing"

	"luminousnix/internal/testbed"
	"luminousnix/nix/daemon"
	"luminousnix/nix/profile"
	"luminousnix/nix/store"
)

// The client of the daemon is what keeps paths.
var _ profile.Roots = (*daemon.Conn)(nil)

// TestCreateWithDaemon makes a generation where the collector does not look by
// itself, and has garbage collected.
func TestCreateWithDaemon(t *testing.T) {
	t.Parallel()
	nix := testbed.New(t)
	paths := addPaths(t, nix, 2)
	conn, err := daemon.Dial(t.Context(), daemon.Options{Socket: nix.Socket, StoreDir: store.Dir(nix.StoreDir)})
	if err != nil {
		t.Fatal(err)
	}
	state := profile.StateDir(nix.StateDir)
	p := newProfile(t, "p")
	g, err := p.Create(t.Context(), conn, paths[0], profile.CreateOptions{StateDir: state})
	// From here on the temporary root is gone.
	if err := errors.Join(err, conn.Close()); err != nil {
		t.Fatal(err)
	}
	checkRoots(t, state, []profile.IndirectRoot{{Path: state.IndirectRootPath(g.Link), Link: g.Link, Target: string(paths[0])}})
	if out, err := nix.Command(t.Context(), "nix-store", "--gc").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if _, err := os.Lstat(string(paths[0])); err != nil {
		t.Errorf("the generation's path: %v", err)
	}
	if _, err := os.Lstat(string(paths[1])); err == nil {
		t.Error("the other path was not collected: the test shows nothing")
	}
}
