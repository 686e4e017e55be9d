package trace

import (
	"context"
	"crypto/sha256"
	"io/fs"
	"sync"
	"time"

	"luminousnix/nix/eval"
	"luminousnix/nix/store"
)

// Options say how to record. The zero value is ready.
type Options struct {
	// StoreDir is below which files do not change; [store.DefaultDir] if empty.
	StoreDir store.Dir
}

// margin is how long a file must have been left alone for its time stamps to be
// trusted. Clocks of file systems tick every few milliseconds, and every two
// seconds at worst (FAT).
const margin = 2 * time.Second

// Recorder is an [eval.Inputs] that reads from another and remembers what was
// read. It is for one evaluation: what lstat and readlink said once it goes on
// saying, so that an evaluation sees one state, and asks the system once.
//
// Of a file it tells the evaluation no more than it records: the FileInfo of
// [Recorder.Lstat] has the type and the permission to execute, no size and no
// times.
//
// All methods are safe for concurrent use.
type Recorder struct {
	in       eval.Inputs
	storeDir store.Dir
	old      int64 // files changed later than this are too young to trust

	files memory

	mu        sync.Mutex
	stores    map[store.Path]failure
	variables map[string]string
	urls      map[string]store.Hash
	obstacle  Obstacle
}

// NewRecorder records what is read from in.
func NewRecorder(in eval.Inputs, options Options) *Recorder {
	return newRecorder(in, options, margin)
}

func newRecorder(in eval.Inputs, options Options, margin time.Duration) *Recorder {
	if options.StoreDir == "" {
		options.StoreDir = store.DefaultDir
	}
	return &Recorder{
		in:        in,
		storeDir:  options.StoreDir,
		old:       time.Now().Add(-margin).UnixNano(),
		files:     newMemory(),
		stores:    make(map[store.Path]failure),
		variables: make(map[string]string),
		urls:      make(map[string]store.Hash),
	}
}

// Lstat implements [eval.Inputs].
func (r *Recorder) Lstat(path string) (fs.FileInfo, error) {
	if seen, ok := r.files.look(path); ok {
		return seen.answer()
	}
	info, err := r.in.Lstat(path)
	seen := newLook(path, info, err)
	if p, _, storeErr := r.storeDir.Split(path); storeErr == nil {
		r.noteStorePath(p)
		if err != nil {
			return nil, err // something may be built here later
		}
		seen.inStore = true
	} else {
		r.noteFailure(err)
	}
	return r.files.setLook(path, seen, true).answer()
}

// Readlink implements [eval.Inputs].
func (r *Recorder) Readlink(path string) (string, error) {
	if seen, ok := r.files.link(path); ok {
		return seen.target, seen.err
	}
	target, err := r.in.Readlink(path)
	if r.inStore(path) {
		return target, err
	}
	r.noteFailure(err)
	seen := r.files.setLink(path, &link{target, err})
	return seen.target, seen.err
}

// ReadFile implements [eval.Inputs].
func (r *Recorder) ReadFile(path string) ([]byte, error) {
	content, err := r.in.ReadFile(path)
	if r.inStore(path) {
		return content, err
	}
	read := reading{kind: Content, failure: failureOf(err)}
	if err == nil {
		read.sum = sha256.Sum256(content)
		read.stat = r.trusted(fileIdentity(path, r.fileInfo(path), len(content)))
	}
	r.noteReading(path, read, err)
	return content, err
}

// ReadDir implements [eval.Inputs].
func (r *Recorder) ReadDir(path string) ([]fs.DirEntry, error) {
	entries, err := r.in.ReadDir(path)
	if r.inStore(path) {
		return entries, err
	}
	read := reading{kind: Listing, failure: failureOf(err)}
	if err == nil {
		read.sum = listingSum(entries)
		read.stat = r.trusted(listingIdentity(path, r.fileInfo(path)))
	}
	r.noteReading(path, read, err)
	return entries, err
}

// Getenv implements [eval.Inputs].
func (r *Recorder) Getenv(name string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	value, ok := r.variables[name]
	if !ok {
		value = r.in.Getenv(name)
		r.variables[name] = value
	}
	return value
}

// Now implements [eval.Inputs]. A trace with it is not storable.
func (r *Recorder) Now() time.Time {
	r.note(Timed)
	return r.in.Now()
}

// Download implements [eval.Inputs].
func (r *Recorder) Download(ctx context.Context, url string) (eval.Download, error) {
	download, err := r.in.Download(ctx, url)
	if err != nil {
		r.note(Uncheckable) // it may work in a moment
		return download, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if before, ok := r.urls[url]; ok && before != download.Hash {
		r.obstacle = max(r.obstacle, Unsettled)
	}
	r.urls[url] = download.Hash
	return download, nil
}

// fileInfo is what lstat says of a path, without this being asked by the
// evaluation; nil if it fails.
func (r *Recorder) fileInfo(path string) fs.FileInfo {
	if info, ok := r.files.peek(path); ok {
		return info
	}
	info, err := r.in.Lstat(path)
	return r.files.setLook(path, newLook(path, info, err), false).full
}

// trusted is the identity, unless it is too young.
func (r *Recorder) trusted(id identity) identity {
	if id.ctime >= r.old {
		return identity{}
	}
	return id
}

func (r *Recorder) noteReading(path string, read reading, err error) {
	r.noteFailure(err)
	if !r.files.addReading(path, read) {
		r.note(Unsettled)
	}
}

// inStore says whether path is in a store path, and if so notes that.
func (r *Recorder) inStore(path string) bool {
	p, _, err := r.storeDir.Split(path)
	if err != nil {
		return false
	}
	r.noteStorePath(p)
	return true
}

// noteStorePath looks once whether the store path is there, and again while it is
// not.
func (r *Recorder) noteStorePath(p store.Path) {
	r.mu.Lock()
	before, known := r.stores[p]
	r.mu.Unlock()
	if known && before == 0 {
		return
	}
	_, err := r.in.Lstat(string(p))
	r.noteFailure(err)
	now := failureOf(err)
	r.mu.Lock()
	defer r.mu.Unlock()
	if before, known := r.stores[p]; known && before != now {
		r.obstacle = max(r.obstacle, Unsettled)
		return
	}
	r.stores[p] = now
}

func (r *Recorder) noteFailure(err error) {
	if err != nil && failureOf(err) == opaque {
		r.note(Uncheckable)
	}
}

func (r *Recorder) note(o Obstacle) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.obstacle = max(r.obstacle, o)
}
