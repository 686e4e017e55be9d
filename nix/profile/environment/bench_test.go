package environment_test

import (
	"fmt"
	"testing"

	"luminousnix/nix/profile/environment"
	"luminousnix/nix/profile/manifest"
)

// BenchmarkBuild makes a profile of 100 packages with 40 files each, whose
// directories have to be merged.
func BenchmarkBuild(b *testing.B) {
	var packs []pack
	for i := range 100 {
		f := files{}
		for n := range 10 {
			f[fmt.Sprintf("bin/tool-%d-%d", i, n)] = ""
			f[fmt.Sprintf("share/man/man1/tool-%d-%d.1", i, n)] = ""
			f[fmt.Sprintf("share/doc/package-%d/%d", i, n)] = ""
			f[fmt.Sprintf("lib/lib-%d-%d.so", i, n)] = ""
		}
		packs = append(packs, pack{fmt.Sprintf("package-%d", i), f})
	}
	made := makePackages(b, packs...)
	m := new(manifest.Manifest)
	for _, path := range made.paths {
		m.Add(manifest.ForPaths(path))
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := environment.Build(b.Context(), made.dir, m); err != nil {
			b.Fatal(err)
		}
	}
}
