package action

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/operation"
)

func TestKeptDisk(t *testing.T) {
	t.Parallel()
	systems := []operation.FileSystem{{Path: "/nix/store", Total: 3, Used: 2, Free: 1}}
	for name, want := range map[string]operation.Disk{
		"nothing": {FileSystems: systems},
		"all": {
			FileSystems: systems, StorePaths: 20_000, StoreBytes: 1 << 40, Dead: 7, Profile: "/nix/var/nix/profiles/a b",
			Generations: []operation.GenerationSpace{{Generation: 12, Exclusive: 1, Shared: 2}, {Generation: 3}},
			Packages: []operation.PackageSpace{
				{Name: "vim", Versions: []string{"9.1", "9.0"}, Paths: 4, Bytes: 1 << 33},
				{Name: "source", Versions: []string{}, Paths: 1},
			},
		},
	} {
		text := encodeDisk(&want)
		got := operation.Disk{FileSystems: systems}
		if !decodeDisk(string(text), &got) {
			t.Errorf("%s is not read", name)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		for _, damaged := range []string{"", "x\n", string(text) + "g\t1\n", string(text[:len(text)-1]), string(text) + "s\t1\tx\t3\n"} {
			before := operation.Disk{Dead: 5}
			if decodeDisk(damaged, &before) || before.Dead != 5 {
				t.Errorf("%q is read as %+v", damaged, before)
			}
		}
	}
}
