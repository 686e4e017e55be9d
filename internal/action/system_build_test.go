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
			err := enoughSpace(test.needed, test.free)
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
