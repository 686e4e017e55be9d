package shelf

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"luminousnix/internal/catalog"
	"luminousnix/internal/catalog/listing"
	"luminousnix/internal/catalog/vocabulary"
	"luminousnix/internal/evaluation"
	"luminousnix/nix/fetch"
	"luminousnix/nix/network"
)

// The listings of a channel.
const (
	packageList = "packages.json.br"
	optionList  = "options.json.br"
)

// maxListing is how large a listing may be. The largest is about 10 MB, compressed.
const maxListing = 1 << 30

// A Channel is where the listings of the newest revision are.
type Channel struct {
	// Base and Name make the folder of the listings: https://channels.nixos.org and
	// nixos-unstable. It may be on this machine: file:///srv/mirror.
	Base, Name string
	// Downloads is a folder for downloads, that of an evaluator for example.
	Downloads string
	// HomeOptions is home-manager's options.json, a file or URL; those of the
	// snapshot are taken if it is "".
	HomeOptions string
	// Programs is a programs.sqlite, a file or URL, and System which of its programs
	// count: those of this machine's if "".
	Programs, System string
	// Warnings takes what is said while downloading; nil discards it.
	Warnings io.Writer
	// Now is time.Now if nil.
	Now func() time.Time

	delay time.Duration // see fetch.Options
}

// Update makes the catalogue of the newest revision of a channel. The server is
// always asked, but what has not changed is not sent again, and an index that is made
// of it already is left alone.
//
// The date of the catalogue is the day that the server says the list of packages is
// from, else that on which the same list was first seen here.
//
// Update calls onProgress, if that is not nil, from one goroutine at a time: for each
// download with the bytes that have come and their number, then for the index with
// those that were read; the total is 0 if it is not known.
//
// If a server cannot be reached or sends something else, the error is a
// *[fetch.NetworkError] or *[fetch.StatusError], and if what it sent is no listing a
// *[catalog.CorruptError].
func (s Shelf) Update(ctx context.Context, ch Channel, onProgress func(done, total int64)) (Built, error) {
	d := newDownloads(ch, onProgress)
	src, err := d.source(ctx)
	if err != nil {
		return Built{Warnings: d.warnings}, fmt.Errorf("download the listings of %s: %w", ch.Name, err)
	}
	src.ID = d.id() + "-" + vocabulary.Version
	old, same := s.has(Newest, src.ID)
	if same {
		return Built{Listed: old, Warnings: d.warnings, Unchanged: true}, nil
	}
	src.Date = d.day(old)
	if err := catalog.Build(ctx, s.path(Newest), src, onProgress); err != nil {
		return Built{Warnings: d.warnings}, d.blame(err)
	}
	made, err := s.made(Newest)
	return Built{Listed: made, Warnings: d.warnings}, err
}

// downloads are those of one channel at one time.
type downloads struct {
	channel  Channel
	meter    *meter
	fetcher  *fetch.Fetcher
	sum      hash.Hash // of all that the index is made of
	date     string    // of the list of packages, "" if it is not known
	reading  download  // what is read into the index now
	warnings []string
}

func newDownloads(ch Channel, onProgress func(done, total int64)) *downloads {
	d := &downloads{channel: ch, meter: &meter{to: network.Transport(), onProgress: onProgress}, sum: sha256.New()}
	d.fetcher = fetch.New(fetch.Options{
		CacheDir: ch.Downloads, Client: &http.Client{Transport: d.meter}, TTL: -1, Delay: ch.delay,
		MaxBytes: maxListing, Warnings: ch.Warnings,
	})
	return d
}

// source downloads all that an index is made of.
func (d *downloads) source(ctx context.Context) (src catalog.Source, err error) {
	src.Name = d.channel.Name
	packages, err := d.get(ctx, d.in(packageList))
	if err != nil {
		return src, err
	}
	if !packages.modified.IsZero() {
		d.date = day(packages.modified)
	}
	options, err := d.optional(ctx, catalog.OptionList, d.in(optionList))
	if err != nil {
		return src, err
	}
	home, err := d.optional(ctx, catalog.HomeOptionList, d.channel.HomeOptions)
	if err != nil {
		return src, err
	}
	src.Parts = []catalog.Part{d.part(catalog.PackageList, packages), options, home}
	src.Programs, err = d.programs(ctx)
	return src, err
}

// in is the address of a file of the channel.
func (d *downloads) in(name string) string {
	address, err := url.JoinPath(d.channel.Base, d.channel.Name, name)
	if err != nil {
		return d.channel.Base // of which get tells what is wrong
	}
	return address
}

// A download is a file that was downloaded.
type download struct {
	address  string // without a password
	file     string
	kept     bool      // in the folder of downloads
	modified time.Time // zero if that is not known
}

// get downloads what is at a URL, or takes a file of this machine.
func (d *downloads) get(ctx context.Context, place string) (download, error) {
	u, err := addressOf(place)
	if err != nil {
		return download{}, err
	}
	d.meter.reset()
	got, err := d.fetcher.Download(ctx, u.String())
	if err == nil {
		err = d.meter.failure(u.Redacted())
	}
	if err != nil {
		return download{}, err
	}
	fmt.Fprintln(d.sum, got.Hash)
	result := download{u.Redacted(), got.File, u.Scheme != "file", d.meter.modified}
	if info, err := os.Stat(got.File); err == nil && !result.kept {
		result.modified = info.ModTime()
	}
	return result, nil
}

func addressOf(place string) (*url.URL, error) {
	if strings.Contains(place, "://") || strings.HasPrefix(place, "file:") {
		return url.Parse(place)
	}
	path, err := filepath.Abs(place)
	return &url.URL{Scheme: "file", Path: path}, err
}

// optional downloads a listing that not every channel has. Where it is not there, or
// not asked for, that of the snapshot is the next best.
func (d *downloads) optional(ctx context.Context, form catalog.Form, place string) (catalog.Part, error) {
	if place != "" {
		file, err := d.get(ctx, place)
		if err == nil {
			return d.part(form, file), nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return catalog.Part{}, err
		}
		d.warn("there are no options at %s: those that came with this program are used", place)
	}
	fmt.Fprintln(d.sum, catalog.Snapshot().ID)
	return catalog.SnapshotPart(form), nil
}

// programs reads the programs of packages. They are an extra, which an index can do
// without.
func (d *downloads) programs(ctx context.Context) (map[string][]string, error) {
	if d.channel.Programs == "" {
		return nil, nil
	}
	var programs map[string][]string
	file, err := d.get(ctx, d.channel.Programs)
	if err == nil {
		programs, err = readPrograms(ctx, file.file, systemOr(d.channel.System))
	}
	if err != nil && ctx.Err() == nil {
		d.warn("the programs of packages are not known: %v", err)
	}
	return programs, ctx.Err()
}

func (d *downloads) warn(format string, args ...any) {
	d.warnings = append(d.warnings, fmt.Sprintf(format, args...))
}

// errEmpty is what is wrong with a listing of nothing: it would do away with all that
// the index had before.
var errEmpty = errors.New("it lists nothing")

// part reads a download.
func (d *downloads) part(form catalog.Form, from download) catalog.Part {
	var size int64
	if info, err := os.Stat(from.file); err == nil {
		size = info.Size()
	}
	list := catalog.File(form, size, func() (io.ReadCloser, error) { return os.Open(from.file) })
	return catalog.Part{Size: size, Read: func(ctx context.Context, onRead func(int64), yield func(listing.Entry) error) error {
		d.reading = from
		count := 0
		err := list.Read(ctx, onRead, func(e listing.Entry) error {
			count++
			return yield(e)
		})
		if err == nil && count == 0 {
			err = &catalog.CorruptError{Name: d.channel.Name, Date: d.date, Err: errEmpty}
		}
		return err
	}}
}

// blame says which download is damaged, and throws it away: a server that gave it by
// mistake could only say that it has not changed since.
func (d *downloads) blame(err error) error {
	var corrupt *catalog.CorruptError
	if !errors.As(err, &corrupt) {
		return err
	}
	if d.reading.kept {
		err = errors.Join(err, os.Remove(d.reading.file))
	}
	return fmt.Errorf("%s: %w", d.reading.address, err)
}

// id tells revisions of a channel apart.
func (d *downloads) id() string {
	return idOf(d.channel.Name, d.sum)
}

// day is when the revision is from. A server that only says that nothing has changed
// need not say since when: then it is what it was, if the index is made once more
// for another reason.
func (d *downloads) day(old Listed) string {
	switch {
	case d.date != "":
		return d.date
	case old.Err == nil && strings.HasPrefix(old.ID, d.id()+"-"):
		return old.Date
	case d.channel.Now != nil:
		return day(d.channel.Now())
	}
	return day(time.Now())
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// idOf makes the ID of a source without the part that tells versions of this program
// apart: a name and the first digits of a sum, in letters that a file may have.
func idOf(name string, sum hash.Hash) string {
	safe := strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '.' || r == '-' || r == '_' {
			return r
		}
		return '-'
	}, name)
	return fmt.Sprintf("%.60s-%s", strings.TrimLeft(safe, "."), hex.EncodeToString(sum.Sum(nil))[:12])
}

// systemOr is a system, or that of this machine.
func systemOr(system string) string {
	if system == "" {
		return evaluation.ThisSystem()
	}
	return system
}
