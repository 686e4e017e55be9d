// Package buildlog reads the logs that Nix keeps of builds: that of a derivation, or
// the newest ones.
//
// They are in drvs below the folder of logs (NIX_LOG_DIR, or /nix/var/log/nix): the log
// of HASH-NAME.drv is HA/SH-NAME.drv there, and compressed with bzip2 unless the setting
// compress-build-log says otherwise. There is one log of each derivation, that of its
// last build, and nothing in it says whether that succeeded. Everybody may read them.
package buildlog

import (
	"bufio"
	"cmp"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"luminousnix/nix/store"
)

// Dir is the path of a folder of logs; "" means [DefaultDir].
type Dir string

// DefaultDir is the folder of logs of an ordinary installation.
const DefaultDir Dir = "/nix/var/log/nix"

const compressed = ".bz2"

// A Log is the log of a derivation's last build.
type Log struct {
	// Derivation is the name of the derivation's file in the store, HASH-NAME.drv.
	Derivation string
	File       string // where the log is
	Time       time.Time
}

// Name is what the derivation is called.
func (l Log) Name() string {
	_, name, _ := strings.Cut(l.Derivation, "-")
	return strings.TrimSuffix(name, ".drv")
}

func (d Dir) drvs() string { return filepath.Join(string(cmp.Or(d, DefaultDir)), "drvs") }

// Find finds the log of a derivation. The error matches fs.ErrNotExist when there is
// none: it was never built here, or its log was deleted.
func (d Dir) Find(drv store.Path) (Log, error) {
	base := drv.Base()
	file := filepath.Join(d.drvs(), base[:2], base[2:])
	for _, file := range []string{file, file + compressed} {
		info, err := os.Stat(file)
		if err == nil {
			return Log{base, file, info.ModTime()}, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return Log{}, fmt.Errorf("finding the log of %s: %w", base, err)
		}
	}
	return Log{}, fmt.Errorf("there is no log of %s: %w", base, fs.ErrNotExist)
}

// Newest lists logs that were last written at a time or later, the newest first.
// Without a folder of logs there are none. What is deleted meanwhile is left out.
func (d Dir) Newest(since time.Time) ([]Log, error) {
	folders, err := os.ReadDir(d.drvs())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("listing the logs of builds: %w", err)
	}
	var logs []Log
	for _, folder := range folders {
		if len(folder.Name()) != 2 || !folder.IsDir() {
			continue
		}
		path := filepath.Join(d.drvs(), folder.Name())
		// A log that is written moves its folder's time only when it begins, so the
		// files have to be looked at.
		entries, err := os.ReadDir(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("listing the logs of builds: %w", err)
		}
		for _, entry := range entries {
			info, err := entry.Info()
			if err != nil || !info.Mode().IsRegular() || info.ModTime().Before(since) {
				continue
			}
			name := folder.Name() + strings.TrimSuffix(entry.Name(), compressed)
			logs = append(logs, Log{name, filepath.Join(path, entry.Name()), info.ModTime()})
		}
	}
	slices.SortFunc(logs, func(a, b Log) int {
		return cmp.Or(b.Time.Compare(a.Time), cmp.Compare(a.Derivation, b.Derivation))
	})
	return logs, nil
}

// Open opens the log to be read, uncompressed.
func (l Log) Open() (io.ReadCloser, error) {
	file, err := os.Open(l.File)
	if err != nil || !strings.HasSuffix(l.File, compressed) {
		return file, err
	}
	return struct {
		io.Reader
		io.Closer
	}{bzip2.NewReader(bufio.NewReader(file)), file}, nil
}

// longest is how much of a line Tail gives, in bytes.
const longest = 4 << 10

// Tail reads the last lines of the log, at most n. Long lines are cut, and of a log
// that is damaged or still written it gives what can be read, without error.
func (l Log) Tail(n int) ([]string, error) {
	r, err := l.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var lines []string
	buffered := bufio.NewReaderSize(r, longest)
	for {
		line, more, err := buffered.ReadLine()
		if err != nil {
			return lines, nil
		}
		lines = append(lines, string(line))
		lines = lines[max(0, len(lines)-n):]
		for more && err == nil {
			_, more, err = buffered.ReadLine()
		}
	}
}
