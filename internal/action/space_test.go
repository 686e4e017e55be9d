package action

import (
	"testing"

	"luminousnix/internal/operation"
)

func TestEnoughSpace(t *testing.T) {
	t.Parallel()
	const mib = 1 << 20
	tests := map[string]struct {
		needed, free int64
		hint         string // "" is enough
	}{
		"nothing to download": {0, 0, ""},
		"just enough":         {36 * mib, 100 * mib, ""},
		"a byte less":         {36 * mib, 100*mib - 1, "`ask-nix clean-up --ensure-free 101MiB` makes room. Nothing was changed."},
		"far from it":         {4096 * mib, 10 * mib, "`ask-nix clean-up --ensure-free 4161MiB` makes room. Nothing was changed."},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := enoughSpace(operation.Space{Needed: test.needed, Free: test.free})
			if test.hint == "" {
				if err != nil {
					t.Errorf("got error %v", err)
				}
				return
			}
			told := operation.AsError(err)
			if told == nil || told.Code != operation.CodeRefused || told.Hint != test.hint {
				t.Errorf("got %+v, want the hint %q", told, test.hint)
			}
		})
	}
}

func TestSpaceWarning(t *testing.T) {
	t.Parallel()
	const gib = 1 << 30
	for name, test := range map[string]struct {
		space  operation.Space
		builds bool
		want   string
	}{
		"plenty":          {operation.Space{Needed: gib, Free: 10 * gib}, true, ""},
		"close":           {operation.Space{Needed: 3 * gib, Free: 3*gib + gib/4}, false, "the store will have only 256.0 MiB free: `ask-nix clean-up` shows what can go"},
		"nothing to do":   {operation.Space{Free: gib / 2}, false, ""},
		"something built": {operation.Space{Free: gib / 2}, true, "the store will have only 512.0 MiB free: `ask-nix clean-up` shows what can go"},
		"too little": {
			operation.Space{Needed: 2 * gib, Free: gib},
			false,
			"this takes 2.1 GiB of the store, which has only 1.0 GiB free: `ask-nix clean-up --ensure-free 2113MiB` makes room",
		},
	} {
		if got := spaceWarning(test.space, test.builds); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}
