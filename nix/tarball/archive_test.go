package tarball_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"

	"luminousnix/nix/tarball"
)

// file, script, dir, link and hard make entries of archives.
func file(name, content string) entry {
	return entry{tar.Header{Name: name, Mode: 0o644, Typeflag: tar.TypeReg}, content}
}

func script(name, content string) entry {
	return entry{tar.Header{Name: name, Mode: 0o755, Typeflag: tar.TypeReg}, content}
}

func dir(name string) entry {
	return entry{tar.Header{Name: name, Mode: 0o755, Typeflag: tar.TypeDir}, ""}
}

func link(name, target string) entry {
	return entry{tar.Header{Name: name, Mode: 0o777, Typeflag: tar.TypeSymlink, Linkname: target}, ""}
}

func hard(name, target string) entry {
	return entry{tar.Header{Name: name, Mode: 0o644, Typeflag: tar.TypeLink, Linkname: target}, ""}
}

func special(name string, kind byte) entry {
	return entry{tar.Header{Name: name, Mode: 0o644, Typeflag: kind}, ""}
}

type entry struct {
	tar.Header
	content string
}

// pack makes a tar file.
func pack(tb testing.TB, entries ...entry) []byte {
	tb.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, e := range entries {
		e.Size = int64(len(e.content))
		if err := w.WriteHeader(&e.Header); err != nil {
			tb.Fatal(err)
		}
		if _, err := w.Write([]byte(e.content)); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

// packZip makes a zip file of the same.
func packZip(tb testing.TB, entries ...entry) []byte {
	tb.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.Name, Method: zip.Deflate}
		content := e.content
		switch e.Typeflag {
		case tar.TypeDir:
			h.Name = path.Clean(e.Name) + "/"
			h.SetMode(fs.ModeDir | fs.FileMode(e.Mode))
		case tar.TypeSymlink:
			h.SetMode(fs.ModeSymlink | 0o777)
			content = e.Linkname
		default:
			h.SetMode(fs.FileMode(e.Mode))
		}
		f, err := w.CreateHeader(h)
		if err != nil {
			tb.Fatal(err)
		}
		if _, err := f.Write([]byte(content)); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func gzipped(tb testing.TB, data []byte) []byte {
	tb.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(data); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func zstandard(tb testing.TB, data []byte) []byte {
	tb.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		tb.Fatal(err)
	}
	return w.EncodeAll(data, nil)
}

func xzipped(tb testing.TB, data []byte) []byte {
	tb.Helper()
	var out bytes.Buffer
	w, err := xz.NewWriter(&out)
	if err == nil {
		_, err = w.Write(data)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

// write puts data into a file of its own.
func write(tb testing.TB, data []byte) string {
	tb.Helper()
	name := filepath.Join(tb.TempDir(), "archive")
	if err := os.WriteFile(name, data, 0o600); err != nil {
		tb.Fatal(err)
	}
	return name
}

// open reads an archive, or fails the test.
func open(tb testing.TB, data []byte, options tarball.Options) *tarball.Tree {
	tb.Helper()
	tree, err := tarball.Open(tb.Context(), write(tb, data), options)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { tree.Close() })
	return tree
}

// list shows a tree: each name with its type and content.
func list(tb testing.TB, tree *tarball.Tree) map[string]string {
	tb.Helper()
	all := make(map[string]string)
	var walk func(string)
	walk = func(name string) {
		info, err := tree.Lstat(name)
		if err != nil {
			tb.Fatal(err)
		}
		switch info.Mode().Type() {
		case fs.ModeSymlink:
			target, err := tree.Readlink(name)
			if err != nil {
				tb.Fatal(err)
			}
			all[name] = "-> " + target
		case fs.ModeDir:
			entries, err := tree.ReadDir(name)
			if err != nil {
				tb.Fatal(err)
			}
			if name != "" {
				all[name] = "dir"
			}
			for _, e := range entries {
				walk(path.Join(name, e.Name()))
			}
		default:
			content, err := tree.ReadFile(name)
			if err != nil {
				tb.Fatal(err)
			}
			all[name] = string(content)
			if info.Mode()&0o100 != 0 {
				all[name] = "x " + all[name]
			}
		}
	}
	walk("")
	return all
}
