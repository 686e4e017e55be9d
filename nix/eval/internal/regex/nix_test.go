package regex_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/testbed"
	"luminousnix/nix/eval/internal/regex"
)

// randomPattern makes a pattern of at most the given depth. Not all of them are
// valid.
func randomPattern(random *rand.Rand, depth int) string {
	atoms := []string{"a", "b", "ab", ".", "[ab]", "[^a]", "[[:alpha:]]", "[a-]", "c", "-", "()", "^", "$", `\.`, "[b-c]", "[-b]", "[^-a]", "[--a]", "[a-b-]", "[]a]", "[[=a=]]", "[[.hyphen.]]"}
	if depth == 0 {
		return atoms[random.IntN(len(atoms))]
	}
	sub := func() string { return randomPattern(random, random.IntN(depth)) }
	switch random.IntN(9) {
	case 0, 1:
		return "(" + sub() + ")" + repetition(random)
	case 2:
		return "(" + sub() + "|" + sub() + ")" + repetition(random)
	case 3:
		return sub() + "|" + sub()
	case 4, 5, 6:
		return sub() + sub()
	case 7:
		return sub() + repetition(random)
	}
	return sub() + sub() + sub()
}

func repetition(random *rand.Rand) string {
	all := []string{"", "", "*", "+", "?", "{2}", "{1,}", "{0,2}", "{0}", "+?"}
	return all[random.IntN(len(all))]
}

func randomText(random *rand.Rand) string {
	letters := []string{"a", "b", "c", "A", "-", "."}
	var text strings.Builder
	for range random.IntN(6) {
		text.WriteString(letters[random.IntN(len(letters))])
	}
	return text.String()
}

// TestRealNix compares matches and splits of random patterns and texts with what
// each release of Nix makes of them.
// Bytes that are not ASCII are left out: Nix cannot print the pieces.
func TestRealNix(t *testing.T) {
	t.Parallel()
	const count = 3000
	random := rand.New(rand.NewPCG(1, 2))
	type question struct{ pattern, text string }
	var questions []question
	var expression strings.Builder
	expression.WriteString("[\n")
	for len(questions) < count {
		q := question{randomPattern(random, 3), randomText(random)}
		if _, err := regex.Compile(q.pattern); err != nil {
			continue
		}
		questions = append(questions, q)
		p, s := nixString(q.pattern), nixString(q.text)
		fmt.Fprintf(&expression, "(builtins.match %s %s) (builtins.split %s %s)\n", p, s, p, s)
	}
	expression.WriteString("]")

	for _, release := range testbed.AllReleases(t) {
		t.Run(release.Name, func(t *testing.T) {
			t.Parallel()
			bed := testbed.NewWith(t, testbed.Options{Release: release})
			answer, err := evaluate(t.Context(), bed, expression.String())
			if err != nil {
				t.Fatal(err)
			}
			var want []any
			if err := json.Unmarshal(answer, &want); err != nil {
				t.Fatal(err)
			}
			for i, q := range questions {
				re, err := regex.Compile(q.pattern)
				if err != nil {
					t.Fatal(err)
				}
				got := []any{match(t, re, q.text), split(t, re, q.text)}
				if diff := cmp.Diff(want[2*i:2*i+2], got); diff != "" {
					t.Errorf("%q on %q (-Nix +got):\n%s", q.pattern, q.text, diff)
				}
			}
		})
	}
}

// TestRealNixErrors compares which patterns are refused, and why.
func TestRealNixErrors(t *testing.T) {
	t.Parallel()
	patterns := []string{
		"", "*", "a|*b", "(", ")", "(a", "a)", "[", "[]", "[^]", "[]]", "[^]]", "a{", "a{1", "a{1,", "a{,2}", "a{2,1}", "a{1}{2}", "{1}",
		"]", "}", "a}", "a]", `\`, `\d`, `\-`, `\]`, `\}`, `\{`, `\/`, `a\n`, "[a", "[a-", "[z-a]", "[a-c-e]", "[--0]", "[a-]", "[-a]", "[---]", "[-----]", "[a--]",
		"[[:foo:]]", "[[:ALPHA:]]", "[[:alpha:]-z]", "[a-[:alpha:]]", "[[:alpha]", "[[.a.]-c]", "[[.-.]]", "[[.hyphen.]]", "[[=a=]]", "[[=ab=]]", `[\]`, `[\n]`, `[a\]b]`,
		"()", "(|)", "a||b", "|", "^*", "$+", "a^b", "(^a)", "a**", "a+*?", "a{99999}", "a{100000}", "a{50000,}", "(a{1000}){100}", "(a{1000}){1000}", "[é]", "[a-é]", "[é-a]",
		"(a{10}){0}", "((a|b){300}c?){160}", "(a?){33331}", "(a?){33332}", "(a?){24999}", "(a?){25000}", "(a{0,4}){9000}",
	}
	for _, release := range testbed.AllReleases(t) {
		t.Run(release.Name, func(t *testing.T) {
			t.Parallel()
			bed := testbed.NewWith(t, testbed.Options{Release: release})
			for _, pattern := range patterns {
				_, err := evaluate(t.Context(), bed, `builtins.match `+nixString(pattern)+` ""`)
				want := "accepted"
				switch {
				case err == nil:
				case strings.Contains(err.Error(), "invalid regular expression"):
					want = regex.ErrSyntax.Error()
				case strings.Contains(err.Error(), "memory limit exceeded"):
					want = regex.ErrTooLarge.Error()
				default:
					t.Fatal(err)
				}
				got := "accepted"
				if _, err := regex.Compile(pattern); err != nil {
					got = err.Error()
				}
				if got != want {
					t.Errorf("%q: %s, but Nix: %s", pattern, got, want)
				}
			}
		})
	}
}

func evaluate(ctx context.Context, bed *testbed.Nix, expression string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	cmd := bed.Command(ctx, "nix-instantiate", "--eval", "--strict", "--json", "-")
	cmd.Stdin = strings.NewReader(expression)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		err = errors.New(stderr.String())
	}
	return out, err
}

func nixString(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, `$`, `\$`).Replace(s) + `"`
}

// match is what builtins.match returns, as JSON has it.
func match(t *testing.T, re *regex.Regexp, text string) any {
	t.Helper()
	found, err := re.Match(text)
	if err != nil {
		t.Fatal(err)
	}
	if found == nil {
		return nil
	}
	return groups(found, text)
}

func split(t *testing.T, re *regex.Regexp, text string) any {
	t.Helper()
	all, err := re.FindAll(text)
	if err != nil {
		t.Fatal(err)
	}
	parts := []any{}
	end := 0
	for _, found := range all {
		parts = append(parts, text[end:found[0]], groups(found, text))
		end = found[1]
	}
	return append(parts, text[end:])
}

func groups(found []int, text string) []any {
	list := []any{}
	for i := 2; i < len(found); i += 2 {
		if found[i] < 0 {
			list = append(list, nil)
		} else {
			list = append(list, text[found[i]:found[i+1]])
		}
	}
	return list
}
