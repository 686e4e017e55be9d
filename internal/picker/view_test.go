package picker

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"luminousnix/internal/operation"
)

func TestScreens(t *testing.T) {
	t.Parallel()
	withError := newFake()
	withError.err = errors.New("the catalogue is damaged:\n\x1b[31mblock 7")
	noInfo := newFake()
	noInfo.infoErr = errors.New("block 9 is damaged")
	tests := []struct {
		name     string
		searcher Searcher
		keys     string
	}{
		{"empty", newFake(), ""},
		{"hits", newFake(), "fox"},
		{"option", newFake(), "fox<down>"},
		{"list", newFake(), "fox<tab>j"},
		{"page", newFake(), "fox<enter>"},
		{"page-option", newFake(), "fox<down><enter><end>"},
		{"nothing", newFake(), "zzz"},
		{"error", withError, "fox"},
		{"no-info", noInfo, "fox"},
		{"many", crowd(250), "pack<pgdown><pgdown><down>"},
		{"strange", strange(), "x"},
		{"long-query", newFake(), strings.Repeat("a long query ", 12)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var all strings.Builder
			for _, size := range [][2]int{{80, 24}, {120, 30}, {40, 10}} {
				d := sit(test.searcher, size[0], size[1])
				d.press(test.keys)
				if err := d.check(); err != nil {
					t.Error(err)
				}
				fmt.Fprintf(&all, "=== %dx%d ===\n%s", size[0], size[1], d.screen())
			}
			golden(t, test.name, all.String())
		})
	}
}

// strange are texts that mean harm, or are hard to measure.
func strange() *fake {
	texts := []string{
		"\x1b[2Jclears the screen", "\x1b]0;title\a\x9b31mand colours", "two\nlines\tand a tab\r", "\x00nothing\x7f",
		"日本語のテキストエディタは、とても長い説明を持っています。そして幅が広いので切り取られます。そしてもっと",
		"family 👨‍👩‍👧‍👦, thumb 👍🏽, flag 🇩🇪, heart ❤️, plain 🚀", "cafe\u0301 has an accent of its own", "\u202Eright to left\u202C and no\u200Bspace",
		"not UTF-8: \xff\xfe", strings.Repeat("\u0301", 20) + "z" + strings.Repeat("\u0300", 3),
	}
	f := &fake{infos: map[string]operation.Info{}}
	for i, text := range texts {
		name := fmt.Sprintf("x%d", i)
		if i%3 == 0 {
			name += text
		}
		f.entries = append(f.entries, operation.FoundEntry{Kind: operation.KindPackage, Attribute: name, Version: "1.0" + text[:2], Description: "x" + text, Why: []string{text}})
		f.infos[name] = operation.Info{Catalog: catalogue(), Packages: []operation.PackageDetails{{Attribute: name, Description: text, Homepage: text, Programs: []string{text}}}}
	}
	return f
}

func TestTextsCannotReachTheTerminal(t *testing.T) {
	t.Parallel()
	f := strange()
	for _, size := range [][2]int{{80, 24}, {120, 30}, {40, 10}, {12, 5}} {
		d := sit(f, size[0], size[1])
		d.press("x")
		for range f.entries {
			for _, keys := range []string{"", "<enter>", "<end>", "<esc>"} {
				d.press(keys)
				if err := d.check(); err != nil {
					t.Error(err)
				}
				if text := d.model.View().Content; strings.ContainsAny(text, "\x1b\u009b\x07\x00\r\t") {
					t.Fatalf("a control character is shown: %q", text)
				}
			}
			d.press("<down>")
		}
	}
}

// TestColours: colours only add to the same text.
func TestColours(t *testing.T) {
	t.Parallel()
	for _, keys := range []string{"", "fox", "fox<tab>", "fox<enter>"} {
		without, with := sit(newFake(), 80, 24), sit(newFake(), 80, 24)
		with.model.style.on = true
		without.press(keys)
		with.press(keys)
		a, b := without.model.View().Content, with.model.View().Content
		if strings.Contains(a, "\x1b") {
			t.Errorf("%s: colours where none are wanted: %q", keys, a)
		}
		if !strings.Contains(b, "\x1b[") || trimmed(ansi.Strip(b)) != trimmed(a) {
			t.Errorf("%s: the text with colours is another one:\n%s\n%s", keys, a, b)
		}
	}
}

func trimmed(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.Join(lines, "\n")
}

func TestResize(t *testing.T) {
	t.Parallel()
	d := sit(crowd(90), 80, 24)
	d.press("pack<pgdown><pgdown><pgdown>")
	for _, size := range [][2]int{{40, 10}, {120, 30}, {1, 1}, {2, 2}, {0, 0}, {3, 50}, {300, 3}, {80, 24}} {
		d.send(resized(size[0], size[1]))
		if err := d.check(); err != nil {
			t.Errorf("%v: %v", size, err)
		}
		if shown := "> " + d.model.hit().Attribute; size[0] >= 40 && !strings.Contains(d.screen(), shown) {
			t.Errorf("%v: %q is not shown:\n%s", size, shown, d.screen())
		}
	}
}
