package regex_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/nix/eval/internal/regex"
)

func TestMatch(t *testing.T) {
	t.Parallel()
	tests := []struct {
		pattern, text string
		want          any // null or the groups
	}{
		{"ab", "abc", nil},
		{"abc", "abc", []any{}},
		{"a(b)(c)", "abc", []any{"b", "c"}},
		{"(a)|(b)", "b", []any{nil, "b"}},
		{"(a|ab)(c|bcd)(d*)", "abcd", []any{"a", "bcd", ""}}, // POSIX would take ab
		{"((a)|b)*", "ab", []any{"b", "a"}},                  // POSIX would forget a
		{"(a*)*", "aa", []any{""}},                           // a last turn takes nothing
		{".", "é", nil},                                      // two bytes
		{"..", "é", []any{}},
		{"(.)[^a]", "é", []any{"\xc3"}},
		{`[\.]+`, `\.`, []any{}},
		{"[[:upper:]]+([[:digit:]]*)", "AB12", []any{"12"}},
		{"a.b", "a\nb", []any{}},
		{"", "", []any{}},
		{"[-_]+", "-_", []any{}},
		{"[--/]+", "-./", []any{}},
	}
	for _, test := range tests {
		re, err := regex.Compile(test.pattern)
		if err != nil {
			t.Errorf("%q: %v", test.pattern, err)
			continue
		}
		if diff := cmp.Diff(test.want, match(t, re, test.text)); diff != "" {
			t.Errorf("%q on %q (-want +got):\n%s", test.pattern, test.text, diff)
		}
	}
}

func TestFindAll(t *testing.T) {
	t.Parallel()
	tests := []struct {
		pattern, text string
		want          []any
	}{
		{"(a)b", "abc", []any{"", []any{"a"}, "c"}},
		{"([ac])", "abc", []any{"", []any{"a"}, "b", []any{"c"}, ""}},
		{"a|ab", "abab", []any{"", []any{}, "", []any{}, ""}}, // the longest
		{"a*(ab)*", "aab", []any{"", []any{nil}, "", []any{nil}, "b", []any{nil}, ""}},
		{"^a", "aa", []any{"", []any{}, "a"}},
		{"x*", "ab", []any{"", []any{}, "a", []any{}, "b", []any{}, ""}},
		{",", "", []any{""}},
	}
	for _, test := range tests {
		re, err := regex.Compile(test.pattern)
		if err != nil {
			t.Errorf("%q: %v", test.pattern, err)
			continue
		}
		if diff := cmp.Diff(any(test.want), split(t, re, test.text)); diff != "" {
			t.Errorf("%q on %q (-want +got):\n%s", test.pattern, test.text, diff)
		}
	}
}

func TestCompileErrors(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]error{
		"a{2147483647}": regex.ErrTooLarge,
		"a{2147483648}": regex.ErrSyntax,
		"(":             regex.ErrSyntax,
		"a\x00":         regex.ErrSyntax,
		strings.Repeat("(", 50_000) + strings.Repeat(")", 50_000): regex.ErrTooLarge,
	} {
		if _, err := regex.Compile(pattern); !errors.Is(err, want) {
			t.Errorf("%.20q: %v, want %v", pattern, err, want)
		}
	}
}

// TestHardSearches has searches that take the C++ library longer than anybody
// waits, or that crash it.
func TestHardSearches(t *testing.T) {
	t.Parallel()
	tests := []struct {
		pattern, text string
		matches       bool
	}{
		{"(a|a)*b", strings.Repeat("a", 5000), false},
		{"(a*)*b", strings.Repeat("a", 2000), false},
		{"(a?){30}a{30}", strings.Repeat("a", 30), true},
		{"((a*)*(b*)*)*c", strings.Repeat("ab", 500), false},
		{"(a|b)*c", strings.Repeat("ab", 50_000) + "c", true},
		{"(.*)x(.*)", strings.Repeat("y", 1_000_000) + "x", true},
	}
	for _, test := range tests {
		re, err := regex.Compile(test.pattern)
		if err != nil {
			t.Fatal(err)
		}
		if found, err := re.Match(test.text); err != nil || (found != nil) != test.matches {
			t.Errorf("%q: match %v, error %v", test.pattern, found != nil, err)
		}
		if _, err := re.FindAll(test.text[:min(len(test.text), 3000)]); err != nil {
			t.Errorf("%q: %v", test.pattern, err)
		}
	}

	re, err := regex.Compile("(a|b)*")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := re.Match(strings.Repeat("a", 2_000_000)); !errors.Is(err, regex.ErrTooLarge) {
		t.Errorf("nested too deeply: %v", err)
	}
}

// FuzzMatch compares whether a text matches with package regexp, for patterns
// that mean the same to both.
func FuzzMatch(f *testing.F) {
	f.Add("(a|b)*c", "abc")
	f.Add("a{1,2}[^b]+", "aac")
	f.Add("(a*)*", "aa")
	f.Add("[[:alpha:]-]", "-")
	f.Add("[[=a=]]", "A")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) > 50 || len(text) > 50 {
			return
		}
		re, err := regex.Compile(pattern)
		if err != nil {
			return
		}
		found, err := re.Match(text)
		if err != nil {
			t.Fatal(err)
		}
		all, err := re.FindAll(text)
		if err != nil {
			t.Fatal(err)
		}
		end := 0
		for _, one := range all {
			if one[0] < end || one[1] < one[0] || len(one) != 2+2*re.Groups() {
				t.Fatalf("matches %v", all)
			}
			end = one[1]
		}
		if strings.ContainsAny(pattern, "[^${\\") || !isASCII(pattern+text) {
			return
		}
		other, err := regexp.Compile("(?s)^(?:" + plain(pattern) + ")$")
		if err != nil {
			return // such as a**
		}
		if got, want := found != nil, other.MatchString(text); got != want {
			t.Errorf("%q on %q: %v, regexp says %v", pattern, text, got, want)
		}
	})
}

// plain takes out what package regexp gives a meaning of its own.
func plain(pattern string) string {
	for _, lazy := range []string{"*?", "+?", "??", "(?"} {
		if strings.Contains(pattern, lazy) {
			return "(" // is refused
		}
	}
	return pattern
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r == 0 || r > 0x7e })
}

func BenchmarkSplitLines(b *testing.B) {
	text := strings.Repeat("a line of a file\n", 10_000)
	for _, pattern := range []string{"\n", "(\r?\n)", "[[:space:]]+"} {
		b.Run(fmt.Sprintf("%q", pattern), func(b *testing.B) {
			re, err := regex.Compile(pattern)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if _, err := re.FindAll(text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func ExampleRegexp_Match() {
	re, err := regex.Compile("([a-z]+)-([0-9.]+)(-.*)?")
	if err != nil {
		panic(err)
	}
	offsets, err := re.Match("hello-2.12")
	fmt.Println(offsets, err)
	// Output: [0 10 0 5 6 10 -1 -1] <nil>
}
