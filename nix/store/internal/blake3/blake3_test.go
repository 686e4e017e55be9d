package blake3_test

import (
	"encoding/hex"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	reference "lukechampine.com/blake3"

	"luminousnix/nix/store/internal/blake3"
)

func TestKnown(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":    "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
		"abc": "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85",
	} {
		h := blake3.New()
		h.Write([]byte(text))
		if diff := cmp.Diff(want, hex.EncodeToString(h.Sum(nil))); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}

// TestAgrees hashes every length around the borders of blocks, chunks and
// subtrees, in pieces of random size, and compares with another implementation.
func TestAgrees(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	data := make([]byte, 70_000)
	for i := range data {
		data[i] = byte(random.Uint32())
	}
	var lengths []int
	for _, border := range []int{0, 64, 128, 1024, 2048, 3072, 4096, 7168, 8192, 16384, 31744, 65536} {
		for d := -2; d <= 2; d++ {
			lengths = append(lengths, max(border+d, 0))
		}
	}
	for range 200 {
		lengths = append(lengths, random.IntN(len(data)))
	}
	for _, length := range lengths {
		h := blake3.New()
		for rest := data[:length]; len(rest) > 0; {
			n := min(len(rest), 1+random.IntN(3000))
			h.Write(rest[:n])
			rest = rest[n:]
			h.Sum(nil) // looking at it in between changes nothing
		}
		want := reference.Sum256(data[:length])
		if diff := cmp.Diff(want[:], h.Sum(nil)); diff != "" {
			t.Fatalf("%d bytes: %s", length, diff)
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	data := make([]byte, 1<<20)
	b.SetBytes(int64(len(data)))
	h := blake3.New()
	for b.Loop() {
		h.Write(data)
	}
}
