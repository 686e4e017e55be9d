package catalog

import (
	"testing"

	"pgregory.net/rapid"

	plain "luminousnix/internal/spelling"
)

// TestSpellerAgrees holds the speller, which compares a word with all others, to
// the plain way of measuring a distance.
func TestSpellerAgrees(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[a-d]{0,24}`).Draw(t, "word")
		other := rapid.StringMatching(`[a-d]{0,24}`).Draw(t, "other")
		want := plain.Distance(word, other, 32)
		if got := newSpeller(word).distance([]byte(other)); got != want {
			t.Fatalf("%q, %q: %d, want %d", word, other, got, want)
		}
	})
}
