// Package configedit decides where an edit of a NixOS configuration belongs, and makes
// it: a package more in environment.systemPackages, an option set to a value. It works
// on the entry file and on the files that this imports by literal paths, without
// evaluating them:
//
//	c, err := configedit.Read("/etc/nixos/configuration.nix", "/nix/store")
//	err = c.AddPackage("htop")
//	for _, edit := range c.Edits() {
//		fmt.Print(edit.Diff())
//	}
//
// Edits are made by nix/syntax, which changes nothing else than what it is asked for.
// What cannot be placed safely is a [*PlaceError]: it says why, and has the lines to add
// by hand. Nothing is written; [Edit.Write] does that, atomically and with a backup.
// Whether the edited configuration evaluates to what was meant is for the caller to find
// out, who has an evaluator.
package configedit

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"luminousnix/nix/syntax"
)

const (
	mostFiles  = 256     // that are read
	mostOfFile = 1 << 20 // bytes of each
)

// Configuration is the files of a NixOS configuration, the entry file first and then in
// the order of imports. Edits change what is in memory.
type Configuration struct {
	files  []*file
	folder string // which edits stay in
	store  string
}

// file is one file of a configuration.
type file struct {
	path   string // without symbolic links
	before []byte
	tree   *syntax.File // of what it is now
	locked string       // why it may not be edited: "lies in the store"; "" if it may
}

// Read reads a configuration. Only files of the folder of the entry file, or of the git
// repository that this is in, can be edited, and none in the store. The error is that of
// the file system, or a [*syntax.Error].
func Read(entry, store string) (*Configuration, error) {
	real, err := filepath.EvalSymlinks(entry)
	if err != nil {
		return nil, err
	}
	return ReadModules(repository(filepath.Dir(real)), []string{real}, store)
}

// ReadModules reads a configuration that is made of several modules, files or folders with
// default.nix. Only files of the folder can be edited. What stands nowhere yet goes into
// the first of them that is not generated.
func ReadModules(folder string, modules []string, store string) (*Configuration, error) {
	c := &Configuration{folder: folder, store: store}
	for _, module := range modules {
		real, err := moduleFile(module)
		if err != nil {
			return nil, err
		}
		if c.has(real) {
			continue
		}
		if err := c.read(real); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(c.files, func(a, b *file) int {
		return cmp.Compare(generatedLast(a), generatedLast(b))
	})
	for i := 0; i < len(c.files) && len(c.files) < mostFiles; i++ {
		f := c.files[i]
		for _, imported := range Imports(f.tree) {
			if err := c.follow(filepath.Dir(f.path), imported); err != nil {
				return nil, err
			}
		}
	}
	if len(c.files) == 0 {
		return nil, fmt.Errorf("%s is larger than %d bytes", modules[0], mostOfFile)
	}
	return c, nil
}

func generatedLast(f *file) int {
	if f.generated() {
		return 1
	}
	return 0
}

// moduleFile is the file of a module without symbolic links, default.nix of a folder.
func moduleFile(path string) (string, error) {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", err
	}
	info, err := os.Stat(real)
	if err == nil && info.IsDir() {
		return filepath.EvalSymlinks(filepath.Join(real, "default.nix"))
	}
	return real, err
}

func (c *Configuration) has(path string) bool {
	return slices.ContainsFunc(c.files, func(f *file) bool { return f.path == path })
}

// follow reads an imported file, if it is there: where it is missing or is not to be
// read, evaluation says that better.
func (c *Configuration) follow(dir, imported string) error {
	if !filepath.IsAbs(imported) {
		imported = filepath.Join(dir, imported)
	}
	real, err := moduleFile(imported)
	if err != nil || c.has(real) {
		return nil
	}
	if err := c.read(real); err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
		return err
	}
	return nil
}

// read adds a file.
func (c *Configuration) read(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Size() > mostOfFile {
		return nil
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	tree, err := syntax.Parse(path, content, syntax.ParseOptions{})
	if err != nil {
		return err
	}
	c.files = append(c.files, &file{path: path, before: content, tree: tree, locked: c.lock(path)})
	return nil
}

// lock is why a file may not be edited.
func (c *Configuration) lock(path string) string {
	switch {
	case c.store != "" && strings.HasPrefix(path, c.store+"/"):
		return "lies in the store, which is not written to"
	case !strings.HasPrefix(path, c.folder+"/"):
		return "lies outside of " + c.folder
	}
	return ""
}

// repository is the folder above dir that is a git repository, or else dir.
func repository(dir string) string {
	for above := dir; above != "/" && above != "."; above = filepath.Dir(above) {
		if _, err := os.Lstat(filepath.Join(above, ".git")); err == nil {
			return above
		}
	}
	return dir
}

// Files are the paths of the files that were read, without symbolic links.
func (c *Configuration) Files() []string {
	var paths []string
	for _, f := range c.files {
		paths = append(paths, f.path)
	}
	return paths
}

// Edits are the files that have changed since they were read.
func (c *Configuration) Edits() []Edit {
	var edits []Edit
	for _, f := range c.files {
		if !bytes.Equal(f.before, f.tree.Source) {
			edits = append(edits, Edit{Path: f.path, Before: f.before, After: f.tree.Source})
		}
	}
	return edits
}

// set takes the content that an edit gives.
func (f *file) set(content []byte) error {
	tree, err := syntax.Parse(f.path, content, syntax.ParseOptions{})
	if err != nil {
		return err
	}
	f.tree = tree
	return nil
}

// generated reports whether a file is one that nixos-generate-config writes, and
// overwrites.
func (f *file) generated() bool { return filepath.Base(f.path) == "hardware-configuration.nix" }

// path is the attribute path in the file of an option: below config where the module
// has that.
func (f *file) option(option []string) []string {
	if set, ok := Body(f.tree.Root).(*syntax.AttrSet); ok {
		for _, b := range set.Bindings {
			if len(b.Path) > 0 && (b.Path[0].Name == "config" || b.Path[0].Name == "options") {
				return append([]string{"config"}, option...)
			}
		}
	}
	return option
}

// Body is what is below the functions, let, with and the like of an expression.
func Body(e syntax.Expr) syntax.Expr {
	for {
		switch inner := e.(type) {
		case *syntax.Lambda:
			e = inner.Body
		case *syntax.Let:
			e = inner.Body
		case *syntax.With:
			e = inner.Body
		case *syntax.Assert:
			e = inner.Body
		case *syntax.Paren:
			e = inner.Expr
		default:
			return e
		}
	}
}
