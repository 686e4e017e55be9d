package cli

import (
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/operation"
)

func TestSpeech(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"  indented\n    more\n":                    "indented\nmore\n",
		"2025-11-28  root  done: it  \n":            "2025-11-28, root, done: it\n",
		"One.  Two":                                 "One. Two",
		"9.7 → 9.8, naïve café ✓ 🎉 x":               "9.7 to 9.8, naïve café, x",
		"a→b":                                       "a to b",
		"a … (9)":                                   "a and so on (9)",
		"│ box │\x1b[1mbold":                        "box [1mbold",
		"  - first\n- second\n-p user\n  + x - y\n": "first\nsecond\n-p user\nx - y\n",
		"„quoted“ – dashed":                         `"quoted" - dashed`,
		"/nix/store/52r5r5p51z1xb7c2vjp43wab7g27mddw-vim-9.1": "vim-9.1",
		"\n\n": "\n\n",
	} {
		if diff := cmp.Diff(want, (&speech{start: true}).put(text)); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}

func TestSpeechGoesOn(t *testing.T) {
	t.Parallel()
	s := &speech{start: true}
	if got := s.put("  a ") + s.put(" b") + s.put("\n") + s.put("  c"); got != "a, b\nc" {
		t.Errorf("%q", got)
	}
}

// FuzzSpeech: no signs, no run of spaces, and no line begins or ends with one; letters and
// digits all stay.
func FuzzSpeech(f *testing.F) {
	for _, text := range []string{"a  b\n", "→→ x", "ß - ñ", "\t\t", "1→\n2", "-- \u00a0 …", "\xff"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := (&speech{start: true}).put(text)
		if strings.Contains(got, "  ") || strings.Contains(got, " \n") || strings.Contains("\n"+got, "\n ") {
			t.Errorf("%q became %q", text, got)
		}
		for _, r := range got {
			if r != '\n' && (r < ' ' || r >= 0x7f) && !unicode.In(r, unicode.L, unicode.M, unicode.N) {
				t.Errorf("%q became %q", text, got)
			}
		}
		if !strings.ContainsAny(text, "/→…≥≤×") && letters(text) != letters(got) {
			t.Errorf("%q became %q", text, got)
		}
	})
}

func letters(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.L, unicode.M, unicode.N) {
			return r
		}
		return -1
	}, text)
}

// clock is a time that passes when it is told to, with one timer.
type clock struct {
	now  time.Time
	due  time.Time
	call func()
}

func (c *clock) Stop() bool { c.call = nil; return true }

func (c *clock) later(d time.Duration, f func()) stopper {
	c.due, c.call = c.now.Add(d), f
	return c
}

func (c *clock) pass(d time.Duration) {
	c.now = c.now.Add(d)
	if c.call != nil && !c.now.Before(c.due) {
		call := c.call
		c.call = nil
		call()
	}
}

// TestProgressInSentences: the first at once, others not sooner than after some seconds,
// then the newest; nothing after the end, and what is urgent at once.
func TestProgressInSentences(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	c := &clock{now: time.Unix(1000, 0)}
	p := &speaker{to: &out, every: sayEvery, now: func() time.Time { return c.now }, later: c.later}
	expect := func(want string) {
		t.Helper()
		if diff := cmp.Diff(want, out.String()); diff != "" {
			t.Error(diff)
		}
		out.Reset()
	}
	phase := func(name, text string) {
		p.observe(operation.Event{Kind: operation.EventPhase, Phase: name, Text: text})
	}
	phase("evaluate", "Evaluating git")
	expect("Evaluating git.\n")
	phase("build", "Building and downloading")
	p.observe(operation.Event{Kind: operation.EventStart, Text: "downloading vim"})
	c.pass(time.Second)
	p.observe(operation.Event{Kind: operation.EventProgress, Unit: operation.Bytes, Done: 1 << 20, Expected: 3 << 20})
	expect("")
	c.pass(3 * time.Second)
	expect("1.0 MiB of 3.0 MiB done.\n")
	p.observe(operation.Event{Kind: operation.EventProgress, Unit: operation.Items, Done: 7})
	phase("revert", "Going back: it failed")
	expect("Going back: it failed.\n")
	p.observe(operation.Event{Kind: operation.EventWarning, Text: "odd"})
	expect("Warning: odd.\n")
	phase("verify", "Checking")
	p.quiet()
	c.pass(time.Minute)
	expect("")
	phase("check", "Again")
	expect("Again.\n")
}
