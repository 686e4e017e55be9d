package learn_test

import (
	"testing"

	"luminousnix/internal/intent/learn"
	"luminousnix/internal/operation"
)

func words(forms ...string) (all []learn.Word) {
	for _, form := range forms {
		all = append(all, learn.Word{Form: form})
	}
	return all
}

func TestOperations(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		words []learn.Word
		want  operation.Name
	}{
		{words("take", "me", "back", "to", "generat", "<number>"), operation.Rollback},
		{words("get", "rid", "of", "zzqqx"), operation.RemovePackages},
		{words("i", "like", "tea", "with", "milk"), operation.None},
		{words("updat", "everyth", "and", "then", "clean", "up"), learn.Several},
	} {
		guesses := learn.Look(test.words, nil).Operations(make([]learn.Guess, 3))
		sum := float32(0)
		for i, g := range guesses {
			sum += g.Probability
			if i > 0 && g.Probability > guesses[i-1].Probability {
				t.Errorf("%v: %v are not in order", test.words, guesses)
			}
		}
		if len(guesses) != 3 || guesses[0].Operation != test.want || sum > 1.0001 {
			t.Errorf("%v: %v, want %s", test.words, guesses, test.want)
		}
	}
}

func TestTags(t *testing.T) {
	t.Parallel()
	tags := learn.Look(words("could", "you", "put", "zzqqx", "on", "here"), nil).Tags(operation.InstallPackages)
	for i := range tags {
		want := learn.Plain
		if i == 3 {
			want = learn.Package
		}
		if got := tags[i].Best(); got != want {
			t.Errorf("word %d is tagged %d, want %d", i, got, want)
		}
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	s := learn.Look(words("bake", "the", "zzqqx", "instal"), nil)
	if !s.Foreign(0) || s.Foreign(3) || s.Known(2) || !s.Known(3) || s.Known(99) || s.Foreign(99) {
		t.Error("which words are foreign, and which known, is mistaken")
	}
}

// A sentence may be of no words, or of more than are looked at.
func TestLengths(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 500} {
		var all []learn.Word
		for range n {
			all = append(all, words("instal")...)
		}
		s := learn.Look(all, nil)
		if len(s.Operations(make([]learn.Guess, 1))) != 1 || len(s.Tags(operation.Help)) > n {
			t.Errorf("%d words", n)
		}
	}
}
