package tarball

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

// node is a file, link or directory.
type node struct {
	kind         fs.FileMode // 0, ModeSymlink or ModeDir
	executable   bool
	offset, size int64 // where the content is
	target       string
	children     map[string]*node
}

// builder makes a tree of the entries of an archive.
type builder struct {
	ctx     context.Context
	options Options
	root    *node
	entries int
	spool   *os.File
	out     *bufio.Writer
	written int64
	buffer  []byte
}

func newBuilder(ctx context.Context, options Options) (*builder, error) {
	spool, err := os.CreateTemp(options.TempDir, "tarball-")
	if err != nil {
		return nil, err
	}
	// From here on the file has no name: nobody else finds it, and it is gone
	// with the last one who has it open.
	if err := os.Remove(spool.Name()); err != nil {
		spool.Close()
		return nil, err
	}
	return &builder{
		ctx: ctx, options: options, spool: spool,
		root:   &node{kind: fs.ModeDir},
		out:    bufio.NewWriterSize(spool, bufferSize),
		buffer: make([]byte, bufferSize),
	}, nil
}

// add puts n at the name, in place of what may be there.
func (b *builder) add(name string, n *node) error {
	elements, err := split(name)
	if err != nil {
		return err
	}
	if len(elements) == 0 {
		if n.kind.IsDir() {
			return nil // the root itself
		}
		return &EntryError{name, "has no name"}
	}
	if n.kind == fs.ModeSymlink && (n.target == "" || strings.ContainsRune(n.target, 0)) {
		return &EntryError{name, "is a link to nothing"}
	}
	dir := b.root
	for _, element := range elements[:len(elements)-1] {
		if dir, err = b.enter(dir, element, name); err != nil {
			return err
		}
	}
	last := elements[len(elements)-1]
	old := dir.children[last]
	switch {
	case old == nil:
		return b.insert(dir, last, n)
	case !old.kind.IsDir():
	case n.kind.IsDir():
		return nil
	case len(old.children) > 0:
		return &EntryError{name, "stands for a directory that is not empty"}
	}
	dir.children[last] = n
	return nil
}

// enter returns a directory in dir, which need not have been mentioned yet. It
// cannot be a link: that might lead anywhere.
func (b *builder) enter(dir *node, element, name string) (*node, error) {
	next := dir.children[element]
	if next == nil {
		next = &node{kind: fs.ModeDir}
		return next, b.insert(dir, element, next)
	}
	if !next.kind.IsDir() {
		return nil, &EntryError{name, fmt.Sprintf("is below %q, which is no directory", element)}
	}
	return next, nil
}

func (b *builder) insert(dir *node, element string, n *node) error {
	if b.entries++; b.entries > b.options.MaxEntries {
		return &LimitError{"members", int64(b.options.MaxEntries)}
	}
	if dir.children == nil {
		dir.children = make(map[string]*node)
	}
	dir.children[element] = n
	return nil
}

// addFile copies the content of a file to the spool.
func (b *builder) addFile(name string, executable bool, content io.Reader) error {
	n := &node{executable: executable, offset: b.written}
	if err := b.add(name, n); err != nil {
		return err
	}
	room := b.options.MaxBytes - b.written
	size, err := io.CopyBuffer(plainWriter{b.out}, io.LimitReader(content, room+1), b.buffer)
	if err != nil {
		return readError(err, "content of "+name)
	}
	if size > room {
		return &LimitError{"bytes", b.options.MaxBytes}
	}
	n.size = size
	b.written += size
	return nil
}

// addHardLink makes name the same file as an earlier entry.
func (b *builder) addHardLink(name, target string) error {
	elements, err := split(target)
	if err != nil {
		return err
	}
	n := b.root
	for _, element := range elements {
		if n = n.children[element]; n == nil {
			return &EntryError{name, fmt.Sprintf("is a hard link to %q, which is not there", target)}
		}
	}
	if n.kind.IsDir() {
		return &EntryError{name, fmt.Sprintf("is a hard link to the directory %q", target)}
	}
	return b.add(name, n)
}

// tree is what was built, without a directory that has all.
func (b *builder) tree() *Tree {
	root := b.root
	if len(root.children) == 1 {
		for _, only := range root.children {
			if only.kind.IsDir() {
				root = only
			}
		}
	}
	return &Tree{root: root, spool: b.spool}
}

// maxElements is how deep an entry may lie, maxName how long the name of one
// element may be.
const (
	maxElements = 1024
	maxName     = 255
)

// split returns the elements of a name. A slash at its beginning means nothing.
func split(name string) ([]string, error) {
	var elements []string
	for element := range strings.SplitSeq(name, "/") {
		switch {
		case element == "" || element == ".":
			continue
		case element == "..":
			return nil, &EntryError{name, "leads out of a directory"}
		case len(element) > maxName || strings.ContainsRune(element, 0):
			return nil, &EntryError{name, "has a name that no file can have"}
		}
		elements = append(elements, element)
	}
	if len(elements) > maxElements {
		return nil, &EntryError{name, "lies too deep"}
	}
	return elements, nil
}

// plainWriter hides all methods but Write, so that copying uses its buffer.
type plainWriter struct{ io.Writer }
