package picker

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// clean makes one line of a text that is not to be trusted with the terminal: what
// could move the cursor or change colours is left out, and so is what terminals
// don't agree on the width of.
func clean(text string) string {
	if plain(text) {
		return text
	}
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsPrint(r):
			return r
		}
		return -1
	}, text)
	var b strings.Builder
	for len(text) > 0 {
		cluster, _ := ansi.FirstGraphemeCluster(text, ansi.GraphemeWidth)
		text = text[len(cluster):]
		b.WriteString(agreed(cluster))
	}
	return b.String()
}

func plain(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] >= 0x7f {
			return false
		}
	}
	return true
}

// tallest is how many parts a character may have. Piles of accents reach into other
// lines.
const tallest = 4

// agreed returns what can be shown of a character that may consist of many: all of
// it if it is equally wide for terminals that know about such characters and for
// those that add up its parts, else its first part. A family of four becomes one
// person.
func agreed(cluster string) string {
	if utf8.RuneCountInString(cluster) <= tallest && sameWidth(cluster) {
		return cluster
	}
	_, n := utf8.DecodeRuneInString(cluster)
	if first := cluster[:n]; sameWidth(first) {
		return first
	}
	return ""
}

func sameWidth(cluster string) bool {
	parts := 0
	for _, r := range cluster {
		parts += ansi.StringWidthWc(string(r))
	}
	return parts > 0 && parts == ansi.StringWidth(cluster) && parts == ansi.StringWidthWc(cluster)
}

// cut shortens a clean text to a number of columns.
func cut(text string, width int) string {
	if width <= 0 {
		return ""
	}
	return ansi.Truncate(text, width, "…")
}

// cutLeft is cut from the other end, for names whose last part says the most.
func cutLeft(text string, width int) string {
	left := ansi.StringWidth(text)
	if left <= width || width <= 1 {
		return cut(text, width)
	}
	for left > width-1 {
		cluster, w := ansi.FirstGraphemeCluster(text, ansi.GraphemeWidth)
		text, left = text[len(cluster):], left-w
	}
	return "…" + text
}

// pad fills a text up to a number of columns.
func pad(text string, width int) string {
	if missing := width - ansi.StringWidth(text); missing > 0 {
		return text + strings.Repeat(" ", missing)
	}
	return text
}

// wrap breaks a text that is not clean yet into lines of a number of columns. Its
// own lines stay apart, with their indentation.
func wrap(text string, width int) []string {
	var lines []string
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		lines = append(lines, wrapLine(strings.TrimRight(clean(line), " "), max(width, 1))...)
	}
	return lines
}

// wrapLine breaks between words, and within those that are wider than a line. (That
// of ansi makes lines too wide, in some cases.)
func wrapLine(text string, width int) []string {
	if ansi.StringWidth(text) <= width {
		return []string{text}
	}
	var lines []string
	indent := len(text) - len(strings.TrimLeft(text, " "))
	line, gap := text[:min(indent, width/2)], ""
	for _, word := range strings.Fields(text) {
		used, wide := ansi.StringWidth(line), ansi.StringWidth(word)
		if gap != "" && used+len(gap)+wide > width {
			lines = append(lines, line)
			line, gap, used = "", "", 0
		}
		for gap == "" && used+wide > width {
			n := fit(word, width-used)
			lines = append(lines, line+word[:n])
			wide -= ansi.StringWidth(word[:n])
			line, word, used = "", word[n:], 0
		}
		line, gap = line+gap+word, " "
	}
	return append(lines, line)
}

// fit is how many bytes of a text fit into a number of columns; at least one
// character, so that there is an end.
func fit(text string, width int) int {
	n := 0
	for n < len(text) {
		cluster, w := ansi.FirstGraphemeCluster(text[n:], ansi.GraphemeWidth)
		if width -= w; width < 0 && n > 0 {
			break
		}
		n += len(cluster)
	}
	return n
}
