package audit

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// ErrNotOurs means that somebody else may have put there what we find.
var ErrNotOurs = errors.New("it belongs to somebody else, or others may write it")

func (l Log) exists() bool {
	_, err := os.Lstat(l.Path)
	return err == nil
}

// folder makes the folder of the log, and checks that nobody else can put files there. The
// group of the log may list it, as all may: what is in it says by itself who may read it.
func (l Log) folder() error {
	dir := filepath.Dir(l.Path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	stat := os.Stat
	if os.Geteuid() == 0 {
		stat = os.Lstat // root follows no link
	}
	info, err := stat(dir)
	if err != nil {
		return err
	}
	others := fs.FileMode(0o002)
	if os.Geteuid() == 0 {
		others = 0o022
	}
	if !info.IsDir() || owner(info) != os.Geteuid() || info.Mode().Perm()&others != 0 {
		return fmt.Errorf("%s: %w", dir, ErrNotOurs)
	}
	if mode := info.Mode().Perm(); l.Group != nil && mode&0o055 != 0o055 {
		return os.Chmod(dir, mode|0o055)
	}
	return nil
}

// owner is the user that a file belongs to; -1 where that is not known.
func owner(info fs.FileInfo) int {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return -1
	}
	return int(stat.Uid)
}

// openOurs opens a file that is ours, or root's, and neither a link nor a pipe.
func openOurs(path string, flags int) (*os.File, error) {
	file, err := os.OpenFile(path, flags|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0o600)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && (!info.Mode().IsRegular() || owner(info) != os.Geteuid() && owner(info) != 0) {
		err = fmt.Errorf("%s: %w", path, ErrNotOurs)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// open opens the log or its head for writing. One that is new may be read by the group.
func (l Log) open(path string, flags int) (file *os.File, made bool, err error) {
	file, err = openOurs(path, os.O_RDWR|flags)
	if !errors.Is(err, fs.ErrNotExist) {
		return file, false, err
	}
	if file, err = openOurs(path, os.O_RDWR|os.O_CREATE|flags); err != nil || l.Group == nil {
		return file, true, err
	}
	group := l.Group()
	if group == 0 {
		return file, true, nil
	}
	if err := errors.Join(file.Chown(-1, group), file.Chmod(0o640)); err != nil {
		return nil, true, errors.Join(err, file.Close())
	}
	return file, true, nil
}

// older are the files that were put aside, oldest first. The name of each ends with the
// number of its last line.
func (l Log) older() (paths []string, err error) {
	entries, err := os.ReadDir(filepath.Dir(l.Path))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, entry := range entries { // by name
		if lastOf(l.Path, filepath.Join(filepath.Dir(l.Path), entry.Name())) > 0 {
			paths = append(paths, filepath.Join(filepath.Dir(l.Path), entry.Name()))
		}
	}
	return paths, nil
}

func olderName(path string, last int64) string { return fmt.Sprintf("%s.%012d", path, last) }

// lastOf is the number in the name of a file that was put aside; 0 for any other file.
func lastOf(path, older string) int64 {
	text, ok := strings.CutPrefix(older, path+".")
	n, err := strconv.ParseInt(text, 10, 64)
	if !ok || err != nil || olderName(path, n) != older {
		return 0
	}
	return n
}

// readOurs reads a file; there is nothing in one that is not there.
func readOurs(path string) ([]byte, error) {
	file, err := openOurs(path, os.O_RDONLY)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	content := make([]byte, info.Size())
	n, err := file.ReadAt(content, 0)
	if n < len(content) && err != nil {
		return nil, err
	}
	return content, nil
}

// Read returns all lines of changes, oldest first.
func (l Log) Read() ([]Line, error) { return l.Newest(0) }

// Newest returns lines of changes, oldest first: at least those of so many of the newest
// changes, or all for 0. It reads no more files than it has to.
func (l Log) Newest(changes int) (lines []Line, err error) {
	for {
		before, err := l.older()
		if err != nil {
			return nil, err
		}
		if lines, err = readLines(append(slices.Clone(before), l.Path), changes); err != nil {
			return nil, fmt.Errorf("reading the audit log: %w", err)
		}
		// A file that was put aside meanwhile was read under neither name.
		if after, err := l.older(); err != nil || slices.Equal(before, after) {
			return lines, err
		}
	}
}

func readLines(paths []string, changes int) (lines []Line, err error) {
	begun := 0
	for _, path := range slices.Backward(paths) {
		content, err := readOurs(path)
		if err != nil {
			return nil, err
		}
		var here []Line
		for found := range rows(content, 0) {
			if found.ok && found.ID != "" {
				here = append(here, found.Line)
				if !found.Done {
					begun++
				}
			}
		}
		lines = append(here, lines...)
		if changes > 0 && begun >= changes {
			break
		}
	}
	return lines, nil
}
