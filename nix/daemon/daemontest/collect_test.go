package daemontest_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"luminousnix/nix/daemon"
	"luminousnix/nix/daemon/daemontest"
	"luminousnix/nix/store"
)

func TestRoots(t *testing.T) {
	t.Parallel()
	server := daemontest.New(t, daemontest.Options{})
	conn := dial(t, server)
	var p [5]store.Path
	for i, name := range []string{"indirect", "permanent", "profile", "temporary", "loose"} {
		p[i] = must[store.Path](t)(server.AddText(name, name))
	}
	dir := t.TempDir()
	links := []string{filepath.Join(dir, "indirect"), filepath.Join(dir, "sub", "permanent"), filepath.Join(server.StateDir, "profiles", "system-1-link")}
	err := errors.Join(
		os.Symlink(string(p[0]), links[0]), conn.AddIndirectRoot(within(t), links[0]),
		conn.AddPermRoot(within(t), p[1], links[1]),
		os.Symlink(string(p[2]), links[2]),
		conn.AddIndirectRoot(within(t), filepath.Join(dir, "gone")),
	)
	if err != nil {
		t.Fatal(err)
	}
	holder := dial(t, server)
	if err := holder.AddTempRoot(within(t), p[3]); err != nil {
		t.Fatal(err)
	}
	conn.Close()
	await(t, "the temporary root of the link is gone", func() bool { return server.Connections() == 1 })
	conn = dial(t, server)
	roots, err := conn.FindRoots(within(t))
	byPath := func(a, b store.Root) int { return slices.Index(p[:], a.Path) - slices.Index(p[:], b.Path) }
	slices.SortFunc(roots, byPath)
	want := []store.Root{{Link: links[0], Path: p[0]}, {Link: links[1], Path: p[1]}, {Link: links[2], Path: p[2]}, {Link: "{temp:2}", Path: p[3]}}
	check(t, "roots", roots, err, want)
	if err := conn.AddPermRoot(within(t), p[4], dir); err == nil {
		t.Error("a root in place of a directory")
	}
	conn.Close()
	await(t, "it hung up", func() bool { return server.Connections() == 1 })

	conn = dial(t, server)
	for action, want := range map[daemon.GCAction][]string{
		daemon.ReturnDead: {string(p[4])},
		daemon.ReturnLive: {string(p[0]), string(p[1]), string(p[2]), string(p[3])},
	} {
		slices.Sort(want)
		result, err := conn.CollectGarbage(within(t), daemon.GCOptions{Action: action})
		check(t, "collecting", result, err, daemon.GCResult{Paths: want})
	}
	junk := filepath.Join(string(server.StoreDir), "junk")
	if err := os.Mkdir(junk, 0o555); err != nil {
		t.Fatal(err)
	}
	result, err := conn.CollectGarbage(within(t), daemon.GCOptions{Action: daemon.DeleteDead})
	wantGone := []string{string(p[4]), junk}
	slices.Sort(wantGone)
	if !slices.Equal(result.Paths, wantGone) || err != nil || result.BytesFreed == 0 {
		t.Errorf("collecting: %+v, %v", result, err)
	}
	if _, err := os.Lstat(string(p[4])); !os.IsNotExist(err) {
		t.Errorf("the deleted tree: %v", err)
	}
	if _, err := conn.PathInfo(within(t), p[4]); !errors.As(err, new(*store.NotValidError)) {
		t.Errorf("the deleted path: %v", err)
	}
	censored := dial(t, daemontest.New(t, daemontest.Options{Trust: daemon.NotTrusted}))
	if err := censored.AddTempRoot(within(t), p[0]); err == nil {
		t.Error("a root in another store")
	}
}

func TestCollect(t *testing.T) {
	t.Parallel()
	server := daemontest.New(t, daemontest.Options{})
	conn := dial(t, server)
	below := must[store.Path](t)(server.AddText("below", "below"))
	above := must[store.Path](t)(server.AddText("above", "above", below))
	deletes := func(paths ...store.Path) (daemon.GCResult, error) {
		return conn.CollectGarbage(within(t), daemon.GCOptions{Action: daemon.DeleteSpecific, Paths: paths})
	}
	var said *daemon.Error
	if _, err := deletes(below); !errors.As(err, &said) || said.Kind != daemon.KindStillAlive {
		t.Errorf("deleting what is referred to: %v", err)
	}
	result, err := deletes(below, above)
	if err != nil || len(result.Paths) != 2 {
		t.Errorf("deleting both: %+v, %v", result, err)
	}

	// A derivation lives as long as what was built from it.
	built := shell("built", "echo > $out")
	drv := must[store.Path](t)(server.AddDerivation(built))
	builder := dial(t, server)
	if err := builder.BuildPaths(within(t), []daemon.DerivedPath{daemon.Outputs(drv)}, daemon.BuildNormal); err != nil {
		t.Fatal(err)
	}
	builder.Close()
	await(t, "the builder's connection is gone", func() bool { return server.Connections() == 1 })
	if err := conn.AddTempRoot(within(t), built.Outputs["out"].Path); err != nil {
		t.Fatal(err)
	}
	result, err = conn.CollectGarbage(within(t), daemon.GCOptions{Action: daemon.ReturnDead})
	check(t, "dead", result.Paths, err, nil)

	// A limit ends the collection.
	for _, name := range []string{"a", "b", "c"} {
		must[store.Path](t)(server.AddText(name, name))
	}
	result, err = conn.CollectGarbage(within(t), daemon.GCOptions{Action: daemon.DeleteDead, MaxFreed: 1})
	if err != nil || len(result.Paths) != 1 {
		t.Errorf("with a limit: %+v, %v", result, err)
	}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	server := daemontest.New(t, daemontest.Options{})
	conn := dial(t, server)
	below := must[store.Path](t)(server.AddText("below", "below"))
	above := must[store.Path](t)(server.AddText("above", "above", below))
	verify := func(want bool) {
		t.Helper()
		remain, err := conn.VerifyStore(within(t), true, false)
		check(t, "errors remain", remain, err, want)
	}
	verify(false)
	if err := os.Remove(string(below)); err != nil {
		t.Fatal(err)
	}
	verify(true)
	if err := os.Remove(string(above)); err != nil {
		t.Fatal(err)
	}
	verify(false)
	verify(false)
	all, err := conn.AllValidPaths(within(t))
	check(t, "valid", all, err, nil)
}
