package audit

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// Checked is what [Log.Verify] has found.
type Checked struct {
	Files int
	Lines int64 // that are as they were written
	// Torn are the places of what a crash has cut short and the next writer has noted.
	Torn []Place
	// Problems are all else that is not as it was written, in the order of the log.
	Problems []Place
}

// Place is a line of a file and what is to be said of it. Row 0 is the file as a whole.
type Place struct {
	File string
	Row  int
	What string
}

// String is as people look a place up.
func (p Place) String() string {
	if p.Row == 0 {
		return p.File + ": " + p.What
	}
	return fmt.Sprintf("%s:%d: %s", p.File, p.Row, p.What)
}

// Verify checks every line, that none is missing, and that they are in their order.
func (l Log) Verify() (c Checked, err error) {
	lock, err := openOurs(l.Path+".lock", os.O_RDONLY)
	switch {
	case errors.Is(err, fs.ErrPermission), errors.Is(err, fs.ErrNotExist):
		return l.verifyQuietly()
	case err != nil:
		return c, err
	}
	defer lock.Close()
	if err := takeTurn(lock, unix.F_RDLCK); err != nil {
		return c, err
	}
	return l.verify()
}

// verifyQuietly is Verify for whoever cannot keep others from writing meanwhile: what
// seems wrong is looked at again while the log changes.
func (l Log) verifyQuietly() (c Checked, err error) {
	const tries, pause = 5, 20 * time.Millisecond
	for try := range tries {
		if c, err = l.verify(); err != nil || len(c.Problems) == 0 {
			break
		}
		if try < tries-1 {
			time.Sleep(pause)
		}
	}
	return c, err
}

// verifier goes along the chain.
type verifier struct {
	Checked
	last    located          // the last line that is as it was written
	file    string           // of last
	known   bool             // there is a last line
	strange []byte           // what stands between the last line and this one
	at      Place            // where that begins
	hashes  map[int64]string // of all lines, by number
	head    head
}

func (l Log) verify() (Checked, error) {
	v := verifier{hashes: map[int64]string{}}
	kept, err := readOurs(l.headPath())
	if err != nil {
		return v.Checked, err
	}
	said, ok := parseHead(kept)
	v.head = said
	paths, err := l.older()
	if err != nil {
		return v.Checked, err
	}
	paths = append(paths, l.Path)
	contents := make([][]byte, len(paths))
	for i, path := range paths {
		if contents[i], err = readOurs(path); err != nil {
			return v.Checked, err
		}
		if contents[i] != nil {
			v.Files++
		}
		for found := range rows(contents[i], 0) {
			if found.ok {
				v.hashes[found.Number] = found.hash
			}
		}
	}
	for i, path := range paths {
		for found := range rows(contents[i], 0) {
			v.row(filepath.Base(path), &found)
		}
	}
	v.end(l, ok)
	return v.Checked, nil
}

func (v *verifier) problem(file string, row int, format string, args ...any) {
	v.Problems = append(v.Problems, Place{file, row, fmt.Sprintf(format, args...)})
}

// row takes the next row of a file.
func (v *verifier) row(file string, found *located) {
	if !found.ok {
		if len(v.strange) == 0 {
			v.at = Place{File: file, Row: found.row}
		}
		v.strange = append(v.strange, found.text...)
		return
	}
	follows := v.known && found.Number == v.last.Number+1 && found.Before == v.last.hash
	switch {
	case len(v.strange) == 0:
		if !follows {
			v.gap(file, found)
		}
	case found.Torn.is(v.strange) && (follows || !v.known && (found.Number > 1 || found.Before == noHash)):
		v.at.What = "cut short as it was written, which was noted " + found.Time.Local().Format(time.DateTime)
		v.Torn = append(v.Torn, v.at)
	default:
		v.problem(v.at.File, v.at.Row, "altered, or not written by ask-nix")
	}
	v.Lines++
	v.strange, v.known, v.last, v.file = nil, true, *found, file
}

// is says whether these are the bytes: they may have got an end since.
func (t *Torn) is(text []byte) bool {
	if t == nil {
		return false
	}
	if len(text) == t.Bytes+1 {
		text = bytes.TrimSuffix(text, []byte("\n"))
	}
	return len(text) == t.Bytes && hashOf(text) == t.Hash
}

// gap says what is wrong with a line that does not follow the one before.
func (v *verifier) gap(file string, found *located) {
	want := int64(1)
	switch {
	case v.known:
		want = v.last.Number + 1
	case v.head.First > 0:
		want = min(found.Number, v.head.First) // older ones may be there still
	case found.Number > 1:
		return // without the head nobody knows which one is the oldest
	}
	switch n := found.Number; {
	case n == want && (v.known || n == 1 && found.Before != noHash):
		if !v.known {
			v.problem(file, found.row, "number 1 follows another line: those before it were removed")
			return
		}
		v.problem(v.file, v.last.row, "altered: number %d in %s:%d follows another one", n, file, found.row)
	case n == want:
	case n < want && v.known:
		v.problem(file, found.row, "number %d is out of order, or there twice: number %d should be here", n, want)
	case v.hashes[want] != "":
		v.problem(file, found.row, "number %d is out of order: number %d should be here", n, want)
	default:
		v.problem(file, found.row, "before it %s missing", numbers(want, n-1))
	}
}

func numbers(from, to int64) string {
	if from == to {
		return fmt.Sprintf("number %d is", from)
	}
	return fmt.Sprintf("numbers %d to %d are", from, to)
}

// end compares the end with the head.
func (v *verifier) end(l Log, headKnown bool) {
	if len(v.strange) > 0 {
		what := "altered, or not written by ask-nix"
		if !bytes.HasSuffix(v.strange, []byte("\n")) {
			what = "cut short: it has no end"
		}
		v.problem(v.at.File, v.at.Row, "%s", what)
	}
	file := filepath.Base(l.headPath())
	switch {
	case !headKnown && v.last.Number == 0 && len(v.strange) == 0:
	case !headKnown:
		v.problem(file, 0, "missing or damaged, so that lines that are missing at the end are not seen; the next change makes it again")
	case v.head.Lines > v.last.Number:
		v.problem(filepath.Base(l.Path), 0, "at the end %s missing", numbers(v.last.Number+1, v.head.Lines))
	case v.head.Hash != v.hashes[v.head.Lines]:
		v.problem(file, 0, "it names another line of number %d than there is", v.head.Lines)
	}
}
