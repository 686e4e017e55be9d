package tarball_test

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/nix/nar"
	"luminousnix/nix/tarball"
)

func TestRead(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		entries []entry
		want    map[string]string
	}{
		"single directory": {
			[]entry{dir("x-1"), file("x-1/a", "A"), script("x-1/run", "R"), link("x-1/l", "../../etc/passwd")},
			map[string]string{"a": "A", "run": "x R", "l": "-> ../../etc/passwd"},
		},
		"directory not mentioned": {[]entry{file("x/y/a", "A")}, map[string]string{"y": "dir", "y/a": "A"}},
		"two directories": {
			[]entry{file("x/a", "A"), file("y/b", "B")},
			map[string]string{"x": "dir", "x/a": "A", "y": "dir", "y/b": "B"},
		},
		"single file":         {[]entry{file("a", "A")}, map[string]string{"a": "A"}},
		"nothing":             {nil, map[string]string{}},
		"empty directories":   {[]entry{dir("x/"), dir("x/e/")}, map[string]string{"e": "dir"}},
		"dot":                 {[]entry{dir("./"), dir("./x"), file("./x/a", "A")}, map[string]string{"a": "A"}},
		"absolute":            {[]entry{file("/x/a", "A")}, map[string]string{"a": "A"}},
		"later one counts":    {[]entry{file("x/a", "old"), script("x/a", "new")}, map[string]string{"a": "x new"}},
		"file over link":      {[]entry{link("x/a", "/etc"), file("x/a", "new")}, map[string]string{"a": "new"}},
		"directory twice":     {[]entry{file("x/d/a", "A"), dir("x/d")}, map[string]string{"d": "dir", "d/a": "A"}},
		"file over empty":     {[]entry{dir("x/d"), file("x/d", "D")}, map[string]string{"d": "D"}},
		"hard link":           {[]entry{script("x/a", "A"), hard("x/b", "x/a")}, map[string]string{"a": "x A", "b": "x A"}},
		"hard link to link":   {[]entry{link("x/a", "q"), hard("x/b", "x/a")}, map[string]string{"a": "-> q", "b": "-> q"}},
		"order does not show": {[]entry{file("x/b", "B"), file("x/c/d", "D"), file("x/a", "A")}, map[string]string{"a": "A", "b": "B", "c": "dir", "c/d": "D"}},
		"comment": {
			[]entry{{tar.Header{Typeflag: tar.TypeXGlobalHeader, PAXRecords: map[string]string{"comment": "0123"}}, ""}, file("x/a", "A")},
			map[string]string{"a": "A"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := pack(t, test.entries...)
			for compression, packed := range map[string][]byte{"plain": data, "gzip": gzipped(t, data), "zstd": zstandard(t, data), "xz": xzipped(t, data)} {
				got := list(t, open(t, packed, tarball.Options{}))
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", compression, diff)
				}
			}
		})
	}
}

func TestReadZip(t *testing.T) {
	t.Parallel()
	data := packZip(t, dir("x"), file("x/a", "A"), script("x/run", "R"), link("x/l", "a"), dir("x/e"))
	want := map[string]string{"a": "A", "run": "x R", "l": "-> a", "e": "dir"}
	if diff := cmp.Diff(want, list(t, open(t, data, tarball.Options{}))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestReadBzip2 reads what bzip2 made of a tar file with x/a, which Go cannot make.
func TestReadBzip2(t *testing.T) {
	t.Parallel()
	tree, err := tarball.Open(t.Context(), "testdata/tree.tar.bz2", tarball.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer tree.Close()
	want := map[string]string{"a": "content\n", "run": "x #!/bin/sh\n", "link": "-> a"}
	if diff := cmp.Diff(want, list(t, tree)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestRefused holds archives that must not become trees to the kind of error.
func TestRefused(t *testing.T) {
	t.Parallel()
	good := pack(t, file("x/a", strings.Repeat("A", 5000)))
	var entryError *tarball.EntryError
	var formatError *tarball.FormatError
	var limitError *tarball.LimitError
	var compressionError *tarball.CompressionError
	few := tarball.Options{MaxEntries: 3, MaxBytes: 10}
	tests := map[string]struct {
		data []byte
		want any
	}{
		"parent":                 {pack(t, file("x/../../a", "A")), &entryError},
		"only parent":            {pack(t, file("..", "A")), &entryError},
		"parent in zip":          {packZip(t, file("x/../../a", "A")), &entryError},
		"below a link":           {pack(t, link("x/l", "/tmp"), file("x/l/a", "A")), &entryError},
		"below a link in zip":    {packZip(t, link("x/l", "/tmp"), file("x/l/a", "A")), &entryError},
		"directory below link":   {pack(t, link("x/l", ".."), dir("x/l/a")), &entryError},
		"below a file":           {pack(t, file("x/f", "F"), file("x/f/a", "A")), &entryError},
		"hard link to parent":    {pack(t, hard("x/h", "../../etc/passwd")), &entryError},
		"hard link to nothing":   {pack(t, hard("x/h", "/etc/passwd")), &entryError},
		"hard link to itself":    {pack(t, hard("x/h", "x/h")), &entryError},
		"hard link to directory": {pack(t, dir("x/d"), hard("x/h", "x/d")), &entryError},
		"hard link to root":      {pack(t, hard("x/h", "/")), &entryError},
		"through hard link":      {pack(t, link("x/l", "/etc"), hard("x/h", "x/l"), file("x/h/a", "A")), &entryError},
		"device":                 {pack(t, special("x/dev", tar.TypeChar)), &entryError},
		"pipe":                   {pack(t, special("x/fifo", tar.TypeFifo)), &entryError},
		"no name":                {pack(t, file(".", "A")), &entryError},
		"file over directory":    {pack(t, file("x/d/a", "A"), file("x/d", "D")), &entryError},
		"long name":              {pack(t, file("x/"+strings.Repeat("n", 256), "A")), &entryError},
		"too deep":               {pack(t, file(strings.Repeat("d/", 2000)+"f", "A")), &entryError},
		"too many":               {pack(t, dir("x/a"), dir("x/b"), dir("x/c")), &limitError},
		"many unmentioned":       {pack(t, file("a/b/c/d", "")), &limitError},
		"too large":              {pack(t, file("a", "123456"), file("b", "12345")), &limitError},
		"bomb":                   {gzipped(t, pack(t, file("a", strings.Repeat("\x00", 1<<20)))), &limitError},
		"zip bomb":               {packZip(t, file("a", strings.Repeat("\x00", 1<<20))), &limitError},
		"cut header":             {good[:300], &formatError},
		"cut content":            {good[:2000], &formatError},
		"cut gzip":               {gzipped(t, good)[:40], &formatError},
		"cut zip":                {packZip(t, file("x/a", "A"))[:60], &formatError},
		"cut zstd":               {zstandard(t, good)[:20], &formatError},
		"a page":                 {[]byte("<!DOCTYPE html>" + strings.Repeat("<p>no such file</p>", 99)), &formatError},
		"cut xz":                 {xzipped(t, good)[:40], &formatError},
		"lzip":                   {[]byte("LZIP\x01\x0c"), &compressionError},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			options := tarball.Options{TempDir: t.TempDir()}
			if test.want == any(&limitError) {
				options.MaxEntries, options.MaxBytes = few.MaxEntries, few.MaxBytes
			}
			tree, err := tarball.Open(t.Context(), write(t, test.data), options)
			if err == nil {
				tree.Close()
				t.Fatal("no error")
			}
			target := newTarget(test.want)
			if !errors.As(err, target) {
				t.Errorf("got %T: %v", err, err)
			}
			left, err := os.ReadDir(options.TempDir)
			if err != nil || len(left) != 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

// newTarget returns a variable of its own for errors.As, of the type of the
// shared one.
func newTarget(shared any) any {
	switch shared.(type) {
	case **tarball.EntryError:
		return new(*tarball.EntryError)
	case **tarball.FormatError:
		return new(*tarball.FormatError)
	case **tarball.LimitError:
		return new(*tarball.LimitError)
	}
	return new(*tarball.CompressionError)
}

// TestWriteNAR compares with the archive of the same tree on disk.
func TestWriteNAR(t *testing.T) {
	t.Parallel()
	tree := open(t, pack(t, file("x/b", strings.Repeat("B", 1<<20)), script("x/a", "A"), file("x/a.b", "Z"),
		link("x/c/l", "../b"), dir("x/e"), hard("x/h", "x/a")), tarball.Options{})
	disk := filepath.Join(t.TempDir(), "x")
	for _, name := range []string{"c", "e"} {
		if err := os.MkdirAll(filepath.Join(disk, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, content := range map[string]string{"b": strings.Repeat("B", 1<<20), "a": "A", "a.b": "Z", "h": "A"} {
		mode := fs.FileMode(0o644)
		if content == "A" {
			mode = 0o755
		}
		if err := os.WriteFile(filepath.Join(disk, name), []byte(content), mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("../b", filepath.Join(disk, "c/l")); err != nil {
		t.Fatal(err)
	}
	var want, got bytes.Buffer
	if err := nar.Pack(&want, disk); err != nil {
		t.Fatal(err)
	}
	for range 2 { // it can be written again
		got.Reset()
		if err := tree.WriteNAR(&got); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(want.Bytes(), got.Bytes()) {
			t.Errorf("the archives differ: %d and %d bytes", want.Len(), got.Len())
		}
	}
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := tarball.Open(ctx, write(t, gzipped(t, pack(t, file("x/a", "A")))), tarball.Options{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestNoTempDir(t *testing.T) {
	t.Parallel()
	options := tarball.Options{TempDir: filepath.Join(t.TempDir(), "missing")}
	if _, err := tarball.Open(t.Context(), write(t, pack(t, file("x/a", "A"))), options); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func TestTreeErrors(t *testing.T) {
	t.Parallel()
	tree := open(t, pack(t, file("x/a", "A"), link("x/l", "a")), tarball.Options{})
	errs := map[string]error{}
	_, errs["missing"] = tree.ReadFile("b")
	_, errs["below file"] = tree.Lstat("a/b")
	_, errs["below link"] = tree.Lstat("l/b")
	_, errs["not a directory"] = tree.ReadDir("a")
	_, errs["not a link"] = tree.Readlink("a")
	_, errs["not a file"] = tree.ReadFile("")
	_, errs["outside"] = tree.ReadFile("../a")
	got := map[string]string{}
	for name, err := range errs {
		var path *fs.PathError
		if errors.As(err, &path) {
			got[name] = path.Err.Error()
		}
	}
	want := map[string]string{
		"missing": "file does not exist", "below file": "not a directory", "below link": "not a directory",
		"not a directory": "not a directory", "not a link": "invalid argument", "not a file": "is a directory",
		"outside": "invalid argument",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// FuzzRead reads anything: it must end, without a panic, and what it reads must
// be a tree that can be written.
func FuzzRead(f *testing.F) {
	data := pack(f, dir("x"), script("x/a", "A"), link("x/l", "/etc"), hard("x/h", "x/a"))
	f.Add(data)
	f.Add(gzipped(f, data))
	f.Add(zstandard(f, data))
	f.Add(packZip(f, file("x/a", "A"), link("x/l", "a")))
	f.Fuzz(func(t *testing.T, data []byte) {
		tree, err := tarball.Open(t.Context(), write(t, data), tarball.Options{MaxEntries: 1000, MaxBytes: 1 << 20})
		if err != nil {
			return
		}
		defer tree.Close()
		var archive bytes.Buffer
		if err := tree.WriteNAR(&archive); err != nil {
			var header *nar.HeaderError
			if !errors.As(err, &header) { // a name that Nix archives refuse
				t.Fatal(err)
			}
		}
		list(t, tree)
	})
}
