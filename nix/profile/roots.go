package profile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"luminousnix/nix/store"
)

// StateDir is the path of Nix's state directory, NIX_STATE_DIR; "" means
// [DefaultStateDir].
type StateDir string

// DefaultStateDir is the state directory of an ordinary installation.
const DefaultStateDir StateDir = "/nix/var/nix"

func (d StateDir) path(elem ...string) string {
	if d == "" {
		d = DefaultStateDir
	}
	return filepath.Join(append([]string{string(d)}, elem...)...)
}

// coversProfile reports whether the garbage collector finds the profile without
// a root of its own: it walks the profiles folder, without following links to
// other folders.
func (d StateDir) coversProfile(p Profile) bool {
	profiles, err := filepath.EvalSymlinks(d.path("profiles"))
	if err != nil {
		return false
	}
	dir, err := filepath.EvalSymlinks(filepath.Dir(string(p)))
	return err == nil && (dir == profiles || strings.HasPrefix(dir, profiles+"/"))
}

// IndirectRoot is a root of the garbage collector that is a link in gcroots/auto
// to a link somewhere else, for example to a generation or the result of a build.
type IndirectRoot struct {
	Path   string // of the link in gcroots/auto
	Link   string // what Path says: the link that is to be kept
	Target string // what Link says; "" when it cannot be read or is not a link
	// Dangling says that there is no Link any more. The garbage collector
	// removes such roots. It is false for one in a folder that we may not read.
	Dangling bool
}

// IndirectRootPath returns where the indirect root of a link is: Nix names it
// after the SHA-1 of the link's absolute path.
func (d StateDir) IndirectRootPath(link string) string {
	return d.path("gcroots", "auto", store.Sum(store.SHA1, []byte(link)).Nix32())
}

// AddIndirectRoot makes the indirect root of a link, given by its absolute path,
// without the daemon. It needs the right to write into gcroots/auto, which on
// most machines only root has; others ask the daemon, see [Roots]. A root that
// is there is no error.
func (d StateDir) AddIndirectRoot(ctx context.Context, link string) error {
	if !filepath.IsAbs(link) {
		return fmt.Errorf("adding root: %q is not an absolute path", link)
	}
	root := d.IndirectRootPath(link)
	if target, err := os.Readlink(root); err == nil && target == link {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(root), 0o755); err != nil {
		return fmt.Errorf("adding root: %w", err)
	}
	if err := replaceLink(ctx, root, link); err != nil {
		return fmt.Errorf("adding root: %w", err)
	}
	return nil
}

// RemoveIndirectRoot removes the indirect root of a link. That there is none is
// no error.
func (d StateDir) RemoveIndirectRoot(link string) error {
	if err := os.Remove(d.IndirectRootPath(link)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing root: %w", err)
	}
	return nil
}

// IndirectRoots lists the indirect roots, sorted by link. It takes no lock.
// Entries that are not links are left out. Without gcroots/auto there are none.
func (d StateDir) IndirectRoots() ([]IndirectRoot, error) {
	dir := d.path("gcroots", "auto")
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("listing roots: %w", err)
	}
	var roots []IndirectRoot
	for _, entry := range entries {
		if entry.Type()&fs.ModeSymlink == 0 {
			continue
		}
		root := IndirectRoot{Path: filepath.Join(dir, entry.Name())}
		if root.Link, err = os.Readlink(root.Path); err != nil {
			continue // removed since the folder was read
		}
		if !filepath.IsAbs(root.Link) {
			root.Link = filepath.Join(dir, root.Link)
		}
		root.Target, err = os.Readlink(root.Link)
		root.Dangling = errors.Is(err, fs.ErrNotExist)
		roots = append(roots, root)
	}
	slices.SortFunc(roots, func(a, b IndirectRoot) int { return strings.Compare(a.Link, b.Link) })
	return roots, nil
}
