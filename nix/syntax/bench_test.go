package syntax_test

import (
	"os"
	"strings"
	"testing"

	"luminousnix/nix/syntax"
)

// large is the configuration of the edit tests, many times.
func large(tb testing.TB) []byte {
	tb.Helper()
	source, err := os.ReadFile("testdata/edit/configuration.nix")
	if err != nil {
		tb.Fatal(err)
	}
	return []byte("[\n" + strings.Repeat("(\n"+string(source)+")\n", 200) + "]\n")
}

func BenchmarkParse(b *testing.B) {
	source := large(b)
	b.SetBytes(int64(len(source)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := syntax.Parse("large.nix", source, syntax.ParseOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDesugar(b *testing.B) {
	source := large(b)
	f, err := syntax.Parse("large.nix", source, syntax.ParseOptions{})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(source)))
	for b.Loop() {
		syntax.Desugar(f, syntax.Dirs{Base: "/", Home: "/"})
	}
}

func BenchmarkTree(b *testing.B) {
	source := large(b)
	f, err := syntax.Parse("large.nix", source, syntax.ParseOptions{})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(source)))
	for b.Loop() {
		syntax.NewTree(f)
	}
}
