package own_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"luminousnix/internal/operation"
	"luminousnix/internal/own"
)

// TestOpen: only a file of ours is opened; all else is left as it is, and told with what to
// do about it.
func TestOpen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	err := errors.Join(
		os.WriteFile(at("file"), []byte("text"), 0o600), os.Mkdir(at("folder"), 0o700),
		os.Symlink(at("file"), at("link")), os.Symlink(at("nothing"), at("dangling")), unix.Mkfifo(at("pipe"), 0o600),
	)
	if err != nil {
		t.Fatal(err)
	}
	for name, why := range map[string]string{"folder": "a folder", "link": "a link", "dangling": "a link", "pipe": "no file"} {
		for _, flags := range []int{os.O_RDONLY, os.O_RDWR | os.O_CREATE} {
			_, err := own.Open(at(name), flags)
			if !own.IsOdd(err) || !strings.Contains(err.Error(), why) || operation.AsError(err).Hint == "" {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if _, err := os.Lstat(at("nothing")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a file was made at the end of a link")
	}
	if content, err := own.ReadFile(at("file"), 4); string(content) != "text" || err != nil {
		t.Errorf("%q, %v", content, err)
	}
	if _, err := own.ReadFile(at("file"), 3); !own.IsOdd(err) {
		t.Errorf("too large: %v", err)
	}
	if _, err := own.ReadFile(at("none"), 3); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if os.Geteuid() == 0 {
		if err := os.Chown(at("file"), 12345, 12345); err != nil {
			t.Fatal(err)
		}
		if _, err := own.Open(at("file"), os.O_RDONLY); !own.IsOdd(err) {
			t.Errorf("of somebody else: %v", err)
		}
	}
}

func TestFolder(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a", "b")
	if err := own.Folder(dir); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	spoil := map[string]func() error{"others may write": func() error { return os.Chmod(dir, 0o777) }}
	if os.Geteuid() == 0 {
		spoil["somebody else"] = func() error { return errors.Join(os.Chmod(dir, 0o700), os.Chown(dir, 12345, 12345)) }
		spoil["no folder"] = func() error {
			return errors.Join(os.RemoveAll(dir), os.MkdirAll(dir+"-other", 0o700), os.Symlink(dir+"-other", dir))
		}
	}
	for why, do := range spoil {
		if err := do(); err != nil {
			t.Fatal(err)
		}
		if err := own.Folder(dir); !own.IsOdd(err) || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v", why, err)
		}
		if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o700)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestLines(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 3<<20)
	var got []string
	err := own.Lines(strings.NewReader("one\n"+long+"\n\ntwo\n"+long+"\nthree"), func(line []byte) { got = append(got, string(line)) })
	if diff := cmp.Diff([]string{"one\n", "\n", "two\n", "three"}, got); diff != "" || err != nil {
		t.Error(err, diff)
	}
}
