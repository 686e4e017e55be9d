package toml_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"luminousnix/nix/eval/internal/toml"
)

func TestParse(t *testing.T) {
	t.Parallel()
	table, err := toml.Parse("a = 1\nb = 1.0\nc = -inf\nd = 2024-02-03 04:05:06.5Z\n[[e]]\nf.g = 'x'\n")
	if err != nil {
		t.Fatal(err)
	}
	one := func(key string, v *toml.Value) *toml.Table {
		return &toml.Table{Entries: []toml.Entry{{Key: key, Value: v}}}
	}
	element := &toml.Value{Kind: toml.TableKind, Table: one("f", &toml.Value{
		Kind: toml.TableKind, Table: one("g", &toml.Value{Kind: toml.String, Text: "x"}),
	})}
	want := &toml.Table{Entries: []toml.Entry{
		{Key: "a", Value: &toml.Value{Kind: toml.Int, Int: 1}},
		{Key: "b", Value: &toml.Value{Kind: toml.Float, Float: 1}},
		{Key: "c", Value: &toml.Value{Kind: toml.Float, Float: math.Inf(-1)}},
		{Key: "d", Value: &toml.Value{Kind: toml.Timestamp, Text: "2024-02-03T04:05:06.500Z"}},
		{Key: "e", Value: &toml.Value{Kind: toml.Array, List: []*toml.Value{element}, Table: &toml.Table{}}},
	}}
	if diff := cmp.Diff(want, table, cmpopts.IgnoreUnexported(toml.Table{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestError(t *testing.T) {
	t.Parallel()
	_, err := toml.Parse("x = 1\nattr = 9223372036854775808")
	var e *toml.Error
	if !errors.As(err, &e) {
		t.Fatalf("error %v", err)
	}
	want := strings.Join([]string{
		"[error] toml::parse_dec_integer: too large integer: current max digits = 2^63",
		" --> fromTOML",
		"   |",
		" 2 | attr = 9223372036854775808",
		"   |                           ^-- must be < 2^63",
		"",
	}, "\n")
	if diff := cmp.Diff(want, e.Error()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if _, err := toml.Parse("a = " + strings.Repeat("[", 100_000)); err == nil {
		t.Error("any depth is accepted")
	}
}

// FuzzParse finds texts on which the parser panics or whose error is not one that
// it promises.
func FuzzParse(f *testing.F) {
	for _, text := range documents() {
		f.Add(text)
	}
	for _, text := range timestamps() {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		table, err := toml.Parse(text)
		var e *toml.Error
		if err != nil && (!errors.As(err, &e) || e.Line < 1 || e.Column < 1 || e.Error() == "") {
			t.Fatalf("error %#v", err)
		}
		if (table == nil) != (err != nil) {
			t.Fatalf("table %v, error %v", table, err)
		}
	})
}
