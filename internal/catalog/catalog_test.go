package catalog

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/catalog/snapshot"
)

func openSmall(t testing.TB, dir string) *Catalog {
	t.Helper()
	c, err := Open(context.Background(), dir, smallSource(smallListing), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func attributes(packages []Entry) (out []string) {
	for _, p := range packages {
		out = append(out, p.Attribute)
	}
	return out
}

// find is for catalogues that aren't damaged.
func find(c *Catalog, q Query) Results {
	r, err := c.Search(q)
	if err != nil {
		panic(err)
	}
	return r
}

func found(r Results) (out []string) {
	for _, h := range r.Hits {
		out = append(out, h.Attribute)
	}
	return out
}

func TestOpenBuildsThenMaps(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "cache", "catalog")
	builds := 0
	for range 2 {
		c, err := Open(context.Background(), dir, smallSource(smallListing), func(done, total int64) {
			builds++
			if done != total {
				t.Errorf("progress %d of %d", done, total)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if name, date := c.Source(); c.Len() != 12 || name != "test" || date != "2025-01-02" {
			t.Errorf("got %d packages of %s %s", c.Len(), name, date)
		}
		if got := found(find(c, Query{Text: "kdenlive"})); len(got) == 0 || got[0] != "kdenlive" {
			t.Errorf("got %q", got)
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	if builds != 1 {
		t.Errorf("built %d times", builds)
	}
	if err := verifyFile(filepath.Join(dir, "test-1.index")); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("directory: %v %v", info.Mode(), err)
	}
}

// Truncated, damaged and foreign files are built again, and the next Open finds
// a good one.
func TestOpenRepairs(t *testing.T) {
	t.Parallel()
	good, err := build(context.Background(), smallSource(smallListing), nil)
	if err != nil {
		t.Fatal(err)
	}
	other := smallSource(smallListing)
	other.ID = "other"
	foreign, err := build(context.Background(), other, nil)
	if err != nil {
		t.Fatal(err)
	}
	flip := func(at int) []byte {
		b := bytes.Clone(good)
		b[at] ^= 0x10
		return b
	}
	tests := map[string][]byte{
		"empty": {}, "half": good[:len(good)/2], "header only": good[:blockSize], "one byte less": good[:len(good)-1],
		"one byte more": append(bytes.Clone(good), 0), "magic": flip(0), "version": flip(8), "documents": flip(12),
		"length": flip(25), "section": flip(40), "header checksum": flip(headerLength - 1), "other source": foreign,
		"text": []byte("hello\n"),
	}
	for name, b := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			path := filepath.Join(dir, "test-1.index")
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
			c := openSmall(t, dir)
			if got := attributes(c.Lookup("shotcut")); len(got) != 1 {
				t.Errorf("got %q", got)
			}
			after, err := os.ReadFile(path)
			if err != nil || !bytes.Equal(after, good) {
				t.Errorf("the file wasn't repaired (%v)", err)
			}
		})
	}
	if err := verifyAll(flip(len(good) - 9)); err == nil {
		t.Error("verifyImage didn't notice damaged contents")
	}
}

func TestOpenWithoutWritableDirectory(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c := openSmall(t, filepath.Join(file, "below"))
	if got := found(find(c, Query{Text: "numpy"})); len(got) != 1 {
		t.Errorf("got %q", got)
	}
}

func TestOpenTwiceAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			c, err := Open(context.Background(), dir, smallSource(smallListing), nil)
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			if got := attributes(c.Lookup("kdenlive")); len(got) != 1 {
				t.Errorf("got %q", got)
			}
		})
	}
	all.Wait()
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 {
		t.Errorf("%d files are left, %v", len(files), err)
	}
	if err := verifyFile(filepath.Join(dir, "test-1.index")); err != nil {
		t.Error(err)
	}
}

func TestOpenErrors(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken cable")
	reader := func(r io.Reader) Source {
		src := smallSource("")
		src.Parts = []Part{File(PackageList, 0, func() (io.ReadCloser, error) { return io.NopCloser(r), nil })}
		return src
	}
	corrupt := map[string]io.Reader{
		"truncated zstd":    strings.NewReader(snapshot.Packages[:len(snapshot.Packages)/50]),
		"damaged zstd":      strings.NewReader(snapshot.Packages[:1000] + strings.Repeat("x", 1000)),
		"truncated listing": strings.NewReader(smallListing[:len(smallListing)-3]),
		"something else":    strings.NewReader("<html>Not found</html>"),
		"empty":             strings.NewReader(""),
	}
	for name, r := range corrupt {
		_, err := Open(context.Background(), t.TempDir(), reader(r), nil)
		var typed *CorruptError
		if !errors.As(err, &typed) || typed.Name != "test" {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := Open(context.Background(), t.TempDir(), reader(iotest.ErrReader(broken)), nil); !errors.Is(err, broken) {
		t.Errorf("failing reader: got %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Open(ctx, t.TempDir(), Snapshot(), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
	for _, id := range []string{"", "a/b", "..", ".x", "a b", strings.Repeat("x", 101)} {
		src := smallSource(smallListing)
		src.ID = id
		if _, err := Open(context.Background(), t.TempDir(), src, nil); err == nil {
			t.Errorf("ID %q was accepted", id)
		}
	}
}

func TestPackage(t *testing.T) {
	t.Parallel()
	c := openSmall(t, t.TempDir())
	want := []Entry{{
		Attribute: "kdenlive", Name: "kdenlive", Version: "25.08", Description: "Free and open source video editor",
		Homepage: "https://kdenlive.org", License: "gpl2", Available: true,
	}}
	if diff := cmp.Diff(want, c.Lookup("kdenlive")); diff != "" {
		t.Error(diff)
	}
	nasty := c.Lookup("nasty")
	if len(nasty) != 1 {
		t.Fatalf("got %v", nasty)
	}
	for _, text := range []string{nasty[0].Name, nasty[0].Version, nasty[0].Description} {
		if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }) {
			t.Errorf("%q has control characters", text)
		}
	}
	if got, want := nasty[0].Description, "Red [2J text with lines"; got != want {
		t.Errorf("description: got %q, want %q", got, want)
	}
}

func TestSearchSmall(t *testing.T) {
	t.Parallel()
	c := openSmall(t, t.TempDir())
	tests := []struct {
		query string
		want  []string
		why   string
	}{
		{"kdenlive", []string{"kdenlive"}, "name"},
		{"KDEN", []string{"kdenlive"}, "beginning of name"},
		{"kdenlvie", []string{"kdenlive"}, "spelling"},
		{"editors for videos", []string{"shotcut", "kdenlive"}, "description"},
		{"numpy", []string{"python313Packages.numpy"}, "name"},
		{"python312Packages.numpy", []string{"python312Packages.numpy"}, "name"},
		{"chrome", []string{"google-chrome"}, "alias"},
		{"readelf", []string{"binutils"}, "program"},
		{"", nil, ""},
		{"   ", nil, ""},
		{"?!*%", nil, ""},
		{"日本語", nil, ""},
		{"qqqqqq", nil, ""},
	}
	for _, test := range tests {
		r := find(c, Query{Text: test.query})
		got := found(r)
		if len(got) < len(test.want) || len(test.want) == 0 && len(got) > 0 {
			t.Errorf("%q: got %q, want %q", test.query, got, test.want)
			continue
		}
		if diff := cmp.Diff(test.want, got[:len(test.want):len(test.want)]); diff != "" && len(test.want) > 0 {
			t.Errorf("%q: %s", test.query, diff)
		}
		if test.why != "" && !strings.Contains(strings.Join(r.Hits[0].Why, ","), test.why) {
			t.Errorf("%q: found by %q, not by %s", test.query, r.Hits[0].Why, test.why)
		}
	}
}

func TestSearchFoldsVariants(t *testing.T) {
	t.Parallel()
	r := find(openSmall(t, t.TempDir()), Query{Text: "numpy"})
	if r.Total != 1 || len(r.Hits) != 1 || r.Hits[0].Variants != 1 {
		t.Errorf("got %+v", r)
	}
}

func TestSearchListsSets(t *testing.T) {
	t.Parallel()
	c := openSmall(t, t.TempDir())
	for _, query := range []string{"python packages", "what python packages are available?", "python313Packages", "python313Packages."} {
		r := find(c, Query{Text: query, Limit: 2, Offset: 1})
		if r.Set != "python313Packages" || r.Total != 6 || len(r.Hits) != 2 {
			t.Errorf("%q: got %+v", query, r)
		}
	}
}

func TestSearchPages(t *testing.T) {
	t.Parallel()
	c := snapshotCatalog(t)
	all := found(find(c, Query{Text: "python library", Limit: 300}))
	var paged []string
	for offset := 0; offset < 300; offset += 30 {
		paged = append(paged, found(find(c, Query{Text: "python library", Limit: 30, Offset: offset}))...)
	}
	if diff := cmp.Diff(all, paged); diff != "" || len(all) != 300 {
		t.Error(diff)
	}
}

func TestSearchConcurrently(t *testing.T) {
	t.Parallel()
	c := snapshotCatalog(t)
	want := found(find(c, Query{Text: "web browser"}))
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for i := range 20 {
				find(c, Query{Text: fmt.Sprint("video ", i)})
				if diff := cmp.Diff(want, found(find(c, Query{Text: "web browser"}))); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
	all.Wait()
}

func TestLookup(t *testing.T) {
	t.Parallel()
	c := snapshotCatalog(t)
	tests := map[string]string{
		"firefox": "firefox", "Firefox": "firefox", "python3": "python313Packages.python", "python": "python313Packages.python",
		"nodejs": "nodePackages.nodejs", "node": "nodePackages.nodejs", "chrome": "google-chrome", "nvim": "neovim", "rg": "ripgrep",
		"openjdk": "jdk", "thunderbird": "thunderbird-latest", "python313Packages.requests": "python313Packages.requests",
		"kate": "kdePackages.kate", "certbot": "python313Packages.certbot", "no-such-package": "", "": "", ".": "",
	}
	for name, want := range tests {
		got := attributes(c.Lookup(name))
		if want == "" && len(got) > 0 || want != "" && (len(got) == 0 || got[0] != want) {
			t.Errorf("%q: got %q, want %q first", name, got[:min(3, len(got))], want)
		}
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	c := snapshotCatalog(t)
	for name, want := range map[string]string{
		"firefx": "firefox", "ripgrap": "ripgrep", "dcoker": "docker", "libreofice": "libreoffice-fresh", "ngnix": "nginx",
	} {
		if got := c.Nearest(name, 3); len(got) == 0 || got[0] != want {
			t.Errorf("%q: got %q", name, got)
		}
	}
	if got := c.Nearest("xqzwvkjqpfh", 3); len(got) > 0 {
		t.Errorf("got %q", got)
	}
}

// What is damaged is found out before it is used: an answer is the right one, or
// there is an error, and nothing panics.
func TestDamageIsFound(t *testing.T) {
	t.Parallel()
	good, err := build(context.Background(), smallSource(smallListing), nil)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	queries := []string{"kdenlive vidoe", "python packages", "k", "readelf", "services.x"}
	var want []Results
	c, err := newCatalog(good, func() error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range queries {
		want = append(want, find(c, Query{Text: text}))
	}
	noticed := 0
	for range 2000 {
		b := bytes.Clone(good)
		at := random.IntN(len(b))
		b[at] ^= 1 << random.IntN(8)
		c, err := newCatalog(b, func() error { return nil })
		if err != nil {
			noticed++
			continue
		}
		for i, text := range queries {
			got, err := c.Search(Query{Text: text})
			if err != nil {
				noticed++
				break
			}
			if diff := cmp.Diff(want[i], got); diff != "" {
				t.Fatalf("%q with a bit of byte %d flipped: %s", text, at, diff)
			}
		}
		if err := c.Verify(); err == nil && at >= blockSize {
			t.Errorf("the bit of byte %d was not noticed", at)
		}
	}
	if noticed < 500 {
		t.Errorf("%d of 2000 were noticed by searching", noticed)
	}
}

func exercise(t *testing.T, b []byte, query string) {
	c, err := newCatalog(b, func() error { return nil })
	if err != nil {
		return
	}
	for i := range c.image.checked {
		c.image.checked[i].Store(1) // as if the checksums were right
	}
	for _, text := range []string{query, "python packages", "k", "a.b"} {
		if r, _ := c.Search(Query{Text: text, Limit: 5}); len(r.Hits) > 5 || r.Total < len(r.Hits) {
			t.Errorf("%q: %d hits of %d", text, len(r.Hits), r.Total)
		}
	}
	c.Lookup(query)
	c.Nearest(query, 3)
	c.WithProgram(query)
	c.Renamed(query)
}

// TestNonsenseDoesntPanic reads images whose checksums are right and whose contents
// are not.
func TestNonsenseDoesntPanic(t *testing.T) {
	t.Parallel()
	good, err := build(context.Background(), smallSource(smallListing), nil)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		b := bytes.Clone(good)
		for range 1 + random.IntN(30) {
			b[blockSize+random.IntN(len(b)-2*blockSize)] = byte(random.Uint32())
		}
		exercise(t, b, "kdenlive vidoe")
	}
}

func FuzzImage(f *testing.F) {
	good, err := build(context.Background(), smallSource(smallListing), nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:blockSize])
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) >= blockSize { // else the fuzzer never gets past the checksum
			b = bytes.Clone(b)
			binary.LittleEndian.PutUint32(b[headerLength-4:], crc(b[:headerLength-4]))
		}
		if len(b) < 1<<20 {
			exercise(t, b, "kdenlive")
		}
	})
}

func FuzzSearch(f *testing.F) {
	for _, text := range []string{
		"", "video editor", "C++ c# e-mail", "it's", "a.b.c.", "services.shotcut.", "services.", "a.<name>.b", "😀", "\x00\xff", "' OR 1=1 --", ".*[", strings.Repeat("x ", 300),
	} {
		f.Add(text, 10, 0)
	}
	b, err := build(context.Background(), withOptions(smallSource(smallListing)), nil)
	if err != nil {
		f.Fatal(err)
	}
	c, err := newCatalog(b, func() error { return nil })
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string, limit, offset int) {
		r := find(c, Query{Text: text, Limit: limit, Offset: offset})
		if limit > 0 && len(r.Hits) > limit || len(r.Hits) > r.Total {
			t.Errorf("%d hits of %d, limit %d", len(r.Hits), r.Total, limit)
		}
		if diff := cmp.Diff(r, find(c, Query{Text: text, Limit: limit, Offset: offset})); diff != "" {
			t.Errorf("not the same twice: %s", diff)
		}
		c.Lookup(text)
		c.Nearest(text, 5)
		c.WithProgram(text)
		c.Renamed(text)
		c.Siblings(text, 3)
		c.OptionFor(text)
	})
}

func newCatalogOf(listing string) (*Catalog, error) {
	b, err := build(context.Background(), smallSource(listing), nil)
	if err != nil {
		return nil, err
	}
	return newCatalog(b, func() error { return nil })
}

func verifyAll(b []byte) error {
	c, err := newCatalog(b, func() error { return nil })
	if err != nil {
		return err
	}
	return c.Verify()
}

func verifyFile(path string) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return verifyAll(b)
}
