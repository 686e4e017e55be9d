package eval

import (
	"io/fs"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
)

// directories are paths that were found to be directories, and that lead through no
// symbolic link. They are taken to stay so for as long as the evaluation lasts.
type directories struct{ known sync.Map }

func (d *directories) has(path string) bool {
	_, ok := d.known.Load(path)
	return ok
}

func (d *directories) add(path string) { d.known.Store(path, nil) }

// resolve follows the symbolic links of path that lead through directories and,
// if last is set, the last one. What does not exist stays as it is.
func resolve(in Inputs, path string, last bool) (string, error) {
	var known *directories
	if r, ok := in.(*reading); ok {
		known = &r.directories
		if cut := strings.LastIndexByte(path, '/'); cut > 0 && known.has(path[:cut]) {
			if name := path[cut+1:]; name != "" && name != "." && name != ".." {
				return follow(in, known, path[:cut], []string{name}, last)
			}
		}
	}
	return follow(in, known, "/", splitPath(path), last)
}

// follow goes from the directory done, which is resolved, along the names of rest.
func follow(in Inputs, known *directories, done string, rest []string, last bool) (string, error) {
	const maxLinks = 1024
	links := 0
	for len(rest) > 0 {
		name := rest[0]
		rest = rest[1:]
		if name == ".." {
			done = filepath.Dir(done)
			continue
		}
		next := below(done, name)
		if len(rest) == 0 && !last {
			return next, nil
		}
		if known != nil && known.has(next) {
			done = next
			continue
		}
		info, err := in.Lstat(next)
		if err != nil || info.Mode()&fs.ModeSymlink == 0 {
			if err == nil && known != nil && info.IsDir() {
				known.add(next)
			}
			done = next
			continue
		}
		if links++; links > maxLinks {
			return "", &fs.PathError{Op: "resolve", Path: next, Err: syscall.ELOOP}
		}
		target, err := in.Readlink(next)
		if err != nil {
			return "", err
		}
		if filepath.IsAbs(target) {
			done = "/"
		}
		rest = append(splitPath(target), rest...)
	}
	return done, nil
}

// below returns the path of a name in a directory.
func below(dir, name string) string {
	if dir == "/" {
		return dir + name
	}
	return dir + "/" + name
}

// splitPath returns the elements of a path without . and empty ones.
func splitPath(path string) []string {
	elements := make([]string, 0, strings.Count(path, "/")+1)
	for name := range strings.SplitSeq(path, "/") {
		if name != "" && name != "." {
			elements = append(elements, name)
		}
	}
	return elements
}
