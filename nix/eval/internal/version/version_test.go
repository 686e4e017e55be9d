package version_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"luminousnix/nix/eval/internal/version"
)

func TestCompare(t *testing.T) {
	t.Parallel()
	tests := []struct {
		a, b string
		want int
	}{
		{"1.0", "2.3", -1},
		{"2.1", "2.3", -1},
		{"2.3", "2.3", 0},
		{"2.5", "2.3", 1},
		{"2.3.1", "2.3", 1},
		{"2.3.1", "2.3a", 1},
		{"2.3pre1", "2.3", -1},
		{"2.3pre3", "2.3pre12", -1},
		{"2.3a", "2.3c", -1},
		{"2.3pre1", "2.3c", -1},
		{"2.3pre1", "2.3q", -1},
		{"1.", "1", 0},
		{"007", "7", 0},
		{"", "a", -1},
		{"3000000000", "2999999999", 1}, // too large for numbers
		{"3000000000", "2", -1},
		{"2147483647", "2147483648", 1},
	}
	for _, test := range tests {
		if got := version.Compare(test.a, test.b); got != test.want {
			t.Errorf("%q and %q: got %d, want %d", test.a, test.b, got, test.want)
		}
	}
}

func TestCompareIsAnOrder(t *testing.T) {
	t.Parallel()
	versions := rapid.StringMatching(`([0-9]{1,3}|pre|a|rc|\.|-){0,6}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := versions.Draw(t, "a"), versions.Draw(t, "b")
		if x, y := version.Compare(a, b), version.Compare(b, a); x != -y {
			t.Fatalf("%q and %q: %d one way, %d the other", a, b, x, y)
		}
		if version.Compare(a, a) != 0 {
			t.Fatalf("%q is not equal to itself", a)
		}
	})
}

func TestSplit(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"":              nil,
		"1.2-a3..b--4x": {"1", "2", "a", "3", "b", "4", "x"},
		"é5_x":          {"é", "5", "_x"},
		".-":            nil,
	} {
		if diff := cmp.Diff(want, version.Split(text)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

func TestParseName(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][2]string{
		"nix-0.12pre12876": {"nix", "0.12pre12876"},
		"a-1":              {"a", "1"},
		"a--1":             {"a", "-1"},
		"a-b-":             {"a-b-", ""},
		"-1":               {"", "1"},
		"a-B-2-c":          {"a-B", "2-c"},
		"a-":               {"a-", ""},
		"a-é1":             {"a", "é1"},
		"":                 {"", ""},
	} {
		name, number := version.ParseName(text)
		if diff := cmp.Diff(want, [2]string{name, number}); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

func ExampleCompare() {
	fmt.Println(version.Compare("2.3pre1", "2.3"), version.Compare("2.10", "2.9"))
	// Output: -1 1
}
