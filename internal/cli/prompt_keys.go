package cli

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"unicode"
)

// keys is the input of the line editor: the bytes of a terminal in raw mode, translated
// to those that the editor knows. It keeps pasted texts of several lines aside and gives
// the editor a short word for each, and says when Ctrl-C was pressed.
type keys struct {
	ctx    context.Context
	file   *os.File
	in     []byte // read and not translated yet
	out    []byte // translated and not given yet
	within bool   // a text that is being pasted
	pasted []string
}

const (
	beginPaste = "\x1b[200~"
	endPaste   = "\x1b[201~"
	// interrupted stands for Ctrl-C in what the editor is given: it would take that for
	// the end of the input.
	interrupted = '\uf8fe'
)

// sequences are what terminals send for a key, and what the editor knows for it.
var sequences = [...][2]string{
	{"\x1b[1~", "\x01"},
	{"\x1b[7~", "\x01"},
	{"\x1bOH", "\x01"},
	{"\x1b[4~", "\x05"},
	{"\x1b[8~", "\x05"},
	{"\x1bOF", "\x05"},
	{"\x1bOA", "\x1b[A"},
	{"\x1bOB", "\x1b[B"},
	{"\x1bOC", "\x1b[C"},
	{"\x1bOD", "\x1b[D"},
	{"\x1b[1;5C", "\x1b[1;3C"},
	{"\x1b[1;5D", "\x1b[1;3D"},
	{"\x1bf", "\x1b[1;3C"},
	{"\x1bb", "\x1b[1;3D"},
	{"\x1b\x7f", "\x17"},
	{beginPaste, ""},
}

// Read implements [io.Reader].
func (k *keys) Read(p []byte) (int, error) {
	for len(k.out) == 0 {
		buf := make([]byte, 4096)
		n, err := readTyped(k.ctx, k.file, buf)
		if err != nil {
			return 0, err
		}
		k.in = append(k.in, buf[:n]...)
		for k.translate() {
		}
	}
	n := copy(p, k.out)
	k.out = k.out[n:]
	return n, nil
}

// translate takes one key, or pasted text, from what was read; it reports whether there
// may be another.
func (k *keys) translate() bool {
	if k.within {
		end := bytes.Index(k.in, []byte(endPaste))
		if end < 0 && len(k.in) < longestPaste {
			return false
		}
		if end < 0 { // the rest is left out
			k.in = append(k.in[:longestPaste/2], k.in[len(k.in)-len(endPaste):]...)
			return false
		}
		k.out = append(k.out, k.paste(string(k.in[:end]))...)
		k.in, k.within = k.in[end+len(endPaste):], false
	}
	switch {
	case len(k.in) == 0:
		return false
	case k.in[0] == 3:
		k.out, k.in = append(k.out, string(interrupted)+"\r"...), k.in[1:]
	case k.in[0] == 0x1b:
		return k.escape()
	default:
		k.out, k.in = append(k.out, k.in[0]), k.in[1:]
	}
	return true
}

// escape translates a key that begins with the escape character.
func (k *keys) escape() bool {
	for _, s := range sequences {
		if bytes.HasPrefix(k.in, []byte(s[0])) {
			k.within = s[0] == beginPaste
			k.out, k.in = append(k.out, s[1]...), k.in[len(s[0]):]
			return true
		}
		if strings.HasPrefix(s[0], string(k.in)) {
			return false // the rest of it is to come
		}
	}
	if k.in[1] == '[' || k.in[1] == 'O' {
		k.out, k.in = append(k.out, k.in[:2]...), k.in[2:]
		return true
	}
	k.in = k.in[1:] // the key itself, which means nothing here
	return true
}

// longestInLine is how many bytes of a pasted text are put into the line as they are.
const longestInLine = 500

// longestPaste is how many bytes of a pasted text are read at the most.
const longestPaste = 1 << 20

// paste returns what the editor is to be given for a pasted text.
func (k *keys) paste(text string) string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\t", " ").Replace(text)
	text = strings.Trim(strings.Map(func(r rune) rune {
		if r == '\n' || unicode.IsPrint(r) && r != interrupted {
			return r
		}
		return -1
	}, text), "\n")
	lines := strings.Count(text, "\n") + 1
	if lines == 1 && len(text) <= longestInLine {
		return text
	}
	k.pasted = append(k.pasted, text)
	return pasteMark(len(k.pasted), lines)
}

func pasteMark(number, lines int) string {
	if lines == 1 {
		return fmt.Sprintf("[paste %d]", number)
	}
	return fmt.Sprintf("[paste %d, %d lines]", number, lines)
}

// expand puts the pasted texts into a line that was edited, and forgets them. pasted says
// whether there were any in it.
func (k *keys) expand(line string) (text string, pasted bool) {
	for i, p := range k.pasted {
		mark := pasteMark(i+1, strings.Count(p, "\n")+1)
		pasted = pasted || strings.Contains(line, mark)
		line = strings.Replace(line, mark, p, 1)
	}
	k.pasted = nil
	return line, pasted
}
