package profile_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/nix/profile"
)

func TestParseSelection(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]profile.Selection{
		"":           {},
		"old":        {Old: true},
		"1d":         {Days: 1},
		"030d":       {Days: 30},
		"+5":         {Keep: 5},
		"7":          {Numbers: []int{7}},
		"7 007 9":    {Numbers: []int{7, 7, 9}},
		"2147483647": {Numbers: []int{2147483647}},
	} {
		got, err := profile.ParseSelection(strings.Fields(text))
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
	for text, word := range map[string]string{
		"old 1": "old", "1 old": "old", "1d 2": "1d", "+1 +2": "+1", "3 +2": "+2",
		"0": "0", "+0": "+0", "0d": "0d", "d": "d", "+": "+", "-1": "-1", "-1d": "-1d", "+-1": "+-1", "++1": "++1",
		"1+": "1+", "1+5": "1+5", "1dx": "1dx", "d1": "d1", "x": "x", "Old": "Old", "1.5d": "1.5d", "1 x": "x",
		"2147483648": "2147483648", "99999999999999999999d": "99999999999999999999d", "٣": "٣",
	} {
		_, err := profile.ParseSelection(strings.Fields(text))
		var wrong *profile.SelectionError
		if !errors.As(err, &wrong) || wrong.Text != word || wrong.Why == "" {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := profile.ParseSelection([]string{""}); err == nil {
		t.Error("an empty word was accepted")
	}
}

func FuzzParseSelection(f *testing.F) {
	for _, text := range []string{"", "old", "30d", "+5", "1 2 3", "007", "+-1", "1d 2"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		selection, err := profile.ParseSelection(strings.Split(text, " "))
		if err != nil {
			var wrong *profile.SelectionError
			if !errors.As(err, &wrong) || !strings.Contains(text, wrong.Text) {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		again, err := profile.ParseSelection(selection.Args())
		if err != nil {
			t.Fatalf("%q became %q: %v", text, selection, err)
		}
		if diff := cmp.Diff(selection, again); diff != "" {
			t.Fatal(diff)
		}
	})
}
