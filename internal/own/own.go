// Package own opens the files and folders that ask-nix keeps, and no others: neither links
// nor pipes, nothing of somebody else, nothing that others may write. What somebody has put
// in the place of such a file is left, and told.
package own

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"luminousnix/internal/operation"
)

// errOdd is matched by the errors of what is not ours.
var errOdd = errors.New("it is not ours")

// IsOdd reports whether an error is that something is not what ask-nix has put there.
func IsOdd(err error) bool { return errors.Is(err, errOdd) }

func odd(path, why string) error {
	return operation.Errorf(operation.CodeFailed, "%s is not used: %s", path, why).
		WithHint("ask-nix has not put that there. Look at it, and move it away: a new one is made then.").WithCause(errOdd)
}

// Open opens a file as os.OpenFile does; a new one may be read by its owner only.
func Open(path string, flags int) (*os.File, error) {
	file, err := os.OpenFile(path, flags|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0o600)
	switch {
	case errors.Is(err, unix.ELOOP):
		return nil, odd(path, "it is a link")
	case errors.Is(err, unix.EISDIR):
		return nil, odd(path, "it is a folder")
	case err != nil:
		return nil, err
	}
	info, err := file.Stat()
	switch {
	case err != nil:
	case info.IsDir():
		err = odd(path, "it is a folder")
	case !info.Mode().IsRegular():
		err = odd(path, "it is no file")
	case !belongs(info):
		err = odd(path, "it belongs to somebody else")
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// belongs reports whether something is ours, or root's.
func belongs(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && (int(stat.Uid) == os.Geteuid() || stat.Uid == 0)
}

// ReadFile reads a file of so many bytes at the most.
func ReadFile(path string, most int64) ([]byte, error) {
	file, err := Open(path, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, most+1))
	if err == nil && int64(len(content)) > most {
		err = odd(path, fmt.Sprintf("it has more than %s", operation.Size(most)))
	}
	return content, err
}

// Folder makes a folder, for its owner only, with those above it. One that is there has to
// be ours, and not for others to write: they could put there what is taken for ours. For root
// it may be no link either.
func Folder(path string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return err
	}
	stat, others := os.Stat, fs.FileMode(0o002)
	if os.Geteuid() == 0 {
		stat, others = os.Lstat, 0o022
	}
	info, err := stat(path)
	switch {
	case err != nil:
		return err
	case !info.IsDir():
		return odd(path, "it is no folder")
	case !belongs(info):
		return odd(path, "it belongs to somebody else")
	case info.Mode().Perm()&others != 0:
		return odd(path, "others may write there")
	}
	return nil
}

// maxLine is the longest line that is given by Lines.
const maxLine = 1 << 20

// Lines calls each with every line of a file. Longer ones than 1 MiB are
// passed over: nobody has written them. The bytes are valid until each returns.
func Lines(file io.Reader, each func(line []byte)) error {
	lines := bufio.NewReaderSize(file, maxLine)
	for tooLong := false; ; {
		line, err := lines.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			tooLong = true
			continue
		}
		if len(line) > 0 && !tooLong {
			each(line)
		}
		tooLong = false
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
