package channel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"luminousnix/nix/eval"
	"luminousnix/nix/fetch"
	"luminousnix/nix/network"
	"luminousnix/nix/store"
)

// The files of a release.
const (
	archiveName  = "nixexprs.tar.xz"
	revisionName = "git-revision"
	sumsName     = "SHA256SUMS"
)

// The largest that an archive and the other files may be. The archive of nixpkgs is of
// some 50 MB.
const (
	maxArchive = 2 << 30
	maxFile    = 16 << 20
)

// A Release is what a channel's URL leads to at one time.
type Release struct {
	Channel
	// Address is where that is, after all redirects, without what may be a password.
	Address string
	// Version is such as 25.11.1234.abcdef012345, by the name of the folder; "" where
	// that does not tell.
	Version string
	// Revision is the git commit of nixpkgs; "" where the release does not tell.
	Revision string

	archive string // URL
	page    string // that shows the folder
}

// An Archive is a release that was downloaded.
type Archive struct {
	Release
	File string
	Hash store.Hash // SHA-256
	// Verified says what the hash was compared with: a file of the release, or "" where
	// it has none.
	Verified string
}

// SumError is an archive that is not the one that its release tells of.
type SumError struct {
	Address   string
	By        string // which file of the release tells
	Want, Got string // SHA-256, base 16
}

func (e *SumError) Error() string {
	return fmt.Sprintf("%s is damaged: its SHA-256 is %s, and %s says %s", e.Address, e.Got, e.By, e.Want)
}

// A Source downloads releases.
type Source struct {
	// Downloads is a folder for archives, that of an evaluator for example.
	Downloads string
	// Warnings takes what is said while downloading; nil discards it.
	Warnings io.Writer

	stall, delay time.Duration // see fetch.Options
}

// Newest finds the release that a channel's URL leads to now. What a server has said
// before does not count: if it cannot be reached the error is a *[fetch.NetworkError] or
// *[fetch.StatusError].
func (s Source) Newest(ctx context.Context, c Channel) (Release, error) {
	r := Release{Channel: c}
	u, err := url.Parse(c.URL)
	if err != nil {
		return r, fmt.Errorf("the URL of channel %s is not valid", c.Name)
	}
	if u.Scheme == "file" {
		if u.Path, err = filepath.EvalSymlinks(u.Path); err != nil {
			return r, err
		}
	}
	isArchive := isArchive(u.Path)
	err = s.small(func(get getter) error {
		if u.Scheme != "file" && !isArchive {
			page, at, err := get(ctx, u)
			if err != nil {
				return err
			}
			r.page, u = string(page), at
		}
		r.locate(u, isArchive)
		if isArchive {
			return nil
		}
		revision, _, err := get(ctx, u.JoinPath(revisionName))
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		r.Revision = strings.TrimSpace(string(revision))
		return err
	})
	return r, err
}

// locate fills in what the address of a release tells.
func (r *Release) locate(u *url.URL, isArchive bool) {
	folder := u
	if isArchive {
		folder = u.JoinPath("..")
		r.archive = u.String()
	} else {
		r.archive = u.JoinPath(archiveName).String()
	}
	r.Address = strings.TrimSuffix((&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String(), "/")
	r.Version = strings.TrimPrefix(versionSuffix(path.Base(folder.Path)), "-")
}

// isArchive tells an archive from a folder by its name, as nix-channel does.
func isArchive(name string) bool {
	for _, ending := range [...]string{".tar.gz", ".tar.bz2", ".tar.xz"} {
		if strings.HasSuffix(name, ending) {
			return true
		}
	}
	return false
}

// Download downloads a release, and compares it with the hash that the release tells.
// If that is another the error is a *[SumError].
func (s Source) Download(ctx context.Context, r Release, onProgress func(done, total int64)) (Archive, error) {
	a := Archive{Release: r}
	var want string
	err := s.small(func(get getter) (err error) {
		want, a.Verified, err = r.sum(ctx, get)
		return err
	})
	if err != nil {
		return a, err
	}
	got, err := s.fetch(ctx, s.Downloads, maxArchive, r.archive, &watch{onProgress: onProgress})
	if err != nil {
		return a, err
	}
	a.File, a.Hash = got.File, got.Hash
	if sum := got.Hash.Base16(); want != "" && sum != want {
		err := error(&SumError{r.Address, a.Verified, want, sum})
		if !strings.HasPrefix(r.archive, "file:") {
			err = errors.Join(err, os.Remove(got.File)) // so that it is asked for again
		}
		return a, err
	}
	return a, nil
}

// sum finds the hash that a release tells of its archive: in a file beside it, in the
// list of all hashes, or on the page that shows the folder.
func (r Release) sum(ctx context.Context, get getter) (want, by string, err error) {
	name := path.Base(r.archive)
	folder, err := url.Parse(r.archive)
	if err != nil {
		return "", "", err
	}
	folder = folder.JoinPath("..")
	for _, by := range [...]string{name + ".sha256", sumsName} {
		text, _, err := get(ctx, folder.JoinPath(by))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return "", "", err
		}
		if want := sumIn(string(text), name, by == sumsName); want != "" {
			return want, by, nil
		}
	}
	if _, after, ok := strings.Cut(r.page, ">"+name+"<"); ok {
		row, _, _ := strings.Cut(after, "</tr>")
		if want := hexSum(row); want != "" {
			return want, "the page of the release", nil
		}
	}
	return "", "", nil
}

// sumIn finds a hash in lines as sha256sum writes them. A file of one hash need not name
// what it is of.
func sumIn(text, name string, named bool) string {
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) == 0 || named && strings.TrimPrefix(fields[len(fields)-1], "*") != name {
			continue
		}
		return hexSum(line)
	}
	return ""
}

func hexSum(text string) string {
	return strings.ToLower(regexp.MustCompile(`\b[0-9a-fA-F]{64}\b`).FindString(text))
}

// A getter reads a small file, and says where it was found in the end.
type getter func(ctx context.Context, u *url.URL) (content []byte, at *url.URL, err error)

// small calls use with a getter that keeps nothing, so that nothing old can be taken for
// what a server has now.
func (s Source) small(use func(getter) error) error {
	dir, err := os.MkdirTemp("", "channel")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	return use(func(ctx context.Context, u *url.URL) ([]byte, *url.URL, error) {
		w := &watch{at: u}
		got, err := s.fetch(ctx, dir, maxFile, u.String(), w)
		if err != nil {
			return nil, nil, err
		}
		content, err := os.ReadFile(got.File)
		return content, w.at, err
	})
}

func (s Source) fetch(ctx context.Context, dir string, most int64, address string, w *watch) (eval.Download, error) {
	return fetch.New(fetch.Options{
		CacheDir: dir, Client: &http.Client{Transport: w}, TTL: -1, MaxBytes: most,
		Stall: s.stall, Delay: s.delay, Warnings: s.Warnings,
	}).Download(ctx, address)
}

// A watch watches the requests of a download: where they lead, and how much has come.
type watch struct {
	at         *url.URL
	onProgress func(done, total int64) // may be nil
}

// RoundTrip implements http.RoundTripper.
func (w *watch) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := network.Transport().RoundTrip(r)
	if err == nil {
		w.at = r.URL
		if w.onProgress != nil && answer.StatusCode == http.StatusOK {
			answer.Body = &watchedBody{answer.Body, w, 0, max(answer.ContentLength, 0)}
		}
	}
	return answer, err
}

type watchedBody struct {
	io.ReadCloser
	watch       *watch
	done, total int64
}

func (b *watchedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.done += int64(n)
	b.watch.onProgress(b.done, b.total)
	return n, err
}
