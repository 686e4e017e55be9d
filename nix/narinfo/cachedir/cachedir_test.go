package cachedir_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"luminousnix/nix/nar"
	"luminousnix/nix/narinfo"
	"luminousnix/nix/narinfo/cachedir"
	"luminousnix/nix/store"
)

const dir = store.Dir("/x/store")

func sameHash() cmp.Option {
	return cmp.Comparer(func(a, b store.Hash) bool { return a == b })
}

// archive makes the archive of a file and what is known of its path.
func archive(t testing.TB, name, content string, references ...store.Path) ([]byte, *store.PathInfo) {
	t.Helper()
	var b bytes.Buffer
	w := nar.NewWriter(&b)
	if err := w.WriteHeader(&nar.Header{Type: nar.Regular, Size: int64(len(content))}); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	h := store.Sum(store.SHA256, b.Bytes())
	p, err := dir.MakePath("output:out", h, name)
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), &store.PathInfo{Path: p, NarHash: h, NarSize: int64(b.Len()), References: references}
}

func create(t testing.TB) (c *cachedir.Cache, directory string) {
	t.Helper()
	directory = filepath.Join(t.TempDir(), "a", "cache")
	c, err := cachedir.Create(directory, narinfo.CacheInfo{StoreDir: dir, WantMassQuery: true, Priority: 30})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c, directory
}

func put(t testing.TB, c *cachedir.Cache, info *store.PathInfo, data []byte, o cachedir.PutOptions) *narinfo.NarInfo {
	t.Helper()
	n, err := c.Put(t.Context(), info, bytes.NewReader(data), o)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func read(c *cachedir.Cache, info *narinfo.NarInfo) ([]byte, error) {
	r, err := c.Nar(info)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

// files lists the names below a directory.
func files(t testing.TB, directory string) []string {
	t.Helper()
	var names []string
	err := fs.WalkDir(os.DirFS(directory), ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestPutAndGet(t *testing.T) {
	t.Parallel()
	key, err := narinfo.GenerateKey("k-1")
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("a line of some length\n", 100_000)
	for _, compression := range []narinfo.Compression{"", narinfo.None, narinfo.Zstd, narinfo.Gzip} {
		t.Run(string(compression), func(t *testing.T) {
			t.Parallel()
			c, directory := create(t)
			data, info := archive(t, "long", long)
			put(t, c, info, data, cachedir.PutOptions{})
			data, info = archive(t, "app", long+".", info.Path)
			info.References = append(info.References, info.Path)
			info.Signatures = []string{"other:AAAA"}
			n := put(t, c, info, data, cachedir.PutOptions{Compression: compression, Keys: []narinfo.SecretKey{key}})
			if len(info.Signatures) != 1 || len(narinfo.Verify(&n.PathInfo, []narinfo.PublicKey{key.Public()})) != 1 {
				t.Errorf("signatures %q before, %q now", info.Signatures, n.Signatures)
			}

			c, err := cachedir.Open(directory)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if diff := cmp.Diff(narinfo.CacheInfo{StoreDir: dir, WantMassQuery: true, Priority: 30}, c.Info()); diff != "" {
				t.Error(diff)
			}
			got, err := c.Get(info.Path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(n, got, sameHash()); diff != "" {
				t.Error(diff)
			}
			back, err := read(c, got)
			if err != nil || !bytes.Equal(back, data) {
				t.Errorf("%d bytes of %d, error %v", len(back), len(data), err)
			}
			stat, err := os.Stat(filepath.Join(directory, got.URL))
			if err != nil || stat.Size() != got.FileSize {
				t.Errorf("%v, error %v", stat, err)
			}
			if small := got.FileSize < info.NarSize/10; small != (compression != narinfo.None) {
				t.Errorf("%d bytes of %d", got.FileSize, info.NarSize)
			}
			if names := files(t, directory); len(names) != 5 {
				t.Errorf("the cache has %q", names)
			}
		})
	}
}

func TestNotThere(t *testing.T) {
	t.Parallel()
	c, _ := create(t)
	data, info := archive(t, "app", "x")
	var notValid *store.NotValidError
	if _, err := c.Get(info.Path); !errors.As(err, &notValid) || notValid.Path != info.Path {
		t.Errorf("error %v", err)
	}
	put(t, c, info, data, cachedir.PutOptions{})
	namesake := info.Path + "-2"
	if _, err := c.Get(namesake); !errors.As(err, &notValid) || notValid.Path != namesake {
		t.Errorf("error %v", err)
	}
	if _, err := c.Get("/y/store/" + store.Path(info.Path.Base())); !errors.As(err, new(*store.ParseError)) {
		t.Errorf("error %v", err)
	}
}

func TestPutRefuses(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	data, good := archive(t, "app", "hello")
	_, missing := archive(t, "missing", "x")
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, test := range map[string]struct {
		ctx     context.Context
		change  func(*store.PathInfo)
		archive io.Reader
		options cachedir.PutOptions
		as      any
		is      error
	}{
		"too short":       {archive: bytes.NewReader(data[:50]), as: new(*cachedir.MismatchError)},
		"too long":        {archive: io.MultiReader(bytes.NewReader(data), zeros{}), as: new(*cachedir.MismatchError)},
		"other content":   {archive: bytes.NewReader(damaged(data)), as: new(*cachedir.MismatchError)},
		"broken":          {archive: io.MultiReader(bytes.NewReader(data[:50]), iotest.ErrReader(broken)), is: broken},
		"cancelled":       {ctx: cancelled, is: context.Canceled},
		"xz":              {options: cachedir.PutOptions{Compression: narinfo.XZ}, as: new(*cachedir.CompressionError)},
		"no such key":     {options: cachedir.PutOptions{Keys: make([]narinfo.SecretKey, 1)}, is: narinfo.ErrNothingToSign},
		"no hash":         {change: func(i *store.PathInfo) { i.NarHash = store.Hash{} }, as: new(*cachedir.MismatchError)},
		"other store":     {change: func(i *store.PathInfo) { i.Path = "/y/store/" + store.Path(i.Path.Base()) }, as: new(*store.ParseError)},
		"other reference": {change: func(i *store.PathInfo) { i.References = []store.Path{"/etc/passwd"} }, as: new(*store.ParseError)},
		"not its closure": {change: func(i *store.PathInfo) { i.References = []store.Path{missing.Path} }, as: new(*store.NotValidError)},
		"bad signature":   {change: func(i *store.PathInfo) { i.Signatures = []string{"a\nURL: x"} }, as: new(*narinfo.FieldError)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, directory := create(t)
			info, ctx := *good, test.ctx
			if test.change != nil {
				test.change(&info)
			}
			if test.archive == nil {
				test.archive = bytes.NewReader(data)
			}
			if ctx == nil {
				ctx = t.Context()
			}
			n, err := c.Put(ctx, &info, test.archive, test.options)
			if test.is != nil && !errors.Is(err, test.is) || test.as != nil && !errors.As(err, test.as) || n != nil {
				t.Errorf("%v, error %v", n, err)
			}
			for _, file := range files(t, directory) {
				if strings.Contains(file, ".tmp-") || strings.HasSuffix(file, ".narinfo") {
					t.Errorf("left %s", file)
				}
			}
		})
	}
}

// zeros never end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func TestPutTakesTheSize(t *testing.T) {
	t.Parallel()
	c, _ := create(t)
	data, info := archive(t, "app", "hello")
	info.NarSize = 0
	if n := put(t, c, info, data, cachedir.PutOptions{}); n.NarSize != int64(len(data)) || info.NarSize != 0 {
		t.Errorf("size %d of %d", n.NarSize, len(data))
	}
}

func TestNarIsChecked(t *testing.T) {
	t.Parallel()
	data, info := archive(t, "app", strings.Repeat("x", 100_000))
	for name, test := range map[string]struct {
		change func(t *testing.T, n *narinfo.NarInfo, file string)
		field  string
	}{
		"NarSize":       {func(_ *testing.T, n *narinfo.NarInfo, _ string) { n.NarSize++ }, "NarSize"},
		"less":          {func(_ *testing.T, n *narinfo.NarInfo, _ string) { n.NarSize-- }, "NarSize"},
		"NarHash":       {func(_ *testing.T, n *narinfo.NarInfo, _ string) { n.NarHash = store.Sum(store.SHA256, nil) }, "NarHash"},
		"FileHash":      {func(_ *testing.T, n *narinfo.NarInfo, _ string) { n.FileHash = store.Sum(store.SHA512, nil) }, "FileHash"},
		"FileSize":      {func(_ *testing.T, n *narinfo.NarInfo, _ string) { n.FileSize++ }, "FileSize"},
		"other archive": {func(t *testing.T, n *narinfo.NarInfo, file string) { swap(t, n, file, damaged(data)) }, "NarHash"},
		"bomb":          {func(t *testing.T, n *narinfo.NarInfo, file string) { swap(t, n, file, make([]byte, 50<<20)) }, "NarSize"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, directory := create(t)
			n := put(t, c, info, data, cachedir.PutOptions{Compression: narinfo.Gzip})
			test.change(t, n, filepath.Join(directory, n.URL))
			got, err := read(c, n)
			var wrong *cachedir.MismatchError
			if !errors.As(err, &wrong) || wrong.Field != test.field || int64(len(got)) > n.NarSize {
				t.Errorf("%d bytes, error %v", len(got), err)
			}
		})
	}
	t.Run("not told", func(t *testing.T) {
		t.Parallel()
		c, _ := create(t)
		n := put(t, c, info, data, cachedir.PutOptions{})
		n.FileHash, n.FileSize = store.Hash{}, 0
		if got, err := read(c, n); err != nil || !bytes.Equal(got, data) {
			t.Errorf("%d bytes, error %v", len(got), err)
		}
	})
}

// damaged changes one byte.
func damaged(data []byte) []byte {
	data = bytes.Clone(data)
	data[len(data)/2] ^= 1
	return data
}

// swap compresses other data into the archive's file.
func swap(t *testing.T, n *narinfo.NarInfo, file string, data []byte) {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	n.FileHash, n.FileSize = store.Sum(store.SHA256, b.Bytes()), int64(b.Len())
	if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestNarRefuses(t *testing.T) {
	t.Parallel()
	c, directory := create(t)
	data, info := archive(t, "app", "hello")
	n := put(t, c, info, data, cachedir.PutOptions{Compression: narinfo.None})
	outside := filepath.Join(filepath.Dir(directory), "outside")
	if err := os.WriteFile(outside, data, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(directory, "link")); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(directory, "pipe"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, url := range []string{"../outside", outside, "nar/../../outside", "link", "pipe", "nar", ".", "", "a\x00", "https://example.org/x"} {
		bad := *n
		bad.URL = url
		if got, err := read(c, &bad); err == nil {
			t.Errorf("%q: got %d bytes", url, len(got))
		}
	}
	for _, compression := range []narinfo.Compression{narinfo.XZ, "", "br"} {
		bad := *n
		bad.Compression = compression
		var unknown *cachedir.CompressionError
		if _, err := read(c, &bad); !errors.As(err, &unknown) || unknown.Compression != compression {
			t.Errorf("%q: error %v", compression, err)
		}
	}
	for _, compression := range []narinfo.Compression{narinfo.Zstd, narinfo.Gzip, narinfo.BZip2} {
		bad := *n
		bad.Compression = compression
		if got, err := read(c, &bad); err == nil {
			t.Errorf("%q: got %d bytes", compression, len(got))
		}
	}
}

func TestAll(t *testing.T) {
	t.Parallel()
	c, directory := create(t)
	want := map[store.Path]bool{}
	for _, name := range []string{"a", "b", "c"} {
		data, info := archive(t, name, name)
		put(t, c, info, data, cachedir.PutOptions{})
		want[info.Path] = true
	}
	if err := os.WriteFile(filepath.Join(directory, "x.narinfo"), []byte("x\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	got, wrong := map[store.Path]bool{}, 0
	for info, err := range c.All() {
		if err != nil {
			var parse *narinfo.ParseError
			if !errors.As(err, &parse) || !strings.Contains(err.Error(), "x.narinfo") {
				t.Error(err)
			}
			wrong++
			continue
		}
		got[info.Path] = true
	}
	if diff := cmp.Diff(want, got); diff != "" || wrong != 1 {
		t.Errorf("%d are wrong; %s", wrong, diff)
	}
	for range c.All() {
		break // must not go on
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	if _, err := cachedir.Open(filepath.Join(directory, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
	if _, err := cachedir.Open(directory); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
	if _, err := cachedir.Create(directory, narinfo.CacheInfo{}); !errors.Is(err, cachedir.ErrNoStoreDir) {
		t.Errorf("error %v", err)
	}
	if _, err := cachedir.Create(directory, narinfo.CacheInfo{StoreDir: "x"}); !errors.As(err, new(*narinfo.FieldError)) {
		t.Errorf("error %v", err)
	}
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(directory, narinfo.CacheInfoName), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("Priority: 1\n")
	if _, err := cachedir.Open(directory); !errors.Is(err, cachedir.ErrNoStoreDir) {
		t.Errorf("error %v", err)
	}
	write("Priority: x\n")
	if _, err := cachedir.Open(directory); !errors.As(err, new(*narinfo.ParseError)) {
		t.Errorf("error %v", err)
	}
	write("StoreDir: /y\n")
	var other *cachedir.StoreDirError
	if _, err := cachedir.Create(directory, narinfo.CacheInfo{StoreDir: dir}); !errors.As(err, &other) || other.Got != "/y" {
		t.Errorf("error %v", err)
	}
}

// TestMemory puts and reads an archive that is larger than it may keep.
func TestMemory(t *testing.T) {
	const size = 256 << 20
	c, _ := create(t)
	source := func() io.Reader { return io.LimitReader(zeros{}, size) }
	state := store.SHA256.New()
	if _, err := io.Copy(state, source()); err != nil {
		t.Fatal(err)
	}
	h, err := store.NewHash(store.SHA256, state.Sum(nil))
	if err != nil {
		t.Fatal(err)
	}
	_, info := archive(t, "large", "")
	info.NarHash, info.NarSize = h, size
	result := testing.Benchmark(func(b *testing.B) {
		for b.Loop() {
			n, err := c.Put(b.Context(), info, source(), cachedir.PutOptions{})
			if err != nil {
				b.Fatal(err)
			}
			r, err := c.Nar(n)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, r); err != nil {
				b.Fatal(err)
			}
			r.Close()
		}
	})
	if got := result.AllocedBytesPerOp(); result.N == 0 || got > 64<<20 {
		t.Errorf("%d rounds, %d bytes allocated for each", result.N, got)
	}
}
