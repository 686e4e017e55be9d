package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"

	"golang.org/x/sys/unix"
)

// recent is the end of a log: all lines from the first one on that may belong to a change
// without a second one. The log grows for ever, and each change looks for those.
type recent struct {
	lines []located
	end   int64  // of the log
	inode uint64 // of the log
}

// located is a line, and where it begins.
type located struct {
	Line
	at int64
}

// recent reads them. Where the file of the lock does not say where they begin, or it was
// another log, that is all of it.
func (l Log) recent(lock *os.File) (r recent, err error) {
	file, err := os.Open(l.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err != nil {
		return r, err
	}
	defer file.Close()
	var stat unix.Stat_t
	if err := unix.Fstat(int(file.Fd()), &stat); err != nil {
		return r, fmt.Errorf("reading %s: %w", l.Path, err)
	}
	var inode uint64
	var begin int64
	written := io.NewSectionReader(lock, 0, math.MaxInt64)
	if _, err := fmt.Fscan(written, &inode, &begin); err != nil || inode != stat.Ino || begin > stat.Size {
		begin = 0
	}
	r.inode = stat.Ino
	return r, r.read(io.NewSectionReader(file, begin, math.MaxInt64-begin), begin)
}

// read reads the lines; one that was cut short by a crash is passed over.
func (r *recent) read(from io.Reader, begin int64) error {
	text, err := io.ReadAll(from)
	if err != nil {
		return err
	}
	r.end = begin
	for line := range bytes.Lines(text) {
		found := located{at: r.end}
		if json.Unmarshal(line, &found.Line) == nil {
			r.lines = append(r.lines, found)
		}
		r.end += int64(len(line))
	}
	return nil
}

// unfinished are the first lines of changes that have no second one, oldest first.
func (r *recent) unfinished() []located {
	done := map[string]bool{}
	for _, line := range r.lines {
		done[line.ID] = done[line.ID] || line.Done
	}
	var open []located
	for _, line := range r.lines {
		if !done[line.ID] {
			open = append(open, line)
		}
	}
	return open
}

// next writes down where the recent lines begin from now on.
func (r *recent) next(lock *os.File, begin int64) error {
	if r.inode == 0 {
		return nil // there is no log yet
	}
	_, err := lock.WriteAt(fmt.Appendf(nil, "%20d %20d\n", r.inode, begin), 0)
	return err
}
