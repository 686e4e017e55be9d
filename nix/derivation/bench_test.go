package derivation_test

import (
	"context"
	"os"
	"testing"

	"luminousnix/internal/testbed"
	"luminousnix/nix/derivation"
	"luminousnix/nix/store"
)

// BenchmarkGraph works on some 700 derivations that Nix wrote.
func BenchmarkGraph(b *testing.B) {
	nix := testbed.New(b)
	dir := store.Dir(nix.StoreDir)
	roots := instantiateMany(b, nix)

	texts := make(map[store.Path][]byte)
	drvs := make(map[store.Path]*derivation.Derivation)
	var size int64
	err := derivation.Walk(b.Context(), roots, derivation.FromStore(dir), func(p store.Path, drv *derivation.Derivation) error {
		text, err := os.ReadFile(string(p))
		texts[p], drvs[p] = text, drv
		size += int64(len(text))
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Logf("%d derivations, %d bytes", len(texts), size)

	b.Run("parse", func(b *testing.B) {
		b.SetBytes(size)
		b.ReportAllocs()
		for b.Loop() {
			for p, text := range texts {
				name, _ := derivation.NameOf(p)
				if _, err := derivation.Parse(dir, name, text); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
	b.Run("print", func(b *testing.B) {
		b.SetBytes(size)
		b.ReportAllocs()
		var buffer []byte
		for b.Loop() {
			for _, drv := range drvs {
				buffer = drv.AppendATerm(buffer[:0])
			}
		}
	})
	hash := func(load derivation.Load) func(*testing.B) {
		return func(b *testing.B) {
			b.SetBytes(size)
			b.ReportAllocs()
			for b.Loop() {
				hashAll(b, dir, roots, load)
			}
		}
	}
	b.Run("hash", hash(fromMap(drvs)))
	b.Run("read+parse+hash", hash(derivation.FromStore(dir)))
}

// hashAll computes the output paths of the roots, and so all hashes below.
func hashAll(b *testing.B, dir store.Dir, roots []store.Path, load func(context.Context, store.Path) (*derivation.Derivation, error)) {
	hasher := derivation.NewHasher(dir, load)
	for _, root := range roots {
		drv, err := load(b.Context(), root)
		if err != nil {
			b.Fatal(err)
		}
		paths, err := hasher.OutputPaths(b.Context(), drv)
		if err != nil {
			b.Fatal(err)
		}
		if paths["out"] != drv.Outputs["out"].Path {
			b.Fatalf("%s is not %s", paths["out"], drv.Outputs["out"].Path)
		}
	}
}
