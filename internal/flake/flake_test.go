package flake

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// tree writes files, and links where the content begins with ->, into a new folder.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if target, ok := cutLink(content); ok {
			err = os.Symlink(target, path)
		} else {
			err = os.WriteFile(path, []byte(content), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func cutLink(content string) (string, bool) {
	if len(content) > 2 && content[:2] == "->" {
		return content[2:], true
	}
	return "", false
}

// repository makes a folder a git repository that tracks these files.
func repository(t *testing.T, dir string, tracked ...string) {
	t.Helper()
	for _, words := range [][]string{{"init", "--quiet"}, append([]string{"add", "--force", "--"}, tracked...)} {
		if _, err := git(t.Context(), environment(t), dir, words...); err != nil {
			t.Fatal(err)
		}
	}
}

func environment(t *testing.T) []string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}
}

func TestFind(t *testing.T) {
	t.Parallel()
	dir := tree(t, map[string]string{
		"plain/flake.nix": "", "plain/hosts/box/default.nix": "", "link": "->plain",
		"repo/.git": "gitdir: elsewhere", "repo/nix/flake.nix": "", "repo/flake.nix": "", "empty/file": "",
	})
	plain := &Local{Root: dir + "/plain", Dir: dir + "/plain", System: "box"}
	inside := &Local{Root: dir + "/repo", Dir: dir + "/repo/nix", Git: true}
	for name, test := range map[string]struct {
		reference string
		want      *Local
	}{
		"folder":                {dir + "/plain#box", plain},
		"link":                  {dir + "/link#box", plain},
		"folder below":          {dir + "/plain/hosts/box#box", plain},
		"path":                  {"path:" + dir + "/plain#box", plain},
		"repository":            {dir + "/repo", &Local{Root: dir + "/repo", Dir: dir + "/repo", Git: true}},
		"folder in it":          {dir + "/repo/nix", inside},
		"folder in it by query": {"git+file://" + dir + "/repo?dir=nix", inside},
		"not as a repository":   {"path:" + dir + "/repo/nix", &Local{Root: dir + "/repo/nix", Dir: dir + "/repo/nix"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := Find(test.reference)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	for reference, want := range map[string]error{
		"github:somebody/dotfiles#box": ErrElsewhere, "nixpkgs": ErrElsewhere, "git+ssh://host/repo": ErrElsewhere,
		"path:./plain": ErrElsewhere, "git+file://" + dir + "/repo?rev=0123": ErrElsewhere, "git+file://host/repo": ErrElsewhere,
		"/%zz": ErrElsewhere, dir + "/empty": fs.ErrNotExist, dir + "/none": fs.ErrNotExist, "path:" + dir + "/plain/hosts": fs.ErrNotExist,
	} {
		if got, err := Find(reference); !errors.Is(err, want) {
			t.Errorf("%s: got %+v and %v, want %v", reference, got, err, want)
		}
	}
}

// contents are the files below a folder, and links after ->, but those of git.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.Name() == ".git":
			return fs.SkipDir
		case entry.IsDir():
			return nil
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		if target, err := os.Readlink(path); err == nil {
			found[name] = "->" + target
			return nil
		}
		content, err := os.ReadFile(path)
		found[name] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestWithCopy(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"nix/flake.nix": "{ }", "nix/a.nix": "a", "script": "x", "link": "->script", ".gitignore": "ignored", "ignored": "i", "untracked": "u",
	}
	for name, test := range map[string]struct {
		tracked   []string
		reference string // after the folder of the copy
		want      map[string]string
	}{
		"folder": {nil, "path:/nix", map[string]string{"flake.nix": "{ }", "a.nix": "edited"}},
		"repository": {[]string{"nix", "script", "link", ".gitignore", "ignored", "deleted"}, "git+file://?dir=nix", map[string]string{
			"nix/flake.nix": "{ }", "nix/a.nix": "edited", "script": "x", "link": "->script", ".gitignore": "ignored", "ignored": "i",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := environment(t)
			dir := tree(t, files)
			if err := os.Chmod(dir+"/script", 0o755); err != nil {
				t.Fatal(err)
			}
			if test.tracked != nil {
				if err := os.WriteFile(dir+"/deleted", nil, 0o644); err != nil {
					t.Fatal(err)
				}
				repository(t, dir, test.tracked...)
				if err := os.Remove(dir + "/deleted"); err != nil {
					t.Fatal(err)
				}
			}
			f, err := Find(dir + "/nix")
			if err != nil {
				t.Fatal(err)
			}
			before := contents(t, dir)
			var root string
			err = f.WithCopy(t.Context(), env, map[string][]byte{dir + "/nix/a.nix": []byte("edited")}, func(c Copy) error {
				root = c.root
				if diff := cmp.Diff(test.want, contents(t, c.root)); diff != "" {
					t.Error(diff)
				}
				if _, err := os.Stat(c.Dir + "/flake.nix"); err != nil {
					t.Error(err)
				}
				if got := c.Original("error: at " + c.root + "/x"); got != "error: at "+f.Root+"/x" {
					t.Error(got)
				}
				info, err := os.Stat(c.root + "/script")
				if test.tracked != nil && (err != nil || info.Mode().Perm()&0o100 == 0) {
					t.Errorf("the script: %v, %v", info, err)
				}
				again, err := Find(c.Reference)
				if err != nil || again.Dir != c.Dir || again.Root != c.root || again.Git != f.Git {
					t.Errorf("%s leads to %+v, %v", c.Reference, again, err)
				}
				return fs.ErrInvalid
			})
			if !errors.Is(err, fs.ErrInvalid) {
				t.Errorf("got the error %v", err)
			}
			if _, err := os.Stat(root); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the copy is still there: %v", err)
			}
			if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
				t.Errorf("the flake has changed: %s", diff)
			}
		})
	}
}

func TestUntracked(t *testing.T) {
	t.Parallel()
	env := environment(t)
	dir := tree(t, map[string]string{"flake.nix": "", "a b.nix": "", "c.nix": ""})
	repository(t, dir, "flake.nix", "a b.nix")
	f, err := Find(dir)
	if err != nil {
		t.Fatal(err)
	}
	got, err := f.Untracked(t.Context(), env, []string{f.File(), dir + "/a b.nix", dir + "/c.nix", "/elsewhere.nix"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{dir + "/c.nix"}, got); diff != "" {
		t.Error(diff)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Untracked(ended, env, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

const locked = `{
  "nodes": {
    "home": {
      "inputs": { "nixpkgs": ["nixpkgs"], "utils": "utils" },
      "locked": { "lastModified": 1700000000, "narHash": "sha256-home", "owner": "o", "repo": "home", "rev": "1111", "type": "github" },
      "original": { "owner": "o", "repo": "home", "ref": "release", "type": "github" }
    },
    "local": {
      "locked": { "narHash": "sha256-local", "path": "/srv/local", "type": "path" },
      "original": { "path": "/srv/local", "type": "path" }
    },
    "nixpkgs": {
      "locked": { "lastModified": 1700000001, "narHash": "sha256-pkgs", "rev": "2222", "type": "github" },
      "original": { "id": "nixpkgs", "type": "indirect" }
    },
    "root": { "inputs": { "nixpkgs": "nixpkgs", "home": "home", "local": "local", "site": "site" } },
    "site": {
      "locked": { "lastModified": 1700000002, "rev": "3333", "type": "git" },
      "original": { "url": "https://example.org/site", "ref": "main", "type": "git" }
    },
    "utils": {
      "locked": { "rev": "4444" },
      "original": { "url": "https://example.org/utils.tar.gz", "type": "tarball" }
    }
  },
  "root": "root",
  "version": 7
}`

func TestParseLock(t *testing.T) {
	t.Parallel()
	got, err := ParseLock([]byte(locked))
	if err != nil {
		t.Fatal(err)
	}
	want := []Input{
		{"home", "github:o/home/release", "1111", time.Unix(1700000000, 0)},
		{"local", "path:/srv/local", "sha256-local", time.Time{}},
		{"nixpkgs", "flake:nixpkgs", "2222", time.Unix(1700000001, 0)},
		{"site", "git+https://example.org/site?ref=main", "3333", time.Unix(1700000002, 0)},
		{"home/utils", "https://example.org/utils.tar.gz", "4444", time.Time{}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, wrong := range []string{"", "[]", "{}", `{"version":3}`, `{"version":8,"root":"r","nodes":{"r":{}}}`, `{"version":7,"root":"r","nodes":{"r":{"inputs":{"a":"b"}}}}`} {
		if got, err := ParseLock([]byte(wrong)); err == nil {
			t.Errorf("%q: got %v", wrong, got)
		}
	}
	cyclic := `{"version":7,"root":"r","nodes":{"r":{"inputs":{"a":"b"}},"b":{"inputs":{"c":"b","d":"r"}}}}`
	inputs, err := ParseLock([]byte(cyclic))
	if err != nil || len(inputs) != 3 {
		t.Errorf("got %v, %v", inputs, err)
	}
}

func TestChanges(t *testing.T) {
	t.Parallel()
	before := []Input{{Name: "a", Revision: "1"}, {Name: "b", Revision: "1"}, {Name: "gone", Revision: "1"}}
	after := []Input{{Name: "a", Revision: "1"}, {Name: "b", Revision: "2"}, {Name: "new", Revision: "1"}}
	want := []Change{{&before[1], &after[1]}, {nil, &after[2]}, {&before[2], nil}}
	got := Changes(before, after)
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
	var names []string
	for i := range got {
		names = append(names, got[i].Name())
	}
	if diff := cmp.Diff([]string{"b", "new", "gone"}, names); diff != "" {
		t.Error(diff)
	}
}
