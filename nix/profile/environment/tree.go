package environment

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"luminousnix/nix/nar"
	"luminousnix/nix/store"
)

// Tree is a tree of directories and of links to the files of packages.
type Tree struct {
	Root *Node
	// Skipped are the places that could not be linked, in the order of their
	// discovery; Nix gives a warning for each.
	Skipped []Skipped
}

// Node is a directory or a symbolic link.
type Node struct {
	Target  string           // of a link: the absolute path of a file or directory; "" for a directory
	Entries map[string]*Node // of a directory, by name

	from     store.Path // the package that a link is from; of a directory, the first that has it
	priority int        // of that package, for a link
	origin   string     // of a directory: the absolute path that it has in the package
}

// IsDir says whether the node is a directory.
func (n *Node) IsDir() bool { return n.Target == "" }

// Skipped is a place in a package that is not in the tree.
type Skipped struct {
	Path string
	Why  SkipReason
}

// SkipReason is why a place is not in the tree.
type SkipReason string

// The reasons of Skipped.
const (
	Dangling     SkipReason = "the link points to nothing"
	NotDirectory SkipReason = "the package is not a directory"
)

func (s Skipped) String() string { return s.Path + ": " + string(s.Why) }

// Lookup returns the node at a path with slashes, relative to the root, or nil
// when there is none. It does not go through links.
func (t *Tree) Lookup(path string) *Node {
	n := t.Root
	for name := range strings.SplitSeq(path, "/") {
		if n = n.Entries[name]; n == nil {
			return nil
		}
	}
	return n
}

// manifestName is the name of the manifest in the root of a profile. No package
// can have a file of that name in the tree.
const manifestName = "manifest.json"

// WriteNAR writes the archive of the tree with a manifest.json of the given
// content in its root. Its error is a [*nar.HeaderError] for a file name that no
// archive may have, or the destination's.
func (t *Tree) WriteNAR(w io.Writer, manifest []byte) error {
	out := archiver{w: nar.NewWriter(w), manifest: manifest}
	if err := out.node("", t.Root); err != nil {
		return fmt.Errorf("environment: %w", err)
	}
	if err := out.w.Close(); err != nil {
		return fmt.Errorf("environment: %w", err)
	}
	return nil
}

type archiver struct {
	w        *nar.Writer
	manifest []byte
}

func (a *archiver) node(path string, n *Node) error {
	if !n.IsDir() {
		return a.w.WriteHeader(&nar.Header{Path: path, Type: nar.Symlink, Target: n.Target})
	}
	if err := a.w.WriteHeader(&nar.Header{Path: path, Type: nar.Directory}); err != nil {
		return err
	}
	names := slices.Collect(maps.Keys(n.Entries))
	if path == "" {
		names = append(names, manifestName)
	}
	slices.Sort(names)
	for _, name := range names {
		if path == "" && name == manifestName {
			if err := a.file(name, a.manifest); err != nil {
				return err
			}
			continue
		}
		if err := a.node(join(path, name), n.Entries[name]); err != nil {
			return err
		}
	}
	return nil
}

func (a *archiver) file(path string, content []byte) error {
	if err := a.w.WriteHeader(&nar.Header{Path: path, Type: nar.Regular, Size: int64(len(content))}); err != nil {
		return err
	}
	_, err := a.w.Write(content)
	return err
}

// join puts a name below a path, which may be the root "".
func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "/" + name
}
