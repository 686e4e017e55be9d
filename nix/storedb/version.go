package storedb

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"luminousnix/nix/folder"
)

// ErrChanging means that the database was changed so lately that its files do not tell
// one change from the next.
var ErrChanging = errors.New("the Nix database has just been changed")

// Sizes of what SQLite has in its files. In shared memory stands twice, for readers to see
// whether it is just being written, which commit was the last: a counter, the number of
// frames in the log, their checksum and the salt of the log.
const (
	databaseHeader = 100
	indexHeader    = 48
)

// Version identifies the state of the database in a state directory, without opening it:
// as long as it is the same until the machine is started again, so is all that the
// database says. It may be another one where nothing has changed. The error matches
// [ErrChanging] where that cannot be told right now, or is one of reading the files.
func Version(stateDir string) (string, error) {
	file := filepath.Join(stateDir, "db", "db.sqlite")
	logged, err := commit(file)
	if err != nil {
		return "", fmt.Errorf("reading the Nix database: %w", err)
	}
	h := sha256.New()
	changed, err := describe(h, file, databaseHeader)
	if err != nil {
		return "", fmt.Errorf("reading the Nix database: %w", err)
	}
	if age := time.Since(changed); len(logged) == 0 && age < folder.Settled {
		return "", fmt.Errorf("%w: %v ago", ErrChanging, age)
	}
	h.Write(logged)
	return hex.EncodeToString(h.Sum(nil)), nil
}

// commit is the last one in the write-ahead log; nothing where there is none, so that all
// is in the database itself.
func commit(file string) ([]byte, error) {
	info, err := os.Stat(file + "-wal")
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	if _, err := describe(&text, file+"-wal", 0); err != nil {
		return nil, err
	}
	index, err := os.Open(file + "-shm")
	if err != nil {
		return nil, err
	}
	defer index.Close()
	var both [2 * indexHeader]byte
	if _, err := io.ReadFull(index, both[:]); err != nil {
		return nil, err
	}
	if !bytes.Equal(both[:indexHeader], both[indexHeader:]) {
		return nil, ErrChanging
	}
	return append(text.Bytes(), both[:indexHeader]...), nil
}

// describe writes which file it is, its size and time, and its first bytes.
func describe(w io.Writer, name string, header int) (changed time.Time, err error) {
	f, err := os.Open(name)
	if err != nil {
		return changed, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return changed, err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return changed, errors.ErrUnsupported
	}
	first := make([]byte, header)
	if _, err := io.ReadFull(f, first); err != nil {
		return changed, err
	}
	fmt.Fprintln(w, stat.Dev, stat.Ino, info.Size(), info.ModTime().UnixNano())
	_, err = w.Write(first)
	return info.ModTime(), err
}
