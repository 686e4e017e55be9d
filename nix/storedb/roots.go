package storedb

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"zombiezen.com/go/sqlite"

	"luminousnix/nix/store"
)

// Roots returns what keeps paths from being collected, by link and path, as
// `nix-store --gc --print-roots` prints it: links below gcroots and profiles in
// the state directory, links elsewhere that those point to, temporary roots of
// running Nix processes as {temp:PID}, and what running programs use as
// /proc/PID/….
//
// All but temporary roots are valid paths. A link that leads nowhere is none, and
// stays where it is: only a collection removes it.
//
// The files are read by root, and by the user who owns the store; only they may
// see all of them. For others the daemon looks, and shows some links as
// {censored}; without [Options.Dial] the error matches fs.ErrPermission.
func (db *DB) Roots(ctx context.Context) ([]store.Root, error) {
	roots, err := db.roots(ctx)
	slices.SortFunc(roots, func(a, b store.Root) int {
		return cmp.Or(cmp.Compare(a.Link, b.Link), cmp.Compare(a.Path, b.Path))
	})
	return slices.Compact(roots), err
}

func (db *DB) roots(ctx context.Context) ([]store.Root, error) {
	if db.conn == nil {
		return db.daemon.FindRoots(ctx)
	}
	if own, err := db.ownsStore(); err != nil || !own {
		return db.daemonRoots(ctx, err)
	}
	found, err := db.findRoots(ctx)
	if err != nil {
		return nil, err
	}
	roots, err := ask(ctx, db,
		func(conn *sqlite.Conn) ([]store.Root, error) { return db.valid(conn, found) },
		func(d Daemon) ([]store.Root, error) { return d.FindRoots(ctx) })
	if err != nil || db.conn == nil {
		return roots, err
	}
	temporary, err := temporaryRoots(filepath.Join(db.options.StateDir, "temproots"), db.options.StoreDir)
	return append(roots, temporary...), err
}

// ownsStore says whether this user is the one as whom Nix collects garbage.
func (db *DB) ownsStore() (bool, error) {
	if os.Geteuid() == 0 {
		return true, nil
	}
	info, err := os.Stat(db.options.StateDir)
	if err != nil {
		return false, err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid(), nil
}

func (db *DB) daemonRoots(ctx context.Context, err error) ([]store.Root, error) {
	if err == nil && db.options.Dial == nil {
		err = &fs.PathError{Op: "finding roots in", Path: db.options.StateDir, Err: fs.ErrPermission}
	}
	if err == nil {
		err = db.dial(ctx)
	}
	if err != nil {
		return nil, err
	}
	return db.daemon.FindRoots(ctx)
}

// findRoots collects what looks like a root, temporary ones aside.
func (db *DB) findRoots(ctx context.Context) ([]store.Root, error) {
	f := finder{ctx: ctx, dir: db.options.StoreDir}
	for _, name := range []string{"gcroots", "profiles"} {
		if err := f.look(filepath.Join(db.options.StateDir, name)); err != nil {
			return nil, err
		}
	}
	err := f.scanProcesses("/proc")
	return f.found, err
}

// valid keeps to the roots whose path is valid.
func (db *DB) valid(conn *sqlite.Conn, roots []store.Root) ([]store.Root, error) {
	known := map[store.Path]bool{}
	var valid []store.Root
	for _, root := range roots {
		is, asked := known[root.Path]
		if !asked {
			paths, err := db.paths(conn, "select path from ValidPaths where path = ?1", root.Path)
			if err != nil {
				return nil, err
			}
			is = len(paths) == 1
			known[root.Path] = is
		}
		if is {
			valid = append(valid, root)
		}
	}
	return valid, nil
}

// finder collects what looks like a root. It follows LocalStore::findRoots and
// findRuntimeRoots in Nix's gc.cc, 2.8 to 2.34.
type finder struct {
	ctx   context.Context
	dir   store.Dir
	found []store.Root
	links *links // what was read, if that is wanted
}

// add takes a target that is a store path or below one.
func (f *finder) add(link, target string) {
	if path, _, err := f.dir.Split(target); err == nil {
		f.found = append(f.found, store.Root{Link: link, Path: path})
	}
}

// look finds the roots at and below a path. What cannot be read, or is gone since
// its directory was read, is no root.
func (f *finder) look(path string) error {
	info, err := os.Lstat(path)
	if err == nil {
		err = f.lookAt(path, info.Mode())
	}
	if unreadable(err) {
		return nil
	}
	return err
}

func (f *finder) lookAt(path string, mode fs.FileMode) error {
	if err := f.ctx.Err(); err != nil {
		return err
	}
	switch mode.Type() {
	case fs.ModeDir:
		if f.links != nil {
			f.links.folder(path)
		}
		entries, err := os.ReadDir(path)
		if err != nil {
			return err
		}
		for _, entry := range entries {
			err := f.lookAt(filepath.Join(path, entry.Name()), entry.Type())
			if err != nil && !unreadable(err) {
				return err
			}
		}
	case fs.ModeSymlink:
		return f.follow(path)
	case 0:
		f.add(path, string(f.dir)+"/"+filepath.Base(path))
	}
	return nil
}

// follow takes a link into the store, or to another link into the store, which
// is the root then. It goes no further, as Nix does not.
func (f *finder) follow(link string) error {
	target, err := os.Readlink(link)
	if err != nil {
		return err
	}
	if inStore(f.dir, target) {
		f.add(link, target)
		return nil
	}
	if !filepath.IsAbs(target) {
		target = filepath.Join(filepath.Dir(link), target)
	}
	target = filepath.Clean(target)
	if f.links != nil {
		f.links.link(target)
	}
	info, err := os.Lstat(target)
	if err != nil || info.Mode().Type() != fs.ModeSymlink {
		return err
	}
	second, err := os.Readlink(target)
	if err != nil {
		return err
	}
	f.add(target, second)
	return nil
}

func inStore(dir store.Dir, path string) bool {
	return len(path) > len(dir)+1 && path[:len(dir)] == string(dir) && path[len(dir)] == '/'
}

func unreadable(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.ENOTDIR)
}
