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

	"github.com/klauspost/compress/zstd"

	"luminousnix/internal/catalog/listing"
	"luminousnix/internal/catalog/snapshot"
)

// A Source is one revision of a channel's package listing.
type Source struct {
	// Name and Date are for people: "nixos-unstable", "2025-09-27".
	Name, Date string
	// ID identifies the revision and names the index file: letters, digits,
	// dots, dashes and underscores, at most 100.
	ID string
	// Size is the number of bytes that Open's reader gives, 0 if unknown. It
	// only serves to show progress.
	Size int64
	// Open returns packages.json, plain or compressed with zstd.
	Open func() (io.ReadCloser, error)
}

// Snapshot is the listing that is part of this program.
func Snapshot() Source {
	return Source{
		Name: snapshot.Name,
		Date: snapshot.Date,
		ID:   snapshot.Name + "-" + snapshot.Date,
		Size: int64(len(snapshot.Packages)),
		Open: func() (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader(snapshot.Packages)), nil
		},
	}
}

// A CorruptError tells that a source's package listing can't be used: it is
// truncated, damaged or something else altogether.
type CorruptError struct {
	Name, Date string // of the source
	Err        error
}

func (e *CorruptError) Error() string {
	return fmt.Sprintf("the package list %s of %s is damaged: %v", e.Name, e.Date, e.Err)
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
	b := m.sections[sectionSource]
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
	for b := range batches {
		yield(b.entries)
		if onRead != nil {
			onRead(b.done, s.Size)
		}
	}
	return <-failed
}

type batch struct {
	entries []listing.Entry
	done    int64
}

func (s Source) parse(ctx context.Context, batches chan<- batch) error {
	file, err := s.Open()
	if err != nil {
		return fmt.Errorf("open the package list %s: %w", s.Name, err)
	}
	defer file.Close()
	counted := &countingReader{r: file}
	plain, err := decompress(counted)
	if err != nil {
		return s.readError(counted, err)
	}
	defer plain.Close()

	var entries []listing.Entry
	send := func() error {
		done, _ := counted.state()
		select {
		case batches <- batch{entries, done}:
		case <-ctx.Done():
			return ctx.Err()
		}
		entries = make([]listing.Entry, 0, batchSize)
		return nil
	}
	err = listing.Read(plain, func(e listing.Entry) error {
		entries = append(entries, e)
		if len(entries) < batchSize {
			return nil
		}
		return send()
	})
	if err == nil {
		err = send()
	}
	if err != nil && ctx.Err() == nil {
		return s.readError(counted, err)
	}
	return err
}

// readError tells a listing that is damaged from one that couldn't be read.
func (s Source) readError(r *countingReader, err error) error {
	if _, readErr := r.state(); readErr != nil {
		return fmt.Errorf("read the package list %s: %w", s.Name, readErr)
	}
	return &CorruptError{Name: s.Name, Date: s.Date, Err: err}
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

func (c *countingReader) state() (done int64, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.done, c.err
}

// decompress looks at the first bytes to see whether r is compressed.
func decompress(r io.Reader) (io.ReadCloser, error) {
	buffered := bufio.NewReaderSize(r, 256<<10)
	magic, err := buffered.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if !bytes.Equal(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}) {
		return io.NopCloser(buffered), nil
	}
	// 128 MB is what `zstd -19 --long` asks of its readers.
	d, err := zstd.NewReader(buffered, zstd.WithDecoderConcurrency(2), zstd.WithDecoderMaxWindow(128<<20))
	if err != nil {
		return nil, err
	}
	return d.IOReadCloser(), nil
}
