// Package listing reads the files in which a Nix channel lists what it has:
// packages.json with all packages, and options.json with all options of NixOS.
// Home-manager's options.json has the same form.
//
// The first is one JSON object,
//
//	{"version":2,"packages":{"ATTRIBUTE":{"name":…,"pname":…,"version":…,"meta":{…}},…}}
//
// of 60 to 400 MB, the second is
//
//	{"OPTION.PATH":{"description":…,"type":…,"default":…,"example":…,"declarations":[…]},…}
//
// of about 10 MB. [Packages] and [Options] walk them as a stream and hand over one
// [Entry] at a time. They decode only the keys that Entry names and skip over the
// others, which is several times faster than encoding/json and keeps memory bounded
// by the largest single entry. They check what they walk over well enough to tell a
// truncated or garbled file from a good one; they aren't JSON validators.
package listing

import (
	"errors"
	"fmt"
	"io"
)

// Version is the version of packages.json that [Packages] understands. Nixpkgs has
// written it since 2019.
const Version = 2

// A Kind is what an [Entry] is.
type Kind uint8

// The kinds of entries.
const (
	Package    Kind = iota
	Option          // of NixOS
	HomeOption      // of home-manager
)

// An Entry is a package or an option. Texts are as in the file: they may hold any
// Unicode character, control characters included.
type Entry struct {
	Kind Kind
	// Attribute is the path below nixpkgs, such as "python313Packages.numpy", or
	// that of an option, such as "services.nginx.enable".
	Attribute   string
	Description string
	// Position is where it is declared: a file, for a package with a line.
	Position string

	// Of packages only:

	// Name is the derivation's pname, or its full name where that is missing.
	Name    string
	Version string
	// Homepage is the first of the homepages.
	Homepage string
	// License has short names ("mit", "gpl3Plus"), joined by ", ".
	License string
	// MainProgram is the program that `nix run` would start, and Programs are all
	// that are known, separated by spaces.
	MainProgram, Programs string
	// Platforms are systems such as x86_64-linux, separated by spaces.
	Platforms string
	// OutputPath is the store path of the default output.
	OutputPath string
	Broken     bool
	// Unfree follows meta.unfree, or a license that says "free": false.
	Unfree bool
	// Insecure follows meta.insecure, or a non-empty meta.knownVulnerabilities.
	Insecure bool
	// Unavailable is set when meta.available is false: broken, unfree, insecure
	// or not for the listing's system.
	Unavailable bool

	// Of options only:

	// Type is in words: "boolean", "list of string".
	Type string
	// Default and Example are expressions of Nix, "" if there is none.
	Default, Example string
	// Related are attributes of packages that have to do with it, separated by
	// spaces.
	Related  string
	ReadOnly bool
}

// A SyntaxError tells that the input isn't a whole listing.
type SyntaxError struct {
	// Offset is the number of bytes from the start of the listing.
	Offset int64
	Reason string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("at byte %d: %s", e.Offset, e.Reason)
}

// maxEntry bounds the memory for one entry. The largest one of nixpkgs is about
// 60 kB.
const maxEntry = 8 << 20

// Packages calls yield for each package of the packages.json in r, in file order.
// An error of yield ends the reading and is returned as it is. Other errors are
// *[SyntaxError] or what r returned.
func Packages(r io.Reader, yield func(Entry) error) error {
	return newWindow(r).document(yield)
}

// Options calls yield for each option of the options.json in r, as [Packages] does
// for packages. The kind of the entries is [Option].
func Options(r io.Reader, yield func(Entry) error) error {
	w := newWindow(r)
	if err := w.entries((*parser).option, yield); err != nil {
		return err
	}
	return w.end()
}

func newWindow(r io.Reader) *window {
	return &window{r: r, buf: make([]byte, 0, 1<<20), platforms: make(map[string]string)}
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

	repeated  []byte            // see parser
	platforms map[string]string // lists as they are in the file → what Entry has
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
			return false, w.fail("one entry is larger than 8 MB")
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
		p := parser{b: w.buf, i: w.pos, repeated: &w.repeated, platforms: w.platforms}
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
			err = w.entries((*parser).pkg, yield)
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
	return w.end()
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

// entries parses an object each of whose members is an entry.
func (w *window) entries(parse func(p *parser, first bool) (e Entry, done bool), yield func(Entry) error) error {
	if err := w.whole(func(p *parser) { p.expect('{') }); err != nil {
		return err
	}
	for first := true; ; first = false {
		var entry Entry
		var done bool
		err := w.whole(func(p *parser) { entry, done = parse(p, first) })
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

// end checks that nothing follows.
func (w *window) end() error {
	for {
		p := parser{b: w.buf, i: w.pos}
		if p.peek(); p.reason == "" {
			w.pos = p.i
			return w.fail("something follows the end")
		}
		w.pos = len(w.buf)
		if more, err := w.fill(); err != nil || !more {
			return err
		}
	}
}
