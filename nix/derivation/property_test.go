package derivation_test

import (
	"errors"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"luminousnix/nix/derivation"
	"luminousnix/nix/store"
)

// TestRoundTrip prints and parses derivations of every form.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		dir := rapid.SampledFrom([]store.Dir{store.DefaultDir, "/x", "/home/me/nix/store"}).Draw(t, "dir")
		drv := drawDerivation(t, dir)
		text, err := drv.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := derivation.Parse(dir, drv.Name, text)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(drv, parsed, compareHashes, cmpopts.EquateEmpty()); diff != "" {
			t.Fatal(diff)
		}
		if again := parsed.AppendATerm([]byte("x")); string(again) != "x"+string(text) {
			t.Fatalf("%s\nbecomes\n%s", text, again)
		}

		// The order in which lists are given makes no difference.
		slices.Reverse(parsed.InputSources)
		for _, names := range parsed.InputDerivations {
			slices.Reverse(names)
		}
		if again := parsed.AppendATerm(nil); string(again) != string(text) {
			t.Fatalf("%s\nbecomes\n%s", text, again)
		}
	})
}

func drawDerivation(t *rapid.T, dir store.Dir) *derivation.Derivation {
	name := rapid.StringMatching(`[a-z][a-zA-Z0-9+._?=-]{0,20}`)
	output := rapid.StringMatching(`[a-z]{1,5}`)
	path := rapid.Custom(func(t *rapid.T) store.Path {
		hash := rapid.StringMatching(`[0-9abcdfghijklmnpqrsvwxyz]{32}`).Draw(t, "hash")
		return store.Path(string(dir) + "/" + hash + "-" + name.Draw(t, "name"))
	})
	outputs := rapid.Custom(func(t *rapid.T) derivation.Output { return drawOutput(t, path) })
	// All bytes, and often those that matter.
	text := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
		rapid.StringOf(rapid.SampledFrom([]rune("\"\\\n\r\tn(),[]"))))
	sources := rapid.MapOf(path, rapid.Just(true)).Draw(t, "sources")
	needed := rapid.Map(rapid.MapOfN(output, rapid.Just(true), 0, 3), func(m map[string]bool) []string { return slices.Sorted(maps.Keys(m)) })
	return &derivation.Derivation{
		Name:             name.Draw(t, "name"),
		Outputs:          rapid.MapOfN(output, outputs, 1, 4).Draw(t, "outputs"),
		InputDerivations: rapid.MapOf(path, needed).Draw(t, "inputs"),
		InputSources:     slices.Sorted(maps.Keys(sources)),
		System:           rapid.StringMatching(`[^"\\]*`).Draw(t, "system"),
		Builder:          text.Draw(t, "builder"),
		Args:             rapid.SliceOf(text).Draw(t, "args"),
		Env:              rapid.MapOf(text, text).Draw(t, "env"),
	}
}

func drawOutput(t *rapid.T, path *rapid.Generator[store.Path]) derivation.Output {
	var o derivation.Output
	kind := rapid.SampledFrom([]derivation.Kind{
		derivation.InputAddressed, derivation.Deferred, derivation.Fixed, derivation.Floating, derivation.Impure,
	}).Draw(t, "kind")
	if kind == derivation.InputAddressed || kind == derivation.Fixed {
		o.Path = path.Draw(t, "path")
	}
	if kind == derivation.InputAddressed || kind == derivation.Deferred {
		return o
	}
	o.Method = rapid.SampledFrom([]store.Method{store.Flat, store.Recursive, store.Text, store.Git}).Draw(t, "method")
	o.Algorithm = rapid.SampledFrom([]store.Algorithm{store.SHA256, store.SHA512, store.SHA1, store.MD5, store.BLAKE3}).Draw(t, "algorithm")
	o.Impure = kind == derivation.Impure
	if kind == derivation.Fixed {
		digest := rapid.SliceOfN(rapid.Byte(), o.Algorithm.Size(), o.Algorithm.Size()).Draw(t, "digest")
		hash, err := store.NewHash(o.Algorithm, digest)
		if err != nil {
			t.Fatal(err)
		}
		o.Hash = hash
	}
	return o
}

// FuzzParse checks that whatever is accepted is printed as it was.
func FuzzParse(f *testing.F) {
	for _, g := range goldens(f) {
		f.Add(g.text)
	}
	f.Add(`Derive([("a","","r:sha256","impure")],[("/nix/store/` + hashA + `-b.drv",["a","b"])],[],"","\\",["\n"],[("a","\"")])`)
	f.Fuzz(func(t *testing.T, text string) {
		drv, err := derivation.Parse(store.DefaultDir, "fuzz", []byte(text))
		if err != nil {
			var syntax *derivation.SyntaxError
			if !errors.As(err, &syntax) || syntax.Offset < 0 || syntax.Offset > len(text) {
				t.Fatalf("%v is not about a place in the text", err)
			}
			return
		}
		printed, err := drv.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		if string(printed) != text {
			t.Fatalf("%q becomes %q", text, printed)
		}
		// None of these may panic.
		_, _ = drv.Kind()
		_, _, _ = drv.StructuredAttrs()
		_, _ = drv.Path(store.DefaultDir)
		_, _ = derivation.NewHasher(store.DefaultDir, fromMap(nil)).OutputPaths(t.Context(), drv)
	})
}

// TestMemoryOfParse feeds what looks like the beginning of something large.
func TestMemoryOfParse(t *testing.T) {
	text := []byte(`Derive([("out","","","")],[],[],"s","` + strings.Repeat(`\n`, 1<<19))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := derivation.Parse(store.DefaultDir, "a", text); err == nil {
		t.Error("accepted")
	}
	runtime.ReadMemStats(&after)
	if bytes, limit := after.TotalAlloc-before.TotalAlloc, uint64(2*len(text)); bytes > limit {
		t.Errorf("%d bytes allocated for a text of %d", bytes, len(text))
	}
}
