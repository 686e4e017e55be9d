package storedb

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"

	"luminousnix/nix/store"
)

// temporaryRoots reads the files in which running Nix processes list the paths
// that they work on, each named by the process's number and ending every path
// with a zero byte. A path need not be valid yet.
func temporaryRoots(folder string, dir store.Dir) ([]store.Root, error) {
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var roots []store.Root
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue // such as the .keep files of some package managers
		}
		content, err := readHeld(filepath.Join(folder, entry.Name()))
		if err != nil {
			return nil, err
		}
		for text := range bytes.SplitSeq(content, []byte{0}) {
			if path, err := dir.Parse(string(text)); err == nil {
				roots = append(roots, store.Root{Link: fmt.Sprintf("{temp:%d}", pid), Path: path})
			}
		}
	}
	return roots, nil
}

// readHeld reads the file if its process is still there: it holds a lock on the
// file for as long as it lives. A file without lock is left over, and has
// nothing to say; a collection removes it.
func readHeld(name string) ([]byte, error) {
	file, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	err = unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if err == nil {
		return nil, nil // closing lets the lock go
	}
	if !errors.Is(err, unix.EWOULDBLOCK) {
		return nil, &fs.PathError{Op: "flock", Path: name, Err: err}
	}
	return os.ReadFile(name)
}
