package environment

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"luminousnix/nix/nar"
	"luminousnix/nix/profile/manifest"
	"luminousnix/nix/store"
)

// TestGolden takes profiles apart that `nix profile install` made, and puts them
// together again: the same archive and the same store path. They hold the same
// three packages; Nix 2.26.3 and 2.34.8 made one profile, Nix 2.8.0 another.
func TestGolden(t *testing.T) {
	t.Parallel()
	const dir = "/tmp/golden-store/store"
	for _, test := range []struct {
		file   string
		format manifest.Format
		path   store.Path
	}{
		{"nix-2.8.nar", manifest.V2Plain, dir + "/6252ns6n40bk2zv2a0z2fy0hakfwdswq-profile"},
		{"nix-2.26.nar", manifest.V3, dir + "/5mjaqc8vjnmvd7v73s6rr7kmiyr86gxj-profile"},
	} {
		t.Run(test.file, func(t *testing.T) {
			t.Parallel()
			archive, err := os.ReadFile(filepath.Join("testdata", test.file))
			if err != nil {
				t.Fatal(err)
			}
			tree, text := takeApart(t, archive)
			m, err := manifest.Parse(dir, text)
			if err != nil {
				t.Fatal(err)
			}
			if m.Format != test.format {
				t.Errorf("the format is %d", m.Format)
			}
			again, err := m.Marshal()
			if err != nil || !bytes.Equal(again, text) {
				t.Errorf("the manifest is %s, %v; want %s", again, err, text)
			}
			var out bytes.Buffer
			if err := tree.WriteNAR(&out, again); err != nil || !bytes.Equal(out.Bytes(), archive) {
				t.Errorf("the archive differs: %v", err)
			}
			packages, references := contents(m)
			if len(packages) != 3 || len(references) != 3 {
				t.Errorf("packages %v, references %v", packages, references)
			}
			info, err := describe(dir, out.Bytes(), references)
			if err != nil {
				t.Fatal(err)
			}
			if info.Path != test.path {
				t.Errorf("the path is %s, want %s", info.Path, test.path)
			}
			if n := tree.Lookup("share/man/man1/git.1"); n == nil || n.IsDir() {
				t.Errorf("share/man/man1/git.1 is %+v", n)
			}
			if n := tree.Lookup("share/doc/git"); n != nil {
				t.Errorf("a node below a link: %+v", n)
			}
		})
	}
}

// takeApart returns the tree in the archive of a profile, and its manifest.
func takeApart(t *testing.T, archive []byte) (*Tree, []byte) {
	t.Helper()
	tree := &Tree{Root: newDirectory()}
	var text []byte
	r := nar.NewReader(bytes.NewReader(archive))
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return tree, text
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Path == "" {
			continue
		}
		parent, name := tree.Root, h.Path
		if i := strings.LastIndexByte(h.Path, '/'); i >= 0 {
			parent, name = tree.Lookup(h.Path[:i]), h.Path[i+1:]
		}
		switch h.Type {
		case nar.Directory:
			parent.Entries[name] = newDirectory()
		case nar.Symlink:
			parent.Entries[name] = &Node{Target: h.Target}
		default:
			if text, err = io.ReadAll(r); err != nil {
				t.Fatal(err)
			}
		}
	}
}
