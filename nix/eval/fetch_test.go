package eval_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"

	"luminousnix/internal/testbed"
	"luminousnix/nix/eval"
	"luminousnix/nix/fetch"
	"luminousnix/nix/store"
)

// member is an entry of an archive.
type member struct {
	name, content string
	kind          byte // of tar
	mode          int64
}

// tree is what most archives of these tests have.
func tree() []member {
	return []member{
		{"top/", "", tar.TypeDir, 0o755},
		{"top/default.nix", "{ v = import ./lib/x.nix; text = builtins.readFile ./b.txt; dir = builtins.readDir ./.; }", tar.TypeReg, 0o644},
		{"top/lib/x.nix", "42", tar.TypeReg, 0o600},
		{"top/run", "#!/bin/sh\n", tar.TypeReg, 0o755},
		{"top/group-only", "x", tar.TypeReg, 0o654},
		{"top/b.txt", "text", tar.TypeReg, 0o444},
		{"top/link", "b.txt", tar.TypeSymlink, 0o777},
		{"top/outside", "../../etc/passwd", tar.TypeSymlink, 0o777},
		{"top/hard", "top/b.txt", tar.TypeLink, 0o644},
		{"top/empty/", "", tar.TypeDir, 0o755},
		{"top/a b", "name", tar.TypeReg, 0o644},
	}
}

func tarOf(tb testing.TB, members []member) []byte {
	tb.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, m := range members {
		h := &tar.Header{Name: m.name, Typeflag: m.kind, Mode: m.mode}
		if m.kind == tar.TypeReg {
			h.Size = int64(len(m.content))
		} else {
			h.Linkname = m.content
		}
		if err := w.WriteHeader(h); err != nil {
			tb.Fatal(err)
		}
		if m.kind == tar.TypeReg {
			if _, err := w.Write([]byte(m.content)); err != nil {
				tb.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func zipOf(tb testing.TB, members []member) []byte {
	tb.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, m := range members {
		h := &zip.FileHeader{Name: m.name, Method: zip.Deflate}
		switch m.kind {
		case tar.TypeLink:
			continue
		case tar.TypeSymlink:
			h.SetMode(fs.ModeSymlink | 0o777)
		case tar.TypeDir:
			h.SetMode(fs.ModeDir | 0o755)
			m.content = ""
		default:
			h.SetMode(fs.FileMode(m.mode))
		}
		f, err := w.CreateHeader(h)
		if err == nil {
			_, err = f.Write([]byte(m.content))
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func gzipOf(tb testing.TB, data []byte) []byte {
	tb.Helper()
	var out bytes.Buffer
	return packed(tb, &out, gzip.NewWriter(&out), data)
}

func xzOf(tb testing.TB, data []byte) []byte {
	tb.Helper()
	var out bytes.Buffer
	w, err := xz.NewWriter(&out)
	if err != nil {
		tb.Fatal(err)
	}
	return packed(tb, &out, w, data)
}

// packed writes data through w, which compresses to out.
func packed(tb testing.TB, out *bytes.Buffer, w io.WriteCloser, data []byte) []byte {
	tb.Helper()
	if _, err := w.Write(data); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

// fileServer serves what fetchers of these tests fetch.
func fileServer(tb testing.TB) *httptest.Server {
	tb.Helper()
	data := tarOf(tb, tree())
	zstdWriter, err := zstd.NewWriter(nil)
	if err != nil {
		tb.Fatal(err)
	}
	files := map[string][]byte{
		"/plain.tar":      data,
		"/tree.tar.gz":    gzipOf(tb, data),
		"/no-extension":   gzipOf(tb, data),
		"/tree.tar.zst":   zstdWriter.EncodeAll(data, nil),
		"/tree.zip":       zipOf(tb, tree()),
		"/two.tar":        tarOf(tb, []member{{"a/x", "1", tar.TypeReg, 0o644}, {"b/y", "2", tar.TypeReg, 0o644}}),
		"/file.tar":       tarOf(tb, []member{{"x", "1", tar.TypeReg, 0o755}}),
		"/mixed.tar":      tarOf(tb, []member{{"a/x", "1", tar.TypeReg, 0o644}, {"y", "2", tar.TypeReg, 0o644}}),
		"/absolute.tar":   tarOf(tb, []member{{"/a/x", "1", tar.TypeReg, 0o644}}),
		"/dot.tar":        tarOf(tb, []member{{"./", "", tar.TypeDir, 0o755}, {"./a/x", "1", tar.TypeReg, 0o644}}),
		"/twice.tar":      tarOf(tb, []member{{"a/x", "1", tar.TypeReg, 0o644}, {"a/x", "2", tar.TypeReg, 0o755}}),
		"/device.tar":     tarOf(tb, []member{{"a/x", "", tar.TypeFifo, 0o644}}),
		"/page":           []byte("<!DOCTYPE html>\n" + strings.Repeat("<p>not an archive</p>\n", 99)),
		"/cut.tar.gz":     gzipOf(tb, data)[:200],
		"/tree.tar.xz":    xzOf(tb, data),
		"/tree.tar.lz":    []byte("LZIP\x01\x0c"),
		"/file.txt":       []byte("content\n"),
		"/odd%20name.nix": []byte("42\n"),
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/redirect" {
			http.Redirect(w, r, "/tree.tar.gz", http.StatusFound)
			return
		}
		content, ok := files[r.URL.EscapedPath()]
		if !ok {
			http.Error(w, "no such file", http.StatusNotFound)
			return
		}
		http.ServeContent(w, r, "", time.Unix(1e9, 0), bytes.NewReader(content))
	}))
	tb.Cleanup(s.Close)
	return s
}

// said is how an evaluation ended.
type said struct {
	Output string
	Failed bool
	Text   string // of the error
}

// asNix evaluates with a release of Nix.
func asNix(t *testing.T, bed *testbed.Nix, expression string, args ...string) (said, int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	args = append([]string{"--eval", "--strict", "--json", "--read-write-mode", "--option", "download-attempts", "1"}, args...)
	cmd := bed.Command(ctx, "nix-instantiate", append(args, "-E", expression)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	result := said{Output: strings.TrimSpace(string(out)), Failed: err != nil}
	if err != nil {
		result.Text = collapse(stderr.String())
		return result, exit.ExitCode()
	}
	return result, 0
}

// collapse makes single spaces of all space, and leaves colours out.
func collapse(text string) string {
	text = regexp.MustCompile("\x1b\\[[0-9;]*m").ReplaceAllString(text, "")
	return strings.Join(strings.Fields(text), " ")
}

// asUs evaluates in this process.
func asUs(t *testing.T, options eval.Options, expression string) (said, error) {
	t.Helper()
	ev := eval.New(options)
	v, err := ev.EvalExpr(t.Context(), "«string»", expression)
	var text string
	if err == nil {
		text, err = ev.JSON(t.Context(), v, true)
	}
	if err != nil {
		return said{Failed: true, Text: collapse(err.Error())}, err
	}
	return said{Output: text}, nil
}

func fetching(t *testing.T, bed *testbed.Nix) eval.Options {
	t.Helper()
	return eval.Options{
		Store:   &eval.DryStore{Directory: store.Dir(bed.StoreDir)},
		Inputs:  eval.Host{Downloads: fetch.New(fetch.Options{CacheDir: filepath.Join(t.TempDir(), "cache"), Tries: 1})},
		BaseDir: bed.Home, CurrentSystem: "x86_64-linux",
	}
}

func TestRealNixFetch(t *testing.T) {
	t.Parallel()
	server := fileServer(t)
	tests := []struct {
		expression string
		ownWords   bool // our message is another one
		since2_26  bool // Nix 2.8 did it differently
	}{
		{expression: `fetchTarball "URL/plain.tar"`},
		{expression: `fetchTarball "URL/tree.tar.gz"`},
		{expression: `fetchTarball "URL/no-extension"`},
		{expression: `fetchTarball "URL/tree.tar.zst"`},
		{expression: `fetchTarball "URL/tree.tar.xz"`},
		{expression: `fetchTarball "URL/tree.zip"`},
		{expression: `fetchTarball "URL/two.tar"`, since2_26: true},
		{expression: `fetchTarball "URL/file.tar"`, since2_26: true},
		{expression: `fetchTarball "URL/mixed.tar"`, since2_26: true},
		{expression: `fetchTarball "URL/absolute.tar"`},
		{expression: `fetchTarball "URL/dot.tar"`},
		{expression: `fetchTarball "URL/twice.tar"`},
		{expression: `fetchTarball "URL/device.tar"`, ownWords: true},
		{expression: `fetchTarball "URL/page"`, ownWords: true},
		{expression: `fetchTarball "URL/cut.tar.gz"`, ownWords: true},
		{expression: `fetchTarball "URL/missing.tar.gz"`},
		{expression: `fetchTarball "URL/redirect"`},
		{expression: `fetchTarball { url = "URL/tree.tar.gz"; name = "x"; }`},
		{expression: `fetchTarball { url = "URL/tree.tar.gz"; name = "not ok"; }`},
		{expression: `fetchTarball { url = "URL/tree.tar.gz"; sha256 = "0000000000000000000000000000000000000000000000000000"; }`},
		{expression: `fetchTarball { url = "URL/tree.tar.gz"; sha256 = ""; }`},
		{expression: `import (fetchTarball "URL/tree.tar.gz")`},
		{expression: `(import (fetchTarball "URL/tree.tar.gz")).dir`},
		{expression: `builtins.readDir (fetchTarball "URL/tree.tar.gz" + "/lib")`},
		{expression: `builtins.readFile (fetchTarball "URL/tree.tar.gz" + "/link")`},
		{expression: `builtins.pathExists (fetchTarball "URL/tree.tar.gz" + "/outside")`},
		{expression: `builtins.pathExists (fetchTarball "URL/tree.tar.gz" + "/nothing")`},
		{expression: `"${fetchTarball "URL/tree.tar.gz"}/x"`},
		{expression: `builtins.fetchurl "URL/file.txt"`},
		{expression: `builtins.fetchurl { url = "URL/file.txt"; }`},
		{expression: `builtins.fetchurl { url = "URL/file.txt"; name = "other"; }`},
		{expression: `builtins.fetchurl { url = "URL/file.txt"; sha256 = "434728a410a78f56fc1b5899c3593436e61ab0c731e9072d95e96db290205e53"; }`},
		{expression: `builtins.fetchurl { url = "URL/file.txt"; sha256 = "0000000000000000000000000000000000000000000000000000"; }`},
		{expression: `builtins.readFile (builtins.fetchurl "URL/file.txt")`},
		{expression: `import (builtins.fetchurl { url = "URL/odd%20name.nix"; name = "odd.nix"; })`},
		{expression: `builtins.fetchurl "URL/odd%20name.nix"`},
		{expression: `builtins.fetchurl "URL/missing"`},
		{expression: `builtins.fetchurl "URL/"`},
		{expression: `builtins.fetchurl { sha256 = ""; }`},
		{expression: `builtins.fetchurl { url = "URL/file.txt"; md5 = ""; }`},
		{expression: `builtins.fetchurl "file:///does/not/exist"`, ownWords: true},
		{expression: `builtins.fetchurl "nonsense"`},
		{expression: `builtins.tryEval (builtins.fetchurl "URL/missing")`},
		{expression: `let t = fetchTarball "URL/tree.tar.gz"; in [ t t (import t).v ]`},
		{expression: `toString (builtins.findFile [ { prefix = "n"; path = "URL/tree.tar.gz"; } ] "n/lib/x.nix")`},
		{expression: `import (builtins.findFile [ { prefix = "n"; path = "URL/tree.tar.gz"; } ] "n")`},
		{expression: `builtins.findFile [ { prefix = "n"; path = "URL/missing.tar.gz"; } ] "n"`},
	}
	for _, release := range testbed.AllReleases(t) {
		t.Run(release.Name, func(t *testing.T) {
			t.Parallel()
			bed := testbed.NewWith(t, testbed.Options{Release: release})
			options := fetching(t, bed)
			for _, test := range tests {
				expression := strings.ReplaceAll(test.expression, "URL", server.URL)
				if test.since2_26 && release.Name == "installed" {
					continue
				}
				want, status := asNix(t, bed, expression)
				got, err := asUs(t, options, expression)
				if want.Failed != got.Failed || want.Output != got.Output {
					t.Errorf("%s\n(-Nix +got):\n%s", expression, cmp.Diff(want, got))
					continue
				}
				newest := release.Name == "forky" && !test.ownWords
				if want.Failed && newest && !strings.Contains(want.Text, got.Text) {
					t.Errorf("%s\n Nix: %s\n got: %s", expression, want.Text, got.Text)
				}
				var mismatch *eval.HashMismatchError
				if errors.As(err, &mismatch) != (status == 102) {
					t.Errorf("%s: status %d, but %v", expression, status, err)
				}
			}
		})
	}
}

func write(t *testing.T, file string, content []byte) {
	t.Helper()
	if err := os.WriteFile(file, content, 0o644); err != nil {
		t.Fatal(err)
	}
}
