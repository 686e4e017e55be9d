package fetch

import (
	"context"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"

	"luminousnix/nix/eval"
)

// localFile is what a file URL names. It is hashed each time: nobody says when it
// changes.
func localFile(ctx context.Context, u *url.URL) (eval.Download, error) {
	d, err := hashFile(ctx, u)
	if err != nil && ctx.Err() == nil {
		err = fmt.Errorf("unable to download '%s': %w", shown(u), err)
	}
	return d, err
}

func hashFile(ctx context.Context, u *url.URL) (eval.Download, error) {
	if u.Host != "" && u.Host != "localhost" || !filepath.IsAbs(u.Path) {
		return eval.Download{}, &AddressError{shown(u), "is not the absolute path of a file on this machine"}
	}
	file := filepath.Clean(u.Path)
	// A pipe or device must not make us wait, nor become the terminal.
	f, err := os.OpenFile(file, os.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
	if err != nil {
		return eval.Download{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return eval.Download{}, err
	}
	if !info.Mode().IsRegular() {
		kind := error(syscall.EISDIR)
		if !info.IsDir() {
			kind = fs.ErrInvalid
		}
		return eval.Download{}, &fs.PathError{Op: "download", Path: file, Err: kind}
	}
	hash, _, err := sum(contextReader{ctx, f})
	if err != nil {
		return eval.Download{}, err
	}
	return eval.Download{File: file, Hash: hash}, nil
}

// contextReader fails when its context has ended.
type contextReader struct {
	ctx context.Context
	f   *os.File
}

func (r contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.f.Read(p)
}
