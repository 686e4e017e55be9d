package profile_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"luminousnix/nix/profile"
	"luminousnix/nix/store"
)

// noRoots answers at once, so that only the work on links is measured.
type noRoots struct{}

func (noRoots) AddTempRoot(context.Context, store.Path) error { return nil }
func (noRoots) AddIndirectRoot(context.Context, string) error { return nil }

// BenchmarkCreate makes a new generation beside 1 to 100 others, with and
// without waiting for the disk.
func BenchmarkCreate(b *testing.B) {
	for name, options := range map[string]profile.CreateOptions{"sync": {}, "nosync": {NoSync: true}} {
		b.Run(name, func(b *testing.B) {
			p := newProfile(b, "p")
			n := 0
			for b.Loop() {
				if n++; n%100 == 0 {
					b.StopTimer()
					if _, err := p.Delete(b.Context(), profile.Selection{Old: true}, time.Now()); err != nil {
						b.Fatal(err)
					}
					b.StartTimer()
				}
				path := store.Path(fmt.Sprintf("/nix/store/00000000000000000000000000000000-system-%d", n))
				if _, err := p.Create(b.Context(), noRoots{}, path, options); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkRead reads a profile with 200 generations.
func BenchmarkRead(b *testing.B) {
	numbers := make([]int, 200)
	for i := range numbers {
		numbers[i] = i + 1
	}
	p := newProfile(b, "p", numbers...)
	for b.Loop() {
		if _, err := p.Read(); err != nil {
			b.Fatal(err)
		}
	}
}
