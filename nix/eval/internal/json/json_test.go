package json_test

import (
	stdjson "encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"luminousnix/nix/eval/internal/json"
)

func TestParse(t *testing.T) {
	t.Parallel()
	number := func(n int64) json.Value { return json.Value{Kind: json.Int, Int: n} }
	tests := []struct {
		text string
		want json.Value
	}{
		{"null", json.Value{}},
		{" true ", json.Value{Kind: json.Bool, Bool: true}},
		{"\ufeff1", number(1)},
		{"-0", number(0)},
		{"-9223372036854775808", number(math.MinInt64)},
		{"9223372036854775808", json.Value{Kind: json.Unsigned, Uint: 1 << 63}},
		{"18446744073709551616", json.Value{Kind: json.Float, Float: 1 << 64}},
		{"-9223372036854775809", json.Value{Kind: json.Float, Float: math.MinInt64}},
		{"1e2", json.Value{Kind: json.Float, Float: 100}},
		{`"\ud83d\ude00\u0000/"`, json.Value{Kind: json.String, Text: "😀\x00/"}},
		{`[1,[]]`, json.Value{Kind: json.Array, List: []json.Value{number(1), {Kind: json.Array}}}},
		{`{"b":1,"a":2,"b":3}`, json.Value{Kind: json.Object, Members: []json.Member{
			{Key: "b", Value: number(1)},
			{Key: "a", Value: number(2)},
			{Key: "b", Value: number(3)},
		}}},
	}
	for _, test := range tests {
		got, err := json.Parse(test.text)
		if err != nil {
			t.Errorf("%s: %v", test.text, err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.text, diff)
		}
	}
}

func TestAppendString(t *testing.T) {
	t.Parallel()
	const all = "a\"\\/\b\f\n\r\t\x01\x1f\x7f é😀\u2028"
	got, err := json.AppendString(nil, all)
	if err != nil {
		t.Fatal(err)
	}
	if want := `"a\"\\/\b\f\n\r\t\u0001\u001f` + "\x7f é😀\u2028\""; string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for text, want := range map[string]string{
		"ab\xffc":      "invalid UTF-8 byte at index 2: 0xFF",
		"\xe2\x82x":    "invalid UTF-8 byte at index 2: 0x78",
		"\xe2\x82":     "incomplete UTF-8 string; last byte: 0x82",
		"\xed\xa0\x80": "invalid UTF-8 byte at index 1: 0xA0",
	} {
		var e *json.Error
		if _, err := json.AppendString(nil, text); !errors.As(err, &e) || e.Message != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func TestAppendFloat(t *testing.T) {
	t.Parallel()
	for f, want := range map[float64]string{
		1: "1.0", 0.1: "0.1", 1e10: "10000000000.0", 1e-4: "0.0001", 1e-5: "1e-05", 1.234567e-5: "1.234567e-05",
		1e14: "100000000000000.0", 1e15: "1e+15", 1e100: "1e+100", 0.30000000000000004: "0.30000000000000004", -1.5: "-1.5",
		math.MaxFloat64: "1.7976931348623157e+308", math.Inf(1): "null", 0: "0.0", 123456789012345678: "1.2345678901234568e+17",
	} {
		if got := string(json.AppendFloat(nil, f)); got != want {
			t.Errorf("%g: got %s, want %s", f, got, want)
		}
	}
	if got := string(json.AppendFloat(nil, math.Copysign(0, -1))); got != "-0.0" {
		t.Errorf("minus zero: %s", got)
	}
}

// FuzzParse compares with encoding/json, which accepts the same texts but for
// what is not UTF-8, surrogates without a partner and a mark at the beginning.
func FuzzParse(f *testing.F) {
	for _, text := range malformed() {
		f.Add(text)
	}
	f.Add(`{"a": [1, -2.5e3, "\u00e9"]}`)
	f.Fuzz(func(t *testing.T, text string) {
		v, err := json.Parse(text)
		var e *json.Error
		if err != nil && !errors.As(err, &e) {
			t.Fatalf("error %#v", err)
		}
		if !utf8.ValidString(text) || strings.Contains(text, `\u`) || strings.HasPrefix(text, "\ufeff") || strings.Contains(text, "\x00") {
			return
		}
		var other any
		if otherErr := stdjson.Unmarshal([]byte(text), &other); (err == nil) != (otherErr == nil) {
			t.Fatalf("%q: %v, encoding/json: %v", text, err, otherErr)
		}
		if err == nil && v.Kind == json.String {
			printed, err := json.AppendString(nil, v.Text)
			if err != nil {
				t.Fatal(err)
			}
			again, err := json.Parse(string(printed))
			if err != nil || again.Text != v.Text {
				t.Errorf("%s became %q: %v", printed, again.Text, err)
			}
		}
	})
}
