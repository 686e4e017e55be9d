package nixos_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/nixos"
	"luminousnix/internal/operation"
	"luminousnix/nix/store"
	"luminousnix/nix/storedb"
)

func closure(hash string, sizes map[string]int64) []storedb.Object {
	var infos []storedb.Object
	for name, size := range sizes {
		path := store.Path("/nix/store/" + strings.Repeat(hash, store.HashLength) + "-" + name)
		infos = append(infos, storedb.Object{Path: path, NarSize: size})
	}
	return infos
}

func TestCompare(t *testing.T) {
	t.Parallel()
	from := closure("0", map[string]int64{
		"firefox-138.0": 100, "git-2.49": 10, "git-2.49-man": 1, "neofetch-7.1": 5, "glibc-2.40": 50, "etc": 1, "openssl-3.0": 7,
	})
	to := closure("1", map[string]int64{
		"firefox-145.0": 120, "git-2.49": 10, "git-2.49-man": 1, "fastfetch-2.5": 6, "glibc-2.40": 51, "etc": 2, "openssl-3.0": 7, "openssl-3.6": 8,
	})
	want := operation.Comparison{
		Added:   []operation.Change{{Name: "fastfetch", To: []string{"2.5"}, SizeDelta: 6}},
		Removed: []operation.Change{{Name: "neofetch", From: []string{"7.1"}, SizeDelta: -5}},
		Changed: []operation.Change{
			{Name: "firefox", From: []string{"138.0"}, To: []string{"145.0"}, SizeDelta: 20},
			{Name: "openssl", From: []string{"3.0"}, To: []string{"3.0", "3.6"}, SizeDelta: 8},
		},
		SizeDelta: 31,
	}
	if diff := cmp.Diff(want, nixos.Compare(from, to)); diff != "" {
		t.Error(diff)
	}
	same := nixos.Compare(from, from)
	if len(same.Added)+len(same.Removed)+len(same.Changed) != 0 || same.SizeDelta != 0 {
		t.Errorf("a closure differs from itself: %+v", same)
	}
}

func TestPackageOf(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][2]string{
		"git-2.49-man":               {"git", "2.49"},
		"linux-6.12.58-modules":      {"linux", "6.12.58"},
		"ncurses-6.5-dev":            {"ncurses", "6.5"},
		"python3.12-numpy-2.0":       {"python3.12-numpy", "2.0"},
		"unit-nginx.service":         {"unit-nginx.service", ""},
		"xdg-utils-bin":              {"xdg-utils-bin", ""},
		"nixos-system-box-25.11.201": {"nixos-system-box", "25.11.201"},
	} {
		path := store.Path("/nix/store/" + strings.Repeat("0", store.HashLength) + "-" + name)
		pname, version := nixos.PackageOf(path)
		if diff := cmp.Diff(want, [2]string{pname, version}); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
