package syntax

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Render is the error as nix-instantiate prints it, over several lines: the
// message, the position and the source around it. It has no line end at its end.
// Hint is not part of it.
func (e *Error) Render() string {
	text := "error: " + strings.ReplaceAll(e.Message, "\n", "\n       ") +
		"\n       at " + e.At(e.Start) + ":"
	if excerpt := e.File.Excerpt(e.Start); excerpt != "" {
		text += "\n" + excerpt
	}
	return ExpandTabs(text)
}

// Excerpt is the line of a position and those before and after it, with their
// numbers and a caret below the position, as Nix prints it. It has no line end at
// its end, and has tabs as the source has them. Of an empty file it is empty.
func (f *File) Excerpt(p Pos) string {
	if len(f.Source) == 0 {
		return ""
	}
	line, column := f.Position(p)
	var b strings.Builder
	if text, ok := f.line(line - 1); ok {
		excerptLine(&b, line-1, text)
	}
	text, _ := f.line(line)
	excerptLine(&b, line, text)
	fmt.Fprintf(&b, "             | %s^", strings.Repeat(" ", column-1))
	if text, ok := f.line(line + 1); ok {
		b.WriteByte('\n')
		excerptLine(&b, line+1, text)
		return strings.TrimSuffix(b.String(), "\n")
	}
	return b.String()
}

// excerptLine writes a line of source with its number.
func excerptLine(b *strings.Builder, number int, text string) {
	line := fmt.Sprintf("        %5d| %s", number, text)
	b.WriteString(strings.TrimRight(line, " \t\r"))
	b.WriteByte('\n')
}

// ExpandTabs replaces the tabs of a message by spaces, as Nix does when it prints
// one: to the next multiple of eight of the characters of all of the message, line
// ends not counted.
func ExpandTabs(message string) string {
	if strings.IndexByte(message, '\t') < 0 {
		return message
	}
	const width = 8
	var b strings.Builder
	column := 0
	for i := 0; i < len(message); {
		_, size := utf8.DecodeRuneInString(message[i:])
		switch message[i] {
		case '\t':
			n := width - column%width
			b.WriteString("        "[:n])
			column += n
		case '\n':
			b.WriteByte('\n')
		default:
			b.WriteString(message[i : i+size])
			column++
		}
		i += size
	}
	return b.String()
}
