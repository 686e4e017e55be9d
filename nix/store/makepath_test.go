package store_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"luminousnix/nix/store"
)

func ExampleDir_TextPath() {
	content := store.Sum(store.SHA256, []byte("abc"))
	p, err := store.DefaultDir.TextPath("abc.txt", content, nil)
	if err != nil {
		panic(err)
	}
	fmt.Println(p)
	// Output: /nix/store/q4k2vmk55pps2lr6hfia8wpbwswwbsg6-abc.txt
}

func TestMakePathErrors(t *testing.T) {
	t.Parallel()
	const dir = store.DefaultDir
	abc := store.Sum(store.SHA256, []byte("abc"))
	flat := store.ContentAddress{Method: store.Flat, Hash: abc}
	other := store.References{Others: []store.Path{"/nix/store/" + hash + "-hello"}}
	for _, test := range []struct {
		name, why string
		make      func(name string) (store.Path, error)
	}{
		{"", "the name is empty", func(name string) (store.Path, error) { return dir.TextPath(name, abc, nil) }},
		{"a/b", "the name may not contain '/'", func(name string) (store.Path, error) { return dir.TextPath(name, abc, nil) }},
		{"\xc3", "the name may not contain byte 0xc3", func(name string) (store.Path, error) { return dir.TextPath(name, abc, nil) }},
		{"..", `the name may not begin with ".." as its first part`, func(name string) (store.Path, error) { return dir.TextPath(name, abc, nil) }},
		{".-a", `the name may not begin with "." as its first part`, func(name string) (store.Path, error) { return dir.TextPath(name, abc, nil) }},
		{strings.Repeat("n", 212), "the name is longer than 211 characters", func(name string) (store.Path, error) { return dir.TextPath(name, abc, nil) }},
		{"n", "there is no hash", func(name string) (store.Path, error) { return dir.MakePath("text", store.Hash{}, name) }},
		{"n", "text is hashed with sha256", func(name string) (store.Path, error) {
			return dir.TextPath(name, store.Sum(store.SHA1, nil), nil)
		}},
		{"n", "a source is hashed with sha256", func(name string) (store.Path, error) {
			return dir.SourcePath(name, store.Sum(store.SHA512, nil), store.References{})
		}},
		{"n", "only a recursive sha256 address may have references", func(name string) (store.Path, error) {
			return dir.FixedOutputPath(name, flat, other)
		}},
		{"n", "only a recursive sha256 address may have references", func(name string) (store.Path, error) {
			return dir.PathFor(name, flat, store.References{Self: true})
		}},
		{"n", "the text method has no fixed output", func(name string) (store.Path, error) {
			return dir.FixedOutputPath(name, store.ContentAddress{Method: store.Text, Hash: abc}, store.References{})
		}},
		{"n", "a text cannot refer to itself", func(name string) (store.Path, error) {
			return dir.PathFor(name, store.ContentAddress{Method: store.Text, Hash: abc}, store.References{Self: true})
		}},
		{"n", `"" is no method; there are text, flat, nar and git`, func(name string) (store.Path, error) {
			return dir.PathFor(name, store.ContentAddress{}, store.References{})
		}},
		{"n", `"/nix/store/` + hash + `-hello" is not a store path: it is not in the store directory /x/store`, func(name string) (store.Path, error) {
			return store.Dir("/x/store").SourcePath(name, abc, other)
		}},
	} {
		p, err := test.make(test.name)
		var got *store.MakeError
		if !errors.As(err, &got) {
			t.Errorf("%q: %s, %v", test.name, p, err)
			continue
		}
		if diff := cmp.Diff([]string{test.name, test.why}, []string{got.Name, got.Why}); diff != "" {
			t.Error(diff)
		}
	}
}

// TestReferences says that the order and repetition of references mean nothing,
// and that each reference, the directory and the name mean something.
func TestReferences(t *testing.T) {
	t.Parallel()
	abc := store.Sum(store.SHA256, []byte("abc"))
	a, b := store.Path("/nix/store/"+hash+"-a"), store.Path("/nix/store/"+hash+"-b")
	path := func(d store.Dir, name string, self bool, others ...store.Path) store.Path {
		p, err := d.SourcePath(name, abc, store.References{Others: others, Self: self})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	const dir = store.DefaultDir
	for _, same := range []store.Path{path(dir, "n", true, b, a), path(dir, "n", true, a, b, a)} {
		if diff := cmp.Diff(path(dir, "n", true, a, b), same); diff != "" {
			t.Error(diff)
		}
	}
	different := map[string]bool{}
	for _, p := range []store.Path{
		path(dir, "n", true, a, b), path(dir, "n", false, a, b), path(dir, "n", true, a), path(dir, "n", true),
		path(dir, "n", false), path(dir, "m", false), path("/x/store", "n", false),
	} {
		different[p.HashPart()] = true
	}
	if len(different) != 7 {
		t.Errorf("%d of 7 differ", len(different))
	}
}

// TestMadePathsParse says that whatever is made is a store path.
func TestMadePathsParse(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		dir := store.Dir(rapid.StringMatching(`(/[a-z]{1,8}){1,4}`).Draw(t, "dir"))
		name := rapid.StringMatching(`[0-9a-zA-Z+_?=][0-9a-zA-Z+\-._?=]{0,30}`).Draw(t, "name")
		p, err := dir.PathFor(name, drawContentAddress(t), store.References{})
		if err != nil {
			t.Fatal(err)
		}
		back, err := dir.Parse(string(p))
		if err != nil || back != p || back.Name() != name {
			t.Fatalf("%s: %s, %v", p, back, err)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add("/nix/store/" + hash + "-hello-2.12.1/bin/hello")
	f.Add("/nix/store/" + hash + "-.-x")
	f.Fuzz(func(t *testing.T, text string) {
		p, rest, err := store.DefaultDir.Split(text)
		if err != nil {
			var wrong *store.ParseError
			if !errors.As(err, &wrong) {
				t.Fatalf("%#v", err)
			}
			return
		}
		if string(p)+rest != text || "/nix/store/"+p.HashPart()+"-"+p.Name() != string(p) {
			t.Fatalf("%q: %q %q", text, p, rest)
		}
	})
}
