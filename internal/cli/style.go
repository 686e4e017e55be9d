package cli

import (
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// style colours text where that is wanted.
type style struct{ on bool }

func (s style) wrap(code, text string) string {
	if !s.on || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (s style) bold(text string) string  { return s.wrap("1", text) }
func (s style) dim(text string) string   { return s.wrap("2", text) }
func (s style) red(text string) string   { return s.wrap("31", text) }
func (s style) green(text string) string { return s.wrap("32", text) }

// numbered puts a number before each row at the prompt, where rows can be referred to.
func (a *app) numbered(rows [][]string, before int) [][]string {
	if !a.talking {
		return rows
	}
	for i, row := range rows {
		number := "#"
		if i > 0 {
			number = strconv.Itoa(before + i)
		}
		rows[i] = append([]string{number}, row...)
	}
	return rows
}

// table writes rows as the presentation does; the first row is the head.
func (a *app) table(w io.Writer, rows [][]string) { a.presented().table(w, rows) }

// columns writes rows in columns as wide as their widest cell. On a terminal lines are cut
// to its width.
func (a *app) columns(w io.Writer, rows [][]string) {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var line strings.Builder
	for n, row := range rows {
		line.Reset()
		writeRow(&line, row, widths)
		text := a.cut(strings.TrimRight(line.String(), " "))
		if n == 0 {
			text = a.style.dim(text)
		}
		io.WriteString(w, text)
		io.WriteString(w, "\n")
	}
}

func writeRow(b *strings.Builder, row []string, widths []int) {
	const spaces = "                                        "
	for i, cell := range row {
		b.WriteString(clean(cell))
		if i == len(row)-1 {
			return
		}
		for gap := widths[i] - utf8.RuneCountInString(cell) + 2; gap > 0; gap -= len(spaces) {
			b.WriteString(spaces[:min(gap, len(spaces))])
		}
	}
}

// clean leaves out what could move the cursor or change colours: file names and
// the output of programs are not to be trusted with the terminal.
func clean(text string) string {
	for i := range len(text) {
		if text[i] < ' ' || text[i] >= 0x7f {
			return strings.Map(func(r rune) rune {
				if unicode.IsPrint(r) {
					return r
				}
				return -1
			}, text)
		}
	}
	return text
}

// cut shortens a line to the terminal's width.
func (a *app) cut(line string) string {
	if a.Width < 10 || utf8.RuneCountInString(line) <= a.Width {
		return line
	}
	runes := []rune(line)
	return string(runes[:a.Width-1]) + "…"
}

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}
