package daemontest

import (
	"os"
	"path/filepath"
	"strings"

	"luminousnix/nix/derivation"
	"luminousnix/nix/nar"
	"luminousnix/nix/store"
)

// The methods of this file put objects into the store without a client.

// AddText adds a file with that text, which may refer to valid paths, and
// returns its path.
func (s *Server) AddText(name, text string, references ...store.Path) (store.Path, error) {
	c := &connection{Server: s, ctx: s.ctx}
	defer s.objects.dropTempRoots(0)
	info, err := c.addContent(name, contentMethod{store.Text, store.SHA256}, unique(references), strings.NewReader(text), false)
	if err != nil {
		return "", err
	}
	return info.Path, nil
}

// AddDerivation completes a derivation, see [derivation.Hasher.Fill], adds it
// and returns its path.
func (s *Server) AddDerivation(drv *derivation.Derivation) (store.Path, error) {
	if err := s.hasher.Fill(s.ctx, drv); err != nil {
		return "", err
	}
	text, err := drv.MarshalText()
	if err != nil {
		return "", err
	}
	return s.AddText(drv.Name+derivation.Extension, string(text), drv.References()...)
}

// AddTree adds a copy of the tree at source, as Nix adds sources.
func (s *Server) AddTree(name, source string) (store.Path, error) {
	hash, size, err := nar.Hash(source)
	if err != nil {
		return "", err
	}
	p, err := s.StoreDir.SourcePath(name, hash, store.References{})
	if err != nil {
		return "", err
	}
	info := &store.PathInfo{Path: p, NarHash: hash, NarSize: size, ContentAddress: store.ContentAddress{Method: store.Recursive, Hash: hash}}
	return p, s.Import(info, source)
}

// Import makes info.Path valid with a copy of the tree at source, without
// checking what info says: it may be wrong on purpose. References must be valid;
// hash and size are those of the tree if info has none.
func (s *Server) Import(info *store.PathInfo, source string) error {
	dir, err := os.MkdirTemp(s.scratch(), "import-")
	if err != nil {
		return err
	}
	defer removeTree(dir)
	tree := filepath.Join(dir, "x")
	if err := copyTree(source, tree); err != nil {
		return err
	}
	entry := *info
	if entry.NarHash.IsZero() {
		if entry.NarHash, entry.NarSize, err = nar.Hash(tree); err != nil {
			return err
		}
	}
	unlock, err := s.objects.lock(s.ctx, entry.Path)
	if err != nil {
		return err
	}
	defer unlock()
	return s.objects.moveIn(tree, &entry)
}
