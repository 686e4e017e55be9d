package cli

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// feed gives keys to the translation in pieces of so many bytes.
func feed(typed string, piece int) *keys {
	k := &keys{}
	for len(typed) > 0 {
		n := min(piece, len(typed))
		k.in, typed = append(k.in, typed[:n]...), typed[n:]
		for k.translate() {
		}
	}
	return k
}

func TestKeys(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"vim é\r":                               "vim é\r",
		"\x1b[1~a\x1bOFb":                       "\x01a\x05b",
		"\x1b[A\x1bOB\x1b[1;5D":                 "\x1b[A\x1b[B\x1b[1;3D",
		"\x1bx\x1b\x1by":                        "xy",
		"ab\x03":                                "ab\uf8fe\r",
		"\x1b[200~a\tb\x1b[201~c":               "a bc",
		"\x1b[200~a\r\nb\x1b[201~c":             "[paste 1, 2 lines]c",
		"\x1b[200~a\x03\x1b[31m\x00\x1b[201~\r": "a[31m\r",
		"\x1b[200~" + strings.Repeat("x", 600) + "\x1b[201~":         "[paste 1]",
		"\x1b[200~" + strings.Repeat("long ", 500_000) + "\x1b[201~": "[paste 1]",
	} {
		for _, piece := range []int{1, 3, 4096} {
			if piece < 4096 && len(typed) > 1000 {
				continue
			}
			if diff := cmp.Diff(want, string(feed(typed, piece).out)); diff != "" {
				t.Errorf("%.40q in pieces of %d (-want +got):\n%s", typed, piece, diff)
			}
		}
	}
	k := feed("why \x1b[200~error:\n  undefined\n\x1b[201~", 4096)
	text, pasted := k.expand("why [paste 1, 2 lines]")
	if text != "why error:\n  undefined" || !pasted {
		t.Errorf("got %q, %v", text, pasted)
	}
	if text, pasted := k.expand("why [paste 1, 2 lines]"); text != "why [paste 1, 2 lines]" || pasted {
		t.Errorf("the paste of the line before: %q, %v", text, pasted)
	}
}

func FuzzKeys(f *testing.F) {
	f.Add("a\x1b[200~b\nc\x1b[201~\x03\x1b[1;5D\x1bOA", 3)
	f.Fuzz(func(t *testing.T, typed string, piece int) {
		if piece < 1 || piece > 4096 {
			return
		}
		if out := string(feed(typed, piece).out); strings.Contains(out, "\x03") {
			t.Errorf("Ctrl-C gets through in %q", out)
		}
	})
}
