package vocabulary

import (
	"fmt"
	"hash/crc32"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEntries(t *testing.T) {
	t.Parallel()
	const text = `# comment: not an entry
a, b: c
  d
  e

# Heading
f:g
no entry
`
	var got [][2]string
	for left, right := range entries(text, ":") {
		got = append(got, [2]string{left, right})
	}
	want := [][2]string{{"a, b", " c\n  d\n  e\n"}, {"f", "g\n"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Nobody would find out which of two entries for one thing is in force.
func TestNothingIsSaidTwice(t *testing.T) {
	t.Parallel()
	v := Default()
	seen := make(map[string]bool)
	once := func(what, name string) {
		if seen[what+name] {
			t.Errorf("%s %q is there twice", what, name)
		}
		seen[what+name] = true
	}
	for _, a := range v.Aliases {
		for _, name := range a.Names {
			once("alias", name)
		}
	}
	for _, p := range v.Programs {
		once("programs of", p.Package)
	}
	for _, r := range v.Renames {
		once("rename of", r.Old)
	}
	if len(v.Aliases) == 0 || len(v.Synonyms) == 0 || len(v.Concepts) == 0 || len(v.Programs) == 0 || len(v.Renames) == 0 {
		t.Error("a file has no entries")
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	sum := uint32(0)
	for _, text := range []string{aliases, synonyms, concepts, programs, renames} {
		sum = crc32.Update(sum, crc32.IEEETable, []byte(text))
	}
	if now := fmt.Sprintf("%08x", sum); now != Version {
		t.Errorf("the vocabulary has changed: write Version = %q", now)
	}
}
