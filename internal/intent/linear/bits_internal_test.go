package linear

import (
	"math/rand/v2"
	"testing"
)

// What is written is read, whatever the numbers, and in whatever codes.
func TestBits(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	type entry struct {
		x    uint32
		k    int
		rice bool
	}
	var all []entry
	w := &writer{}
	for range 10_000 {
		e := entry{k: 1 + random.IntN(6), rice: random.IntN(2) == 0}
		if e.rice {
			e.x = random.Uint32N(32 << e.k)
			w.rice(e.x, e.k)
		} else {
			e.x = random.Uint32N(1 << e.k)
			w.write(e.x, e.k)
		}
		all = append(all, e)
	}
	r := reader{text: w.bytes()}
	for i, e := range all {
		var got uint32
		if e.rice {
			got = r.rice(e.k)
		} else {
			got = uint32(r.window()) & (1<<e.k - 1)
			r.at += e.k
		}
		if got != e.x {
			t.Fatalf("number %d: %d, want %d in code %d", i, got, e.x, e.k)
		}
	}
}

// No gap between classes has more ones in its code than a reader counts.
func TestGapsAreReadable(t *testing.T) {
	t.Parallel()
	for classes := 1; classes <= mostClasses; classes++ {
		for n := 1; n <= classes; n++ {
			if greatest := classes - n; greatest>>gapRice(n, classes) >= 32 {
				t.Errorf("%d of %d classes: a gap of %d", n, classes, greatest)
			}
		}
	}
}
