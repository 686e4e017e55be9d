package action

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/nix/profile"
)

func TestKeptLinks(t *testing.T) {
	t.Parallel()
	const p profile.Profile = "/nix/var/nix/profiles/system"
	at := time.Unix(1_700_000_000, 123)
	for name, want := range map[string]profile.State{
		"no generation":   {Generations: []profile.Generation{}, Target: "elsewhere"},
		"two generations": {Generations: []profile.Generation{{Number: 3, Link: string(p) + "-3-link", Target: "/nix/store/a b", Created: at}, {Number: 12, Link: string(p) + "-12-link", Created: at}}, Current: 12, Target: "system-12-link"},
	} {
		text, ok := encodeLinks(want)
		if !ok {
			t.Errorf("%s is not written", name)
		}
		got, ok := decodeLinks(p, string(text))
		if diff := cmp.Diff(want, got); !ok || diff != "" {
			t.Errorf("%s: %v, %s", name, ok, diff)
		}
		for _, damaged := range []string{"", "x", "x y\n", string(text) + "4 5 /ni", string(text) + "4\n", string(text) + "4 x /nix\n", string(text) + "x 4 /nix\n"} {
			if got, ok := decodeLinks(p, damaged); ok {
				t.Errorf("%q is read as %+v", damaged, got)
			}
		}
	}
	if text, ok := encodeLinks(profile.State{Generations: []profile.Generation{{Number: 1, Target: "a\nb"}}}); ok {
		t.Errorf("a target of two lines is written as %q", text)
	}
}
