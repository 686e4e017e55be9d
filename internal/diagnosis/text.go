package diagnosis

import (
	"strings"
)

// text is what an error says, in two forms of the same length: as it is to be shown,
// and as it is compared: in small letters, with spaces in place of line breaks.
type text struct{ shown, flat string }

func newText(lines []string) text {
	shown := strings.Join(lines, "\n")
	flat := []byte(shown)
	for i, c := range flat {
		switch {
		case c == '\n':
			flat[i] = ' '
		case 'A' <= c && c <= 'Z':
			flat[i] = c + 'a' - 'A'
		}
	}
	return text{shown, string(flat)}
}

// clean makes lines of a text: without colours, with one kind of quote and single
// spaces, and without excerpts of source files.
func clean(raw string) []string {
	raw = strings.NewReplacer(
		"‘", "'", "’", "'", "“", "'", "”", "'", `"`, "'", "`", "'", "\r", "\n", "\u00a0", " ",
	).Replace(withoutEscapes(raw))
	var lines []string
	for line := range strings.Lines(raw) {
		line = strings.Join(strings.Fields(line), " ")
		line = strings.TrimPrefix(line, "> ") // the log of a build within an error
		if line != "" && !excerpt(line) {
			lines = append(lines, line)
		}
	}
	return lines
}

// excerpt knows lines such as "12| x = 1;" and "| ^".
func excerpt(line string) bool {
	rest := strings.TrimLeft(line, "0123456789")
	return strings.HasPrefix(rest, "|") && !strings.HasPrefix(rest, "||")
}

// withoutEscapes leaves out the sequences that colour text in a terminal, make links of
// it or set titles: ESC [ … letter, and ESC ] … up to BEL or ESC \.
func withoutEscapes(s string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(s, "\x1b")
		if !found {
			if b.Len() == 0 {
				return s
			}
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(before)
		s = rest
		switch {
		case strings.HasPrefix(s, "["):
			end := strings.IndexFunc(s[1:], func(r rune) bool { return r >= '@' && r <= '~' })
			if end < 0 {
				return b.String()
			}
			s = s[end+2:]
		case strings.HasPrefix(s, "]"):
			end := strings.IndexAny(s, "\a\x1b")
			if end < 0 {
				return b.String()
			}
			s = strings.TrimPrefix(strings.TrimPrefix(s[end:], "\a"), "\x1b\\")
		}
	}
}

// telling is the line that tells most: Nix ends with it since 2.20 and begins with it
// before, in either case as the last that says "error:" and something more.
func telling(lines []string) string {
	best, rank := "", -1
	for _, line := range lines {
		if r := weight(line); r >= rank && r >= 0 {
			best, rank = line, r
			if at := strings.Index(line, "error: "); at > 0 && line[at-1] == ' ' {
				best = line[at:]
			}
		}
	}
	return best
}

// weight is how much a line tells; -1 is nothing.
func weight(line string) int {
	lower := strings.ToLower(line)
	has := func(words ...string) bool {
		for _, word := range words {
			if strings.Contains(lower, word) {
				return true
			}
		}
		return false
	}
	switch {
	case strings.HasPrefix(line, "… ") || strings.HasPrefix(line, "at ") || lower == "error:":
		return -1
	case strings.HasPrefix(lower, "error: ") && !has("dependencies of derivation", "build of '"):
		return 4
	case has("error:", "fatal:"):
		return 3
	case has("fail", "cannot", "unable", "denied", "not found", "could not", "no such", "no space left", "out of memory", "killed"):
		return 2
	case isWarning(lower):
		return 0
	}
	return 1
}
