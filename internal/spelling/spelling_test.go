package spelling_test

import (
	"testing"

	"pgregory.net/rapid"

	"luminousnix/internal/spelling"
)

func TestDistance(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"search", "search", 0},
		{"seach", "search", 1},
		{"saerch", "search", 1}, // neighbours swapped
		{"serrch", "search", 1},
		{"fierfox", "firefox", 1},
		{"fiefrox", "firefox", 2},
		{"kitten", "sitting", 3},
		{"abc", "", 3},
	} {
		if got := spelling.Distance(test.a, test.b, 5); got != test.want {
			t.Errorf("%q, %q: %d, want %d", test.a, test.b, got, test.want)
		}
		if got := spelling.Distance(test.a, test.b, 1); got != min(test.want, 2) {
			t.Errorf("%q, %q, at most 1: %d", test.a, test.b, got)
		}
	}
	if got := spelling.Distance("a", "thirty-three letters are too many!!", 40); got != 41 {
		t.Errorf("too long: %d", got)
	}
}

// TestDistanceIsOne edits a word once: it is one away at the most, both ways.
func TestDistanceIsOne(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[a-z]{1,20}`).Draw(t, "word")
		at := rapid.IntRange(0, len(word)-1).Draw(t, "at")
		letter := rapid.StringMatching(`[a-z]`).Draw(t, "letter")
		edited := rapid.SampledFrom([]string{
			word[:at] + word[at+1:],
			word[:at] + letter + word[at:],
			word[:at] + letter + word[at+1:],
		}).Draw(t, "edited")
		there, back := spelling.Distance(word, edited, 4), spelling.Distance(edited, word, 4)
		if there > 1 || there != back || there == 0 && word != edited {
			t.Fatalf("%q, %q: %d and %d", word, edited, there, back)
		}
	})
}
