package eval

import (
	"context"
	"io/fs"
	"os"
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
