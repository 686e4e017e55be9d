package nar_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"luminousnix/nix/nar"
)

// fataler is a *testing.T, a *testing.B, a *testing.F or a *rapid.T.
type fataler interface{ Fatal(...any) }

// entry is a header with its content.
type entry struct {
	nar.Header
	Content string
}

func directory(path string) entry { return entry{Header: nar.Header{Path: path, Type: nar.Directory}} }

func link(path, target string) entry {
	return entry{Header: nar.Header{Path: path, Type: nar.Symlink, Target: target}}
}

func file(path, content string, executable bool) entry {
	return entry{nar.Header{Path: path, Type: nar.Regular, Executable: executable, Size: int64(len(content))}, content}
}

// sample has every type of file, padding of several lengths, and the directory
// "a" before the file "a.b": sorted as names, though not as paths ("a/z" > "a.b").
func sample() []entry {
	return []entry{
		directory(""),
		directory("a"),
		link("a/link", "../a.b"),
		directory("a/z"),
		file("a/z/empty", "", false),
		file("a.b", "12345678", false),
		directory("b"),
		file("run", "#!/bin/sh\n", true),
		file("\xffö", "x", false),
	}
}

func write(w io.Writer, entries []entry) error {
	out := nar.NewWriter(w)
	for _, e := range entries {
		if err := out.WriteHeader(&e.Header); err != nil {
			return err
		}
		if _, err := io.WriteString(out, e.Content); err != nil {
			return err
		}
	}
	return out.Close()
}

// archive returns the archive of entries.
func archive(t fataler, entries []entry) []byte {
	var b bytes.Buffer
	if err := write(&b, entries); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// read returns the entries of the archive in r, which must not have more.
func read(r io.Reader) ([]entry, error) {
	in := nar.NewReader(r)
	in.Whole = true
	var entries []entry
	for {
		h, err := in.Next()
		if errors.Is(err, io.EOF) {
			return entries, nil
		}
		if err != nil {
			return entries, err
		}
		content, err := io.ReadAll(in)
		if err != nil {
			return entries, err
		}
		entries = append(entries, entry{*h, string(content)})
	}
}

// strs encodes strings as an archive does; a number stands for itself.
func strs(items ...any) []byte {
	var b []byte
	for _, item := range items {
		switch item := item.(type) {
		case int:
			b = binary.LittleEndian.AppendUint64(b, uint64(item))
		case string:
			b = binary.LittleEndian.AppendUint64(b, uint64(len(item)))
			b = append(b, item...)
			b = append(b, make([]byte, -len(item)&7)...)
		}
	}
	return b
}

// makeTree makes the files of entries below path without package nar.
func makeTree(t fataler, path string, entries []entry) {
	for _, e := range entries {
		name := filepath.Join(path, e.Path)
		var err error
		switch e.Type {
		case nar.Directory:
			err = os.Mkdir(name, 0o755)
		case nar.Symlink:
			err = os.Symlink(e.Target, name)
		case nar.Regular:
			mode := fs.FileMode(0o644)
			if e.Executable {
				mode = 0o755
			}
			err = os.WriteFile(name, []byte(e.Content), mode)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// drawTree draws the entries of a small tree.
func drawTree(t *rapid.T) []entry {
	return drawNode(t, "", 0)
}

func drawNode(t *rapid.T, path string, depth int) []entry {
	kinds := []nar.Type{nar.Regular, nar.Symlink, nar.Directory, nar.Directory}
	if depth == 4 {
		kinds = kinds[:2]
	}
	switch rapid.SampledFrom(kinds).Draw(t, "type") {
	case nar.Regular:
		content := rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "content")
		return []entry{file(path, string(content), rapid.Bool().Draw(t, "executable"))}
	case nar.Symlink:
		return []entry{link(path, rapid.StringMatching(`[a-z./]{1,20}`).Draw(t, "target"))}
	}
	name := rapid.StringMatching(`[ -.0-~ä]{1,12}`).Filter(func(s string) bool { return s != "." && s != ".." })
	names := rapid.SliceOfNDistinct(name, 0, 5, rapid.ID).Draw(t, "names")
	slices.Sort(names)
	entries := []entry{directory(path)}
	for _, name := range names {
		entries = append(entries, drawNode(t, strings.TrimPrefix(path+"/"+name, "/"), depth+1)...)
	}
	return entries
}
