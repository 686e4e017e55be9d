package action

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/flake"
	"luminousnix/internal/operation"
)

func TestInputUpdate(t *testing.T) {
	t.Parallel()
	day := time.Date(2025, 11, 3, 0, 30, 0, 0, time.FixedZone("", 3600))
	old := flake.Input{Name: "pkgs", URL: "github:NixOS/nixpkgs/nixos-25.11", Revision: "0123456789abcdef", Modified: day}
	newer := old
	newer.Revision, newer.Modified = "fedcba9876543210", day.AddDate(0, 0, 7)
	local := flake.Input{Name: "local", URL: "path:/srv", Revision: "sha256-AbCdEfGhIj"}
	below := flake.Input{Name: "home/utils", URL: "github:o/utils", Revision: "aaa"}
	i := inputUpdate{changes: []flake.Change{{From: &old, To: &newer}, {To: &local}, {From: &local}, {From: &below, To: &old}}}
	want := []operation.Step{
		{Action: "Update input pkgs from 2025-11-02 (0123456) to 2025-11-09 (fedcba9)", Path: newer.URL},
		{Action: "Add input local, AbCdEfG", Path: "path:/srv"},
		{Action: "Remove input local", Path: "path:/srv"},
		{Action: "Update input pkgs from aaa to 2025-11-02 (0123456)", Path: old.URL},
	}
	if diff := cmp.Diff(want, i.updates()); diff != "" {
		t.Error(diff)
	}
	if got, want := i.channel(), "nixos-25.11"; got != want {
		t.Errorf("the channel is %q, want %q", got, want)
	}
	nested := below
	nested.Revision = "bbb"
	for _, test := range []struct {
		changes []flake.Change
		want    string
	}{
		{[]flake.Change{{From: &below, To: &nested}}, "home/utils from aaa to bbb"},
		{[]flake.Change{{To: &local}, {From: &below, To: &nested}}, "local, AbCdEfG"},
		{[]flake.Change{{From: &local}}, "local (removed)"},
	} {
		i := inputUpdate{changes: test.changes}
		if got := i.summary(); got != test.want || i.channel() != "" {
			t.Errorf("got %q of %q, want %q", got, i.channel(), test.want)
		}
	}
}
