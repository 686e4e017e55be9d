// Package record keeps append-only files of JSON lines: how operations went, what was
// said. Each line is one write, so that lines of concurrent
// processes never mix, and a line that was cut short by a crash is passed over
// when the file is read.
package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"luminousnix/internal/own"
)

// File is a file of JSON lines, readable by its owner only.
type File struct {
	// Path is where it is; the folder is made when it is first needed.
	Path string
	// Max is the size in bytes from which the file is put aside as <Path>.1,
	// replacing the one before; zero is no limit.
	Max int64
	// MaxLines is the number of lines from which it is put aside as well; zero is no
	// limit. Counting them reads the file, so that it is for small ones.
	MaxLines int
}

// Append adds one value as a line.
func (f File) Append(value any) error {
	line, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("recording: %w", err)
	}
	file, err := f.open()
	if err != nil {
		return fmt.Errorf("recording: %w", err)
	}
	defer file.Close()
	line = append(line, '\n')
	if tornAtEnd(file) {
		line = append([]byte{'\n'}, line...)
	}
	if _, err := file.Write(line); err != nil {
		return fmt.Errorf("recording: %w", err)
	}
	return nil
}

// open opens the file for appending, first putting it aside if it is full.
func (f File) open() (*os.File, error) {
	const flags = os.O_RDWR | os.O_APPEND | os.O_CREATE
	if err := own.Folder(filepath.Dir(f.Path)); err != nil {
		return nil, err
	}
	file, err := own.Open(f.Path, flags)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	if !f.full(file, info.Size()) {
		return file, nil
	}
	file.Close()
	if err := os.Rename(f.Path, f.Path+".1"); err != nil {
		return nil, err
	}
	return own.Open(f.Path, flags)
}

// full reports whether the next line belongs into a new file.
func (f File) full(file *os.File, size int64) bool {
	if f.Max > 0 && size >= f.Max {
		return true
	}
	if f.MaxLines == 0 {
		return false
	}
	content := make([]byte, size)
	n, err := file.ReadAt(content, 0)
	return (err == nil || errors.Is(err, io.EOF)) && bytes.Count(content[:n], []byte{'\n'}) >= f.MaxLines
}

// Remove deletes the file and what was put aside of it.
func (f File) Remove() error {
	for _, path := range []string{f.Path, f.Path + ".1"} {
		err := os.Remove(path)
		if errors.Is(err, unix.ENOTEMPTY) {
			_, err = own.Open(path, os.O_RDONLY) // which says what it is
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("deleting records: %w", err)
		}
	}
	return nil
}

// tornAtEnd reports whether the last line has no end.
func tornAtEnd(file *os.File) bool {
	info, err := file.Stat()
	if err != nil || info.Size() == 0 {
		return false
	}
	var last [1]byte
	_, err = file.ReadAt(last[:], info.Size()-1)
	return err == nil && last[0] != '\n'
}

// Read returns all values, oldest first; none when there is no file. Lines that
// are not a T are passed over.
func Read[T any](f File) ([]T, error) {
	var values []T
	for _, path := range []string{f.Path + ".1", f.Path} {
		file, err := own.Open(path, os.O_RDONLY)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("reading records: %w", err)
		}
		err = own.Lines(file, func(line []byte) {
			var value T
			if json.Unmarshal(line, &value) == nil {
				values = append(values, value)
			}
		})
		file.Close()
		if err != nil {
			return nil, fmt.Errorf("reading records: %w", err)
		}
	}
	return values, nil
}
