package trace

import (
	"hash/maphash"
	"io/fs"
	"path/filepath"
	"sync"
	"time"
)

// memory is what was read of files by path. It is in parts, so that goroutines
// seldom wait for each other.
type memory struct {
	seed  maphash.Seed
	parts *[16]part
}

type part struct {
	mu    sync.Mutex
	files map[string]*file
}

// file is what was read of one path. What it points to does not change once it is
// there.
type file struct {
	look    *look
	asked   bool // whether the evaluation asked for look
	link    *link
	reading *reading
}

// look is what lstat said.
type look struct {
	name    string
	file    fileType
	full    fs.FileInfo // nil if it failed
	err     error
	inStore bool
}

type link struct {
	target string
	err    error
}

// reading is the digest of a content or listing.
type reading struct {
	kind    Kind
	failure failure
	sum     sum
	stat    identity
}

func newMemory() memory {
	m := memory{maphash.MakeSeed(), new([16]part)}
	for i := range m.parts {
		m.parts[i].files = make(map[string]*file)
	}
	return m
}

func (m memory) part(path string) *part {
	return &m.parts[maphash.String(m.seed, path)%uint64(len(m.parts))]
}

// file returns the file at the path, a new one at the first time.
func (p *part) file(path string) *file {
	f := p.files[path]
	if f == nil {
		f = new(file)
		p.files[path] = f
	}
	return f
}

// look returns what lstat said, if it was asked, and that it was asked now.
func (m memory) look(path string) (*look, bool) {
	p := m.part(path)
	p.mu.Lock()
	defer p.mu.Unlock()
	f := p.files[path]
	if f == nil || f.look == nil {
		return nil, false
	}
	f.asked = true
	return f.look, true
}

// peek is look without asking.
func (m memory) peek(path string) (fs.FileInfo, bool) {
	p := m.part(path)
	p.mu.Lock()
	defer p.mu.Unlock()
	f := p.files[path]
	if f == nil || f.look == nil {
		return nil, false
	}
	return f.look.full, true
}

// setLook remembers what lstat said, and returns what it said to whoever was
// first.
func (m memory) setLook(path string, seen *look, asked bool) *look {
	p := m.part(path)
	p.mu.Lock()
	defer p.mu.Unlock()
	f := p.file(path)
	f.asked = f.asked || asked
	if f.look == nil {
		f.look = seen
	}
	return f.look
}

func (m memory) link(path string) (*link, bool) {
	p := m.part(path)
	p.mu.Lock()
	defer p.mu.Unlock()
	f := p.files[path]
	if f == nil || f.link == nil {
		return nil, false
	}
	return f.link, true
}

func (m memory) setLink(path string, seen *link) *link {
	p := m.part(path)
	p.mu.Lock()
	defer p.mu.Unlock()
	f := p.file(path)
	if f.link == nil {
		f.link = seen
	}
	return f.link
}

// addReading remembers a reading. It returns false if an earlier one was
// different.
func (m memory) addReading(path string, read reading) bool {
	p := m.part(path)
	p.mu.Lock()
	defer p.mu.Unlock()
	f := p.file(path)
	if f.reading == nil {
		f.reading = &read
		return true
	}
	before := f.reading
	return before.kind == read.kind && before.failure == read.failure && before.sum == read.sum
}

// The methods of fs.FileInfo tell what is recorded and nothing else.

func newLook(path string, info fs.FileInfo, err error) *look {
	if err != nil {
		return &look{err: err}
	}
	return &look{name: filepath.Base(path), file: fileTypeOf(info.Mode()), full: info}
}

func (l *look) answer() (fs.FileInfo, error) {
	if l.err != nil {
		return nil, l.err
	}
	return l, nil
}

// Name implements fs.FileInfo.
func (l *look) Name() string { return l.name }

// Size implements fs.FileInfo; it is always 0.
func (l *look) Size() int64 { return 0 }

// ModTime implements fs.FileInfo; it is always the zero time.
func (l *look) ModTime() time.Time { return time.Time{} }

// IsDir implements fs.FileInfo.
func (l *look) IsDir() bool { return l.file == directory }

// Sys implements fs.FileInfo; it is always nil.
func (l *look) Sys() any { return nil }

// Mode implements fs.FileInfo.
func (l *look) Mode() fs.FileMode {
	switch l.file {
	case regular:
		return 0o444
	case directory:
		return fs.ModeDir | 0o555
	case symlink:
		return fs.ModeSymlink | 0o777
	case special:
		return fs.ModeIrregular | 0o444
	}
	return 0o555
}
