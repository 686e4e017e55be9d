// Package syntax is the syntax of the Nix language: a parser that keeps all of a
// file, its comments and layout too, a printer, and edits that change nothing
// else than what they are asked for.
//
// Parse makes the tree of a file, whose nodes are in ast.go and are as the file has
// them; what the bindings of a set define, after merging, is in its Attrs. Check
// finds undefined variables. Errors are *Error, in the words of Nix and with a hint
// at the likely mistake. Desugar prints a file as nix-instantiate --parse does, Tree
// has its tokens and comments, and Set, Insert, Append, Remove and Delete edit it.
//
// The language is that of Nix 2.34.
package syntax

import (
	"sort"
	"strings"
	"sync"
)

// File is a parsed file.
type File struct {
	Name   string // as errors show it
	Source []byte
	Root   Expr

	options    ParseOptions
	lineStarts func() []Pos
}

// newFile is a file with no tree yet.
func newFile(name string, source []byte) *File {
	f := &File{Name: name, Source: source}
	f.lineStarts = sync.OnceValue(func() []Pos { return lineStarts(f.Source) })
	return f
}

// Position is the line and column of a position, both from 1 and the column in
// bytes. A line ends in LF, CR LF or CR.
func (f *File) Position(p Pos) (line, column int) {
	starts := f.lines()
	line = sort.Search(len(starts), func(i int) bool { return starts[i] > p })
	return line, int(p-starts[line-1]) + 1
}

// line is the text of a line from 1, without its end; ok is false past the last.
func (f *File) line(n int) (text string, ok bool) {
	starts := f.lines()
	if n < 1 || n > len(starts) {
		return "", false
	}
	end := len(f.Source)
	if n < len(starts) {
		end = int(starts[n])
	}
	return strings.TrimRight(string(f.Source[starts[n-1]:end]), "\r\n"), true
}

// lines are the positions at which lines begin, kept if the file was parsed.
func (f *File) lines() []Pos {
	if f.lineStarts == nil {
		return lineStarts(f.Source)
	}
	return f.lineStarts()
}

// lineStarts are the positions at which lines begin, the first being 0.
func lineStarts(source []byte) []Pos {
	starts := make([]Pos, 1, 1+len(source)/32)
	for i, c := range source {
		if c == '\n' || c == '\r' && (i+1 == len(source) || source[i+1] != '\n') {
			starts = append(starts, Pos(i+1))
		}
	}
	return starts
}
