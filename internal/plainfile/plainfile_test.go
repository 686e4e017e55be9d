package plainfile_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/plainfile"
)

const text = `# a comment
  before any block

[one] The first
  ask  what = this
  # another comment
  say  A sentence.
[two]
  say
[three four] A name of two words
`

func TestBlocks(t *testing.T) {
	t.Parallel()
	var got [][]string
	plainfile.Blocks(text,
		func(name, title string) { got = append(got, []string{name, title}) },
		func(word, rest string) { got[len(got)-1] = append(got[len(got)-1], word, rest) })
	want := [][]string{
		{"one", "The first", "ask", "what = this", "say", "A sentence."},
		{"two", "", "say", ""},
		{"three four", "A name of two words"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestLines(t *testing.T) {
	t.Parallel()
	got := plainfile.Pairs("# no\n\n a = b = c \nd\r\na2=\n", "=")
	if diff := cmp.Diff(map[string]string{"a": "b = c", "d": "", "a2": ""}, got); diff != "" {
		t.Error(diff)
	}
	for before := range plainfile.Lines("a\nb", " ") {
		if before != "a" {
			t.Error("goes on although it was told to stop")
		}
		break
	}
}

func FuzzBlocks(f *testing.F) {
	f.Add(text)
	f.Add("[\n[]x\n]")
	f.Fuzz(func(t *testing.T, text string) {
		opened := 0
		plainfile.Blocks(text,
			func(string, string) { opened++ },
			func(word, _ string) {
				if opened == 0 || word == "" || word[0] == '#' {
					t.Errorf("%q is added", word)
				}
			})
	})
}
