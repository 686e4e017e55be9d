package channel

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"luminousnix/nix/nar"
	"luminousnix/nix/store"
	"luminousnix/nix/tarball"
)

// A Store is what paths are added to; a connection to Nix's daemon is one, which also
// keeps them as long as it is open.
type Store interface {
	AddToStore(ctx context.Context, name string, method store.Method, algorithm store.Algorithm, references []store.Path, data io.Reader) (*store.PathInfo, error)
}

// An Unpacked channel is in the store: its tree is a folder, of the channel's name, in
// Path.
type Unpacked struct {
	Channel
	Path    store.Path
	NarHash store.Hash
	// Version and Revision are those that its tree tells; "" if it does not.
	Version, Revision string
}

// Unpack adds the tree of an archive to the store. In between it lies in the folder
// tempDir, which is made. Errors are those of [tarball.Open], and the store's.
func Unpack(ctx context.Context, s Store, a Archive, tempDir string) (Unpacked, error) {
	if err := os.MkdirAll(tempDir, 0o700); err != nil {
		return Unpacked{}, err
	}
	tree, err := tarball.Open(ctx, a.File, tarball.Options{TempDir: tempDir})
	if err != nil {
		return Unpacked{}, fmt.Errorf("%s: %w", a.Address, err)
	}
	defer tree.Close()
	content, out := io.Pipe()
	go func() { out.CloseWithError(writeChannel(out, a.Name, tree)) }()
	info, err := s.AddToStore(ctx, a.pathName(), store.Recursive, store.SHA256, nil, content)
	content.Close() // so that who writes ends as well
	if err != nil {
		return Unpacked{}, err
	}
	u := Unpacked{Channel: a.Channel, Path: info.Path, NarHash: info.NarHash}
	u.Version, u.Revision = Describe(tree.ReadFile)
	return u, nil
}

// writeChannel writes the archive of a folder that has the tree as its only entry.
func writeChannel(w io.Writer, name string, tree *tarball.Tree) error {
	archive := nar.NewWriter(w)
	if err := archive.WriteHeader(&nar.Header{Type: nar.Directory}); err != nil {
		return err
	}
	if err := tree.WriteEntry(archive, name); err != nil {
		return err
	}
	return archive.Close()
}

// Describe tells version and revision of a folder of nixpkgs, whose files read reads; ""
// is what it does not tell.
func Describe(read func(name string) ([]byte, error)) (version, revision string) {
	word := func(name string) string {
		text, _ := read(name) // not every tree has it
		return strings.TrimSpace(string(text))
	}
	version = word(".version")
	if version == "" {
		version = word("lib/.version")
	}
	if version != "" {
		version += word(".version-suffix")
	}
	return version, word(".git-revision")
}

// PathIn is the store path of a channel in an environment, such as the folder of root's
// channels; ok is false if it has no such channel.
func PathIn(dir store.Dir, environment, name string) (path store.Path, ok bool) {
	target, err := filepath.EvalSymlinks(filepath.Join(environment, name))
	if err != nil || filepath.Base(target) != name {
		return "", false
	}
	path, err = dir.Parse(filepath.Dir(target))
	return path, err == nil
}
