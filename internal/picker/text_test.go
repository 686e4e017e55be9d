package picker

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
)

func TestClean(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want string }{
		{"", ""},
		{"plain text", "plain text"},
		{"a\tb\r\nc", "a b  c"},
		{"\x1b[31mred\x1b[0m", "[31mred[0m"},
		{"\u009b31mred", "31mred"},
		{"bell\a nul\x00 del\x7f", "bell nul del"},
		{"日本語", "日本語"},
		{"한국어", "한국어"},
		{"cafe\u0301", "cafe\u0301"},
		{"no\u200bspace, no\u00a0break, soft\u00adhyphen", "nospace, no break, softhyphen"},
		{"\u202eright to left", "right to left"},
		{"👨\u200d👩\u200d👧", "👨👩👧"},
		{"thumb 👍🏽", "thumb 👍"},
		{"❤\ufe0f", "❤"},
		{"🚀", "🚀"},
		{"\u0301", ""},
		{"a" + strings.Repeat("\u0301", 50), "a"},
		{"bad \xff", "bad \ufffd"},
	}
	for _, test := range tests {
		if got := clean(test.text); got != test.want {
			t.Errorf("%+q becomes %+q, want %+q", test.text, got, test.want)
		}
	}
}

func TestCut(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text        string
		width       int
		right, left string
	}{
		{"abcdef", 6, "abcdef", "abcdef"},
		{"abcdef", 4, "abc…", "…def"},
		{"abcdef", 1, "…", "…"},
		{"abcdef", 0, "", ""},
		{"日本語", 5, "日本…", "…本語"},
		{"日本語", 4, "日…", "…語"},
		{"日本語", 1, "…", "…"},
	}
	for _, test := range tests {
		if diff := cmp.Diff([]string{test.right, test.left}, []string{cut(test.text, test.width), cutLeft(test.text, test.width)}); diff != "" {
			t.Errorf("%s to %d (-want +got):\n%s", test.text, test.width, diff)
		}
	}
}

func TestWrap(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text  string
		width int
		want  []string
	}{
		{"", 5, []string{""}},
		{"one two three", 7, []string{"one two", "three"}},
		{"one two three", 13, []string{"one two three"}},
		{"one\ntwo\n\nthree\n", 20, []string{"one", "two", "", "three"}},
		{"a verylongword b", 6, []string{"a", "verylo", "ngword", "b"}},
		{"verylongword b", 6, []string{"verylo", "ngword", "b"}},
		{"{\n  enable = true;\n}", 9, []string{"{", "  enable", "= true;", "}"}},
		{"日本語のテキスト", 5, []string{"日本", "語の", "テキ", "スト"}},
		{"日本", 1, []string{"日", "本", ""}}, // cut when it is drawn
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, wrap(test.text, test.width)); diff != "" {
			t.Errorf("%q to %d (-want +got):\n%s", test.text, test.width, diff)
		}
	}
}

func FuzzText(f *testing.F) {
	for _, text := range []string{"some words to wrap", "日本語のテキスト and more", "a-b-c-d\n\n  indented", "👨\u200d👩\u200d👧 🇩🇪 ❤\ufe0f", "\x1b[1m\u009b\xff"} {
		f.Add(text, 7)
	}
	f.Fuzz(func(t *testing.T, text string, width int) {
		width = 2 + (width%100+100)%100 // a wide character needs 2
		line := clean(text)
		if again := clean(line); again != line {
			t.Errorf("%+q is not clean: %+q", line, again)
		}
		if a, b := ansi.StringWidth(line), ansi.StringWidthWc(line); a != b {
			t.Errorf("%+q is %d or %d wide", line, a, b)
		}
		for _, piece := range append(wrap(text, width), cut(line, width), cutLeft(line, width)) {
			if got := ansi.StringWidth(piece); got > width {
				t.Errorf("%+q is %d wide, more than %d", piece, got, width)
			}
		}
	})
}
