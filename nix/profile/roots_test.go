package profile_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"luminousnix/nix/profile"
)

func TestRoots(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	state := profile.StateDir(filepath.Join(dir, "state"))
	checkRoots(t, state, nil)
	links := map[string]string{"result": "/nix/store/a", "loop": "loop"}
	want := []profile.IndirectRoot{}
	for name, target := range links {
		link := filepath.Join(dir, name)
		if err := os.Symlink(target, link); err != nil {
			t.Fatal(err)
		}
		want = append(want, profile.IndirectRoot{Path: state.IndirectRootPath(link), Link: link, Target: target})
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	gone := filepath.Join(dir, "gone", "link")
	want = append(want,
		profile.IndirectRoot{Path: state.IndirectRootPath(file), Link: file},
		profile.IndirectRoot{Path: state.IndirectRootPath(gone), Link: gone, Dangling: true})
	for _, root := range want {
		for range 2 { // the second time it is there
			if err := state.AddIndirectRoot(t.Context(), root.Link); err != nil {
				t.Fatal(err)
			}
		}
	}
	auto := filepath.Join(string(state), "gcroots", "auto")
	if err := os.WriteFile(filepath.Join(auto, "no-link"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	checkRoots(t, state, want)
	for range 2 {
		if err := state.RemoveIndirectRoot(gone); err != nil {
			t.Fatal(err)
		}
	}
	checkRoots(t, state, slices.DeleteFunc(want, func(r profile.IndirectRoot) bool { return r.Dangling }))
	if err := state.AddIndirectRoot(t.Context(), "relative"); err == nil {
		t.Error("a relative link was accepted")
	}
	const name = "mvzanrcksj72w3yj51jngpkz52a1i4ys" // nix-hash says so
	if got := profile.StateDir("").IndirectRootPath("/home/ann/result"); got != "/nix/var/nix/gcroots/auto/"+name {
		t.Error(got)
	}
}
