package catalog

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"luminousnix/internal/catalog/listing"
	"luminousnix/internal/catalog/snapshot"
	"luminousnix/internal/catalog/vocabulary"
)

// A Source is one revision of a channel's listings.
type Source struct {
	// Name and Date are for people: "nixos-unstable", "2025-09-27".
	Name, Date string
	// ID identifies the revision and names the index file: letters, digits,
	// dots, dashes and underscores, at most 100.
	ID string
	// Parts are read one after the other.
	Parts []Part
	// Programs adds to what the listing says of the programs of packages, by
	// attribute; it may be nil.
	Programs map[string][]string
	// Renames tell what became of names.
	Renames []vocabulary.Rename
}

// A Part gives some of the entries of a source.
type Part struct {
	// Size is the number of bytes that are read, 0 if unknown. It only serves to
	// show progress.
	Size int64
	// Read calls yield with each entry until that returns an error, which it
	// returns, and onRead now and then with the number of bytes read so far. An
	// error of the listing itself is a *[CorruptError] or a *[listing.SyntaxError].
	Read func(ctx context.Context, onRead func(done int64), yield func(listing.Entry) error) error
}

// A Form is a form of listings.
type Form int

// The forms of listings.
const (
	PackageList Form = iota // packages.json
	OptionList              // options.json of NixOS
	HomeOptionList
)

// File is a part that reads a listing: plain, or compressed with zstd or brotli.
func File(form Form, size int64, open func() (io.ReadCloser, error)) Part {
	return Part{size, func(_ context.Context, onRead func(int64), yield func(listing.Entry) error) error {
		return readFile(form, open, onRead, yield)
	}}
}

// Snapshot is the listing that is part of this program.
func Snapshot() Source {
	return Source{
		Name:  snapshot.Name,
		Date:  snapshot.Date,
		ID:    snapshot.Name + "-" + snapshot.Date + "-" + vocabulary.Version,
		Parts: []Part{SnapshotPart(PackageList), SnapshotPart(OptionList), SnapshotPart(HomeOptionList)},
	}
}

// SnapshotPart is one listing of the snapshot, for a source that has none of its own.
func SnapshotPart(form Form) Part {
	content := snapshot.Packages
	switch form {
	case OptionList:
		content = snapshot.Options
	case HomeOptionList:
		content = snapshot.HomeOptions
	}
	return File(form, int64(len(content)), func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(content)), nil
	})
}

// ID is that of the source that the index was built from.
func (c *Catalog) ID() string { return c.source.id }

// A CorruptError tells that a listing of a source can't be used: it is truncated,
// damaged or something else altogether.
type CorruptError struct {
	Name, Date string // of the source
	Err        error
}

func (e *CorruptError) Error() string {
	return fmt.Sprintf("the listing %s of %s is damaged: %v", e.Name, e.Date, e.Err)
}

func (e *CorruptError) Unwrap() error { return e.Err }

// Hint tells what to do about it.
func (e *CorruptError) Hint() string {
	return "download it again; if it is the list that came with this program, install the program again"
}

// sourceText is what an index keeps of its Source.
type sourceText struct{ name, date, id string }

func (s Source) appendText(b []byte) []byte {
	for _, text := range []string{s.Name, s.Date, s.ID} {
		text = text[:min(len(text), 0xffff)]
		b = binary.LittleEndian.AppendUint16(b, uint16(len(text)))
		b = append(b, text...)
	}
	return b
}

func (m *image) source() (s sourceText) {
	b := m.whole(sectionSource)
	for _, text := range []*string{&s.name, &s.date, &s.id} {
		if len(b) < 2 {
			return s
		}
		n := int(binary.LittleEndian.Uint16(b))
		if n > len(b)-2 {
			return s
		}
		*text = string(b[2 : 2+n])
		b = b[2+n:]
	}
	return s
}

// batchSize is the number of entries that are handed over at once from the
// goroutine that reads the listing.
const batchSize = 1024

// read calls yield with the entries of the source, batch by batch, while
// another goroutine decompresses and parses ahead.
func (s Source) read(ctx context.Context, onRead func(done, total int64), yield func([]listing.Entry)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	batches := make(chan batch, 4)
	failed := make(chan error, 1)
	go func() {
		defer close(batches)
		failed <- s.parse(ctx, batches)
	}()
	total := int64(0)
	for _, part := range s.Parts {
		total += part.Size
	}
	for b := range batches {
		yield(b.entries)
		if onRead != nil {
			onRead(b.done, total)
		}
	}
	return <-failed
}

type batch struct {
	entries []listing.Entry
	done    int64
}

func (s Source) parse(ctx context.Context, batches chan<- batch) error {
	var entries []listing.Entry
	var before, done int64
	send := func() error {
		select {
		case batches <- batch{entries, before + done}:
		case <-ctx.Done():
			return ctx.Err()
		}
		entries = make([]listing.Entry, 0, batchSize)
		return nil
	}
	for _, part := range s.Parts {
		err := part.Read(ctx, func(n int64) { done = n }, func(e listing.Entry) error {
			if e.Kind == listing.Package && s.Programs != nil {
				e.Programs = strings.Join(s.Programs[e.Attribute], " ")
			}
			if entries = append(entries, e); len(entries) < batchSize {
				return nil
			}
			return send()
		})
		if err != nil {
			return s.partError(ctx, err)
		}
		before, done = before+part.Size, 0
	}
	return send()
}

// partError tells a listing that is damaged from one that couldn't be read.
func (s Source) partError(ctx context.Context, err error) error {
	var corrupt *corruptError
	if ctx.Err() == nil && errors.As(err, &corrupt) {
		return &CorruptError{Name: s.Name, Date: s.Date, Err: corrupt.error}
	}
	return fmt.Errorf("read the listing %s: %w", s.Name, err)
}

// A corruptError is an error in the contents of a file.
type corruptError struct{ error }

func readFile(form Form, open func() (io.ReadCloser, error), onRead func(int64), yield func(listing.Entry) error) error {
	file, err := open()
	if err != nil {
		return err
	}
	defer file.Close()
	counted := &countingReader{r: file}
	plain, err := decompress(counted)
	if err != nil {
		return counted.blame(err)
	}
	defer plain.Close()

	var refused error // by yield
	read := listing.Options
	if form == PackageList {
		read = listing.Packages
	}
	n := 0
	err = read(plain, func(e listing.Entry) error {
		if form == HomeOptionList {
			e.Kind = listing.HomeOption
		}
		if n++; n%batchSize == 0 {
			done, _ := counted.state()
			onRead(done)
		}
		refused = yield(e)
		return refused
	})
	if refused != nil {
		return refused
	}
	return counted.blame(err)
}

// A countingReader counts what was read and remembers how reading failed. The
// decoder reads in a goroutine of its own.
type countingReader struct {
	r    io.Reader
	mu   sync.Mutex
	done int64
	err  error
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		c.err = err
	}
	return n, err
}

// blame tells whether reading failed, or what was read is not as it should be.
func (c *countingReader) blame(err error) error {
	if err == nil {
		return nil
	}
	if _, readErr := c.state(); readErr != nil {
		return readErr
	}
	return &corruptError{err}
}

func (c *countingReader) state() (done int64, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.done, c.err
}

// decompress looks at the first bytes to see how r is compressed. JSON begins with a
// brace; brotli has no mark of its own, so it is what is left.
func decompress(r io.Reader) (io.ReadCloser, error) {
	buffered := bufio.NewReaderSize(r, 256<<10)
	magic, err := buffered.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	switch {
	case bytes.Equal(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		// 128 MB is what `zstd -19 --long` asks of its readers.
		d, err := zstd.NewReader(buffered, zstd.WithDecoderConcurrency(2), zstd.WithDecoderMaxWindow(128<<20))
		if err != nil {
			return nil, err
		}
		return d.IOReadCloser(), nil
	case len(bytes.TrimSpace(magic)) == 0, bytes.ContainsAny(magic[:1], "{ \t\r\n<"):
		return io.NopCloser(buffered), nil
	}
	return io.NopCloser(brotli.NewReader(buffered)), nil
}
