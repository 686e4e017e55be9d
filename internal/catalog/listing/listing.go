// Package listing reads packages.json, the file in which a Nix channel lists
// all its packages.
//
// The file is one JSON object,
//
//	{"version":2,"packages":{"ATTRIBUTE":{"name":…,"pname":…,"version":…,"meta":{…}},…}}
//
// of 60 to 400 MB. [Read] walks it as a stream and hands over one [Entry] at a
// time. It decodes only the keys that Entry names and skips over the others,
// which is several times faster than encoding/json and keeps memory bounded by
// the largest single entry. It checks what it walks over well enough to tell a
// truncated or garbled file from a good one; it isn't a JSON validator.
package listing

import (
	"errors"
	"fmt"
	"io"
)

// Version is the version of packages.json that [Read] understands. Nixpkgs has
// written it since 2019.
const Version = 2

// An Entry is one package of the listing. Texts are as in the file: they may
// hold any Unicode character, control characters included.
type Entry struct {
	// Attribute is the path below nixpkgs, such as "python313Packages.numpy".
	Attribute string
	// Name is the derivation's pname, or its full name where that is missing.
	Name        string
	Version     string
	Description string
	// Homepage is the first of the homepages.
	Homepage string
	// License has short names ("mit", "gpl3Plus"), joined by ", ".
	License string
	// MainProgram is the program that `nix run` would start.
	MainProgram string
	Broken      bool
	// Unfree follows meta.unfree, or a license that says "free": false.
	Unfree bool
	// Insecure follows meta.insecure, or a non-empty meta.knownVulnerabilities.
	Insecure bool
	// Unavailable is set when meta.available is false: broken, unfree, insecure
	// or not for the listing's system.
	Unavailable bool
}

// A SyntaxError tells that the input isn't a whole packages.json.
type SyntaxError struct {
	// Offset is the number of bytes from the start of the listing.
	Offset int64
	Reason string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("packages.json: at byte %d: %s", e.Offset, e.Reason)
}

// maxEntry bounds the memory for one package. The largest entry of nixpkgs is
// about 60 kB.
const maxEntry = 8 << 20

// Read calls yield for each package of the listing in r, in file order. An
// error of yield ends the reading and is returned as it is. Other errors are
// *[SyntaxError] or what r returned.
func Read(r io.Reader, yield func(Entry) error) error {
	w := window{r: r, buf: make([]byte, 0, 1<<20)}
	return w.document(yield)
}

// A window is the part of the stream that is in memory. Parsing works on whole
// values: when a value reaches past the end of the window, more is read and the
// value is parsed again from its start. With a window much larger than an
// entry that happens once in several hundred entries.
type window struct {
	r    io.Reader
	buf  []byte
	pos  int   // the next unread byte of buf
	base int64 // stream offset of buf[0]
	eof  bool

	repeated []byte // see parser
}

// fill drops what was read and reads more. It reports false at the end.
func (w *window) fill() (bool, error) {
	if w.eof {
		return false, nil
	}
	n := copy(w.buf, w.buf[w.pos:])
	w.buf = w.buf[:n]
	w.base += int64(w.pos)
	w.pos = 0
	if n == cap(w.buf) {
		if n >= maxEntry {
			return false, w.fail("one package is larger than 8 MB")
		}
		w.buf = append(make([]byte, 0, 2*n), w.buf...)
	}
	for range 100 {
		n, err := w.r.Read(w.buf[len(w.buf):cap(w.buf)])
		w.buf = w.buf[:len(w.buf)+n]
		if errors.Is(err, io.EOF) {
			w.eof = true
			return n > 0, nil
		}
		if err != nil {
			return false, err
		}
		if n > 0 {
			return true, nil
		}
	}
	return false, io.ErrNoProgress
}

func (w *window) fail(reason string) error {
	return &SyntaxError{Offset: w.base + int64(w.pos), Reason: reason}
}

// whole runs parse on the window from the current position and moves past what
// it consumed, reading more while parse says that the value is cut off.
func (w *window) whole(parse func(p *parser)) error {
	for {
		p := parser{b: w.buf, i: w.pos, repeated: &w.repeated}
		parse(&p)
		switch {
		case p.reason == "":
			w.pos = p.i
			return nil
		case p.reason != cutOff:
			w.pos = p.i
			return w.fail(p.reason)
		}
		more, err := w.fill()
		if err != nil {
			return err
		}
		if !more {
			w.pos = len(w.buf)
			return w.fail("the file ends in the middle")
		}
	}
}

// document parses the outermost object.
func (w *window) document(yield func(Entry) error) error {
	if err := w.whole(func(p *parser) { p.expect('{') }); err != nil {
		return err
	}
	found := false
	for first := true; ; first = false {
		var key string
		var done bool
		err := w.whole(func(p *parser) { key, done = p.member(first) })
		if err != nil {
			return err
		}
		if done {
			break
		}
		switch key {
		case "packages":
			found = true
			err = w.packages(yield)
		case "version":
			err = w.version()
		default:
			err = w.whole(func(p *parser) { p.skip() })
		}
		if err != nil {
			return err
		}
	}
	if !found {
		return w.fail(`there is no "packages" in it`)
	}
	return nil
}

func (w *window) version() error {
	var number string
	if err := w.whole(func(p *parser) { number = p.number() }); err != nil {
		return err
	}
	if number != fmt.Sprint(Version) {
		return w.fail(fmt.Sprintf("version %.20s of the format is not known here, only %d", number, Version))
	}
	return nil
}

func (w *window) packages(yield func(Entry) error) error {
	if err := w.whole(func(p *parser) { p.expect('{') }); err != nil {
		return err
	}
	for first := true; ; first = false {
		var entry Entry
		var done bool
		err := w.whole(func(p *parser) { entry, done = p.entry(first) })
		if err != nil {
			return err
		}
		if done {
			return nil
		}
		if err := yield(entry); err != nil {
			return err
		}
	}
}
