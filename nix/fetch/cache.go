package fetch

import (
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"luminousnix/nix/eval"
	"luminousnix/nix/store"
)

// cache is a directory with, for each URL, KEY.json, which tells what was there,
// and the content of files by their hashes. KEY.lock is held by who asks the
// server. Names that begin with .tmp- are files that are being written, or were
// when their process died.
type cache string

// entry is what KEY.json says.
type entry struct {
	Hash         store.Hash `json:"hash"` // SHA-256
	Size         int64      `json:"size"`
	Modified     time.Time  `json:"modified"` // of the content's file, when Hash was last known to be true
	Checked      time.Time  `json:"checked"`  // when the server said so
	ETag         string     `json:"etag,omitempty"`
	LastModified string     `json:"lastModified,omitempty"`
}

func (e entry) known() bool { return !e.Hash.IsZero() }

// keyOf names a URL. The URL itself is not written: it may have a password.
func keyOf(u *url.URL) string {
	return store.Sum(store.SHA256, []byte(u.String())).Nix32()
}

func (c cache) file(h store.Hash) string { return filepath.Join(string(c), h.Base16()) }

// entry returns what is known of a URL: nothing if the content is not there as it
// was written.
func (c cache) entry(key string) (entry, bool) {
	var e entry
	text, err := os.ReadFile(filepath.Join(string(c), key+".json"))
	if err != nil || json.Unmarshal(text, &e) != nil || !e.known() || e.Hash.Algorithm() != store.SHA256 {
		return entry{}, false
	}
	info, err := os.Lstat(c.file(e.Hash))
	if err != nil || !info.Mode().IsRegular() || info.Size() != e.Size {
		return entry{}, false
	}
	if !info.ModTime().Equal(e.Modified) && !c.holds(e) {
		return entry{}, false
	}
	return e, true
}

// holds reads the content whether it is what it should be.
func (c cache) holds(e entry) bool {
	f, err := os.Open(c.file(e.Hash))
	if err != nil {
		return false
	}
	defer f.Close()
	hash, _, err := sum(f)
	return err == nil && hash == e.Hash
}

func (c cache) download(e entry) (eval.Download, error) {
	return eval.Download{File: c.file(e.Hash), Hash: e.Hash}, nil
}

// put writes an entry, whole or not at all.
func (c cache) put(key string, e entry) error {
	text, err := json.Marshal(e)
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(string(c), tmpPrefix)
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(text)
	if err := errors.Join(err, tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), filepath.Join(string(c), key+".json"))
}

const tmpPrefix = ".tmp-"

var errTooLarge = errors.New("too large")

// readError is what went wrong on the side of who sends.
type readError struct{ error }

// sender makes a readError of errors of r.
type sender struct{ r io.Reader }

func (s sender) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = &readError{err}
	}
	return n, err
}

// save writes content under its hash.
func (c cache) save(content io.Reader, most int64) (entry, error) {
	tmp, err := os.CreateTemp(string(c), tmpPrefix)
	if err != nil {
		return entry{}, err
	}
	defer os.Remove(tmp.Name())
	defer tmp.Close()
	hash, size, err := sum(io.TeeReader(io.LimitReader(sender{content}, most+1), tmp))
	if err != nil {
		return entry{}, err
	}
	if size > most {
		return entry{}, errTooLarge
	}
	if err := tmp.Close(); err != nil {
		return entry{}, err
	}
	if err := os.Rename(tmp.Name(), c.file(hash)); err != nil {
		return entry{}, err
	}
	return c.renew(entry{Hash: hash, Size: size})
}

// renew says that the content was checked now, and is wanted.
func (c cache) renew(e entry) (entry, error) {
	e.Checked = time.Now().Round(0)
	if err := os.Chtimes(c.file(e.Hash), e.Checked, e.Checked); err != nil {
		return entry{}, err
	}
	info, err := os.Lstat(c.file(e.Hash))
	if err != nil {
		return entry{}, err
	}
	e.Modified = info.ModTime()
	return e, nil
}

// keepFor is how long files stay that nobody wants.
const keepFor = 30 * 24 * time.Hour

// prune deletes what was not written or checked for long. What cannot be deleted
// stays.
func (c cache) prune(now time.Time) {
	files, err := os.ReadDir(string(c))
	if err != nil {
		return
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil || !ours(f.Name()) || !info.Mode().IsRegular() {
			continue
		}
		if now.Sub(info.ModTime()) > keepFor {
			_ = os.Remove(filepath.Join(string(c), f.Name()))
		}
	}
}

// ours says whether a name is one that a cache gives, but for locks: deleting one
// that is held would let another process lock a new file of the name.
func ours(name string) bool {
	return strings.HasPrefix(name, tmpPrefix) || strings.HasSuffix(name, ".json") || len(name) == 64
}
