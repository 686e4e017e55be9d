// Package flake knows flakes that are folders of this machine: where one is, which of
// its files git tracks, what its lock file says, and which module files a system of it is
// made of, as far as that is written out.
//
//	f, err := flake.Find("/etc/nixos#box")
//	modules, err := flake.Modules(tree, f.System)
//	err = f.WithCopy(ctx, env, edits, func(copy flake.Copy) error { … })
//
// It evaluates nothing. What a flake would be with an edit is evaluated in a copy of it,
// which is what Nix would see: all of a folder, or what git tracks of a repository. The
// flake itself is never written to here.
//
// Files: flake.go finds a flake, copy.go copies it, update.go has the nix command update
// the inputs of a copy, lock.go reads lock files, modules.go reads flake.nix, scope.go
// finds out what a name in it stands for.
package flake

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// The files of a flake.
const (
	FileName = "flake.nix"
	LockName = "flake.lock"
)

// ErrElsewhere means that a flake is not a folder of this machine, or one of its
// revisions: it is not edited here.
var ErrElsewhere = errors.New("it is not a folder of this machine")

// Local is a flake that is a folder of this machine. Paths are without symbolic links.
type Local struct {
	// Root is what Nix takes as the source: the git repository, or the folder itself.
	Root string
	// Dir is the folder with flake.nix, in Root or Root itself.
	Dir string
	// Git tells of a git repository, of which Nix sees what git tracks.
	Git bool
	// System is the name in nixosConfigurations; "" if none was said.
	System string
}

// File and Lock are the paths of its two files.
func (f *Local) File() string { return filepath.Join(f.Dir, FileName) }

// Lock is the path of its lock file, which need not exist.
func (f *Local) Lock() string { return filepath.Join(f.Dir, LockName) }

// Find finds the flake that a reference means, FLAKE#NAME, whose path is absolute:
// /folder, path:/folder or git+file:///repository?dir=folder. Like Nix it looks for
// flake.nix and for the repository in the folders above. The error matches
// [ErrElsewhere] for other references, and else is one of the file system.
func Find(reference string) (*Local, error) {
	place, name, _ := strings.Cut(reference, "#")
	u, err := url.Parse(place)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", place, ErrElsewhere)
	}
	query := u.Query()
	dir := query.Get("dir")
	query.Del("dir")
	known := u.Scheme == "" || u.Scheme == "path" || u.Scheme == "git+file"
	if !known || len(query) > 0 || u.Host != "" || !filepath.IsAbs(u.Path) {
		return nil, fmt.Errorf("%q: %w", place, ErrElsewhere)
	}
	folder, err := filepath.EvalSymlinks(filepath.Join(u.Path, dir))
	if err != nil {
		return nil, err
	}
	if u.Scheme == "" {
		folder = above(folder, FileName)
	}
	f := &Local{Root: folder, Dir: folder, System: name}
	if _, err := os.Stat(f.File()); err != nil {
		return nil, err
	}
	if u.Scheme == "path" {
		return f, nil
	}
	if root := above(folder, ".git"); exists(filepath.Join(root, ".git")) {
		f.Root, f.Git = root, true
	}
	return f, nil
}

// above is the folder that has an entry of this name, dir or one above it; dir if none
// has.
func above(dir, name string) string {
	for folder := dir; folder != "/"; folder = filepath.Dir(folder) {
		if exists(filepath.Join(folder, name)) {
			return folder
		}
	}
	return dir
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
