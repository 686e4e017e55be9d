package eval

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"luminousnix/nix/store"
)

// Inputs is all that an evaluation reads from outside of the store. Paths are
// absolute. An implementation may record what is read, or deny it. Its methods
// are called by several goroutines.
type Inputs interface {
	ReadFile(path string) ([]byte, error)
	// ReadDir lists a directory, sorted by name.
	ReadDir(path string) ([]fs.DirEntry, error)
	// Lstat does not follow a last symbolic link.
	Lstat(path string) (fs.FileInfo, error)
	Readlink(path string) (string, error)
	// Getenv returns "" for a variable that is not set.
	Getenv(name string) string
	// Now is the time of builtins.currentTime.
	Now() time.Time
	// Download fetches what is at a URL. The error is a [*NotSupportedError] where
	// nothing can be fetched.
	Download(ctx context.Context, url string) (Download, error)
}

// Download is what was fetched from a URL.
type Download struct {
	File string     // where it lies now; not to be changed
	Hash store.Hash // SHA-256 of the file's content
}

// Downloader fetches what is at URLs.
type Downloader interface {
	Download(ctx context.Context, url string) (Download, error)
}

// Host is the machine itself.
type Host struct {
	// Downloads fetches from URLs; nothing can be fetched if nil.
	Downloads Downloader
}

// ReadFile implements Inputs.
func (Host) ReadFile(path string) ([]byte, error) { return os.ReadFile(path) }

// ReadDir implements Inputs.
func (Host) ReadDir(path string) ([]fs.DirEntry, error) { return os.ReadDir(path) }

// Lstat implements Inputs.
func (Host) Lstat(path string) (fs.FileInfo, error) { return os.Lstat(path) }

// Readlink implements Inputs.
func (Host) Readlink(path string) (string, error) { return os.Readlink(path) }

// Getenv implements Inputs.
func (Host) Getenv(name string) string { return os.Getenv(name) }

// Now implements Inputs.
func (Host) Now() time.Time { return time.Now() }

// Download implements Inputs.
func (h Host) Download(ctx context.Context, url string) (Download, error) {
	if h.Downloads == nil {
		return Download{}, &NotSupportedError{"fetchurl"}
	}
	return h.Downloads.Download(ctx, url)
}

// resolve follows the symbolic links of path that lead through directories and,
// if last is set, the last one. What does not exist stays as it is.
func resolve(in Inputs, path string, last bool) (string, error) {
	const maxLinks = 1024
	links := 0
	done := "/"
	rest := splitPath(path)
	for len(rest) > 0 {
		name := rest[0]
		rest = rest[1:]
		if name == ".." {
			done = filepath.Dir(done)
			continue
		}
		next := filepath.Join(done, name)
		if len(rest) == 0 && !last {
			return next, nil
		}
		info, err := in.Lstat(next)
		if err != nil || info.Mode()&fs.ModeSymlink == 0 {
			done = next
			continue
		}
		if links++; links > maxLinks {
			return "", &fs.PathError{Op: "resolve", Path: path, Err: syscall.ELOOP}
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

// splitPath returns the elements of a path without . and empty ones.
func splitPath(path string) []string {
	var elements []string
	for name := range strings.SplitSeq(path, "/") {
		if name != "" && name != "." {
			elements = append(elements, name)
		}
	}
	return elements
}
