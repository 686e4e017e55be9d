package channel

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/nix/fetch"
)

func TestRead(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text string
		want []Channel
		line int // that is wrong, or 0
	}{
		"none":           {"", nil, 0},
		"two":            {"https://a/nixos-25.11 nixos\n\n# https://b old\nhttps://c/d.tar.gz home-manager\n", []Channel{{"nixos", "https://a/nixos-25.11"}, {"home-manager", "https://c/d.tar.gz"}}, 0},
		"without a name": {"https://a/nixos-unstable\n", []Channel{{"nixos-unstable", "https://a/nixos-unstable"}}, 0},
		"three words":    {"https://a nixos\nhttps://a b c\n", nil, 2},
		"out of it":      {"https://a ../nixos\n", nil, 1},
		"twice":          {"https://a nixos\nhttps://b nixos\n", nil, 2},
		"the manifest":   {"https://a manifest.nix\n", nil, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "channels")
			write(t, file, test.text)
			got, err := Read(file)
			var line *LineError
			if errors.As(err, &line) != (test.line > 0) || line != nil && line.Line != test.line || line == nil && err != nil {
				t.Fatalf("got error %v, want one of line %d", err, test.line)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPathName(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"https://channels.nixos.org/nixos-25.11":       "nixos-25.11",
		"https://channels.nixos.org/nixos-25.11-small": "nixos-25.11-small",
		"https://channels.nixos.org/nixos-unstable":    "nixos",
	} {
		if got := (Channel{"nixos", url}).pathName(); got != want {
			t.Errorf("%s: got %s, want %s", url, got, want)
		}
	}
}

// A server has the files of a release, to which /nixos-25.11 leads.
type server struct {
	*httptest.Server
	mu    sync.Mutex
	files map[string]http.HandlerFunc
	asked map[string]int
}

const releasePath = "/nixos/25.11/nixos-25.11.2000.bbbbbbb"

func newServer(tb testing.TB) *server {
	s := &server{files: map[string]http.HandlerFunc{"": text("<html>a release</html>")}, asked: map[string]int{}}
	s.Server = httptest.NewServer(s)
	tb.Cleanup(s.Close)
	return s
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/nixos-25.11" {
		http.Redirect(w, r, releasePath, http.StatusFound)
		return
	}
	name, ok := strings.CutPrefix(r.URL.Path, releasePath)
	name = strings.Trim(name, "/")
	s.mu.Lock()
	serve := s.files[name]
	s.asked[name]++
	s.mu.Unlock()
	if !ok || serve == nil {
		serve = http.NotFound
	}
	serve(w, r)
}

func (s *server) has(name string, serve http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files[name] = serve
}

func (s *server) channel() Channel { return Channel{"nixos", s.URL + "/nixos-25.11"} }

func text(content string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, content) }
}

func source(tb testing.TB) Source {
	return Source{Downloads: filepath.Join(tb.TempDir(), "downloads"), delay: time.Millisecond, stall: 200 * time.Millisecond}
}

func TestNewest(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.has("git-revision", text("0123456789abcdef\n"))
	got, err := source(t).Newest(t.Context(), s.channel())
	if err != nil {
		t.Fatal(err)
	}
	want := Release{
		Channel: s.channel(), Address: s.URL + releasePath, Version: "25.11.2000.bbbbbbb", Revision: "0123456789abcdef",
		archive: s.URL + releasePath + "/nixexprs.tar.xz", page: "<html>a release</html>",
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(Release{})); diff != "" {
		t.Error(diff)
	}
}

// Nothing that was said before stands for a server that is away now.
func TestNewestIsNotRemembered(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	from := source(t)
	if _, err := from.Newest(t.Context(), s.channel()); err != nil {
		t.Fatal(err)
	}
	s.Close()
	_, err := from.Newest(t.Context(), s.channel())
	var network *fetch.NetworkError
	if !errors.As(err, &network) {
		t.Errorf("got error %v, want a *fetch.NetworkError", err)
	}
}

func TestNewestInFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	folder := filepath.Join(dir, "nixos-25.11.7.abc")
	write(t, filepath.Join(folder, archiveName), "an archive")
	if err := os.Symlink(folder, filepath.Join(dir, "nixos-25.11")); err != nil {
		t.Fatal(err)
	}
	for name, address := range map[string]string{"/nixos-25.11": "file://" + folder, "/nixos-25.11/" + archiveName: "file://" + folder + "/" + archiveName} {
		got, err := source(t).Newest(t.Context(), Channel{"nixos", "file://" + dir + name})
		if err != nil {
			t.Fatal(err)
		}
		if got.Version != "25.11.7.abc" || got.Address != address || got.archive != "file://"+folder+"/"+archiveName {
			t.Errorf("%s: got %+v", name, got)
		}
	}
	if _, err := source(t).Newest(t.Context(), Channel{"nixos", "file://" + dir + "/none"}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got error %v, want fs.ErrNotExist", err)
	}
}

func TestDownload(t *testing.T) {
	t.Parallel()
	archive := string(archiveOf(t, map[string]string{"nixpkgs/default.nix": "{ }"}))
	sum, wrong := hexOf(archive), strings.Repeat("0", 64)
	tests := map[string]struct {
		files    map[string]http.HandlerFunc
		verified string
		want     error // one of its type
	}{
		"hash beside it": {map[string]http.HandlerFunc{"nixexprs.tar.xz.sha256": text(sum + "\n")}, "nixexprs.tar.xz.sha256", nil},
		"list of hashes": {map[string]http.HandlerFunc{"SHA256SUMS": text(wrong + "  store-paths.xz\n" + sum + "  nixexprs.tar.xz\n")}, "SHA256SUMS", nil},
		"hash on its page": {map[string]http.HandlerFunc{"": text(
			"<tr><td>git-revision</td><td>" + wrong + "</td></tr><tr><td><a href='x'>nixexprs.tar.xz</a></td><td>77</td><td><tt>" + sum + "</tt></td></tr>",
		)}, "the page of the release", nil},
		"no hash":    {nil, "", nil},
		"wrong hash": {map[string]http.HandlerFunc{"nixexprs.tar.xz.sha256": text(wrong)}, "nixexprs.tar.xz.sha256", new(SumError)},
		"cut":        {map[string]http.HandlerFunc{archiveName: cut(archive)}, "", new(fetch.NetworkError)},
		"silent":     {map[string]http.HandlerFunc{archiveName: silent}, "", new(fetch.NetworkError)},
		"not there":  {map[string]http.HandlerFunc{archiveName: http.NotFound}, "", new(fetch.StatusError)},
		"hash not to be had": {map[string]http.HandlerFunc{"nixexprs.tar.xz.sha256": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusInternalServerError)
		}}, "", new(fetch.StatusError)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			s.has(archiveName, text(archive))
			for name, serve := range test.files {
				s.has(name, serve)
			}
			from := source(t)
			release, err := from.Newest(t.Context(), s.channel())
			if err != nil {
				t.Fatal(err)
			}
			got, err := from.Download(t.Context(), release, nil)
			if fmt.Sprintf("%T", err) != fmt.Sprintf("%T", test.want) && !errorIs(err, test.want) {
				t.Fatalf("got error %T %v, want %T", err, err, test.want)
			}
			if test.want != nil {
				return
			}
			if content, err := os.ReadFile(got.File); err != nil || string(content) != archive {
				t.Errorf("got %d bytes and error %v, want %d bytes", len(content), err, len(archive))
			}
			if got.Verified != test.verified {
				t.Errorf("verified by %q, want %q", got.Verified, test.verified)
			}
		})
	}
}

func errorIs(err, want error) bool {
	var sum *SumError
	_, isSum := want.(*SumError)
	return isSum && errors.As(err, &sum)
}

// What had the wrong hash is downloaded again, and so may be right the next time.
func TestDownloadAgain(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	archive := string(archiveOf(t, map[string]string{"nixpkgs/default.nix": "{ }"}))
	s.has(archiveName, text("damaged"))
	s.has("nixexprs.tar.xz.sha256", text(hexOf(archive)))
	from := source(t)
	release, err := from.Newest(t.Context(), s.channel())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := from.Download(t.Context(), release, nil); err == nil {
		t.Fatal("no error for what is damaged")
	}
	s.has(archiveName, text(archive))
	var last int64
	if _, err := from.Download(t.Context(), release, func(done, _ int64) { last = done }); err != nil {
		t.Fatal(err)
	}
	if last != int64(len(archive)) {
		t.Errorf("told of %d bytes, want %d", last, len(archive))
	}
}

// cut sends the first half and breaks the connection.
func cut(content string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(len(content)))
		fmt.Fprint(w, content[:len(content)/2])
		panic(http.ErrAbortHandler)
	}
}

// silent sends nothing until the client has gone.
func silent(w http.ResponseWriter, r *http.Request) {
	w.WriteHeader(http.StatusOK)
	w.(http.Flusher).Flush()
	<-r.Context().Done()
}

func hexOf(content string) string {
	sum := sha256.Sum256([]byte(content))
	return hex.EncodeToString(sum[:])
}

func archiveOf(tb testing.TB, files map[string]string) []byte {
	tb.Helper()
	var out bytes.Buffer
	packed := gzip.NewWriter(&out)
	w := tar.NewWriter(packed)
	for name, content := range files {
		err := w.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o644, Size: int64(len(content))})
		if err != nil {
			tb.Fatal(err)
		}
		if _, err := w.Write([]byte(content)); err != nil {
			tb.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), packed.Close()); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func write(tb testing.TB, file, content string) {
	tb.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(content), 0o644)); err != nil {
		tb.Fatal(err)
	}
}
