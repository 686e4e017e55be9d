package retention_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/retention"
	"luminousnix/nix/profile"
)

func generationOf(number int, target string) profile.Generation {
	return profile.Generation{Number: number, Target: target}
}

func TestFile(t *testing.T) {
	t.Parallel()
	file := retention.File{Path: filepath.Join(t.TempDir(), "state", "kept.json"), Public: true}
	if kept, err := file.Read(); err != nil || kept != nil {
		t.Fatalf("%v, %v", kept, err)
	}
	pin := retention.Entry{Profile: system, Generation: 3, Target: "/nix/store/3", Name: "good", Note: "before KDE", Since: now}
	for _, step := range []struct {
		do   func() error
		want []retention.Entry
	}{
		{func() error { return file.Pin(pin) }, []retention.Entry{kindOf(pin, retention.Pinned)}},
		{func() error { return file.KeepBackup(system, generationOf(2, "/nix/store/2"), now) }, []retention.Entry{
			{Profile: system, Generation: 2, Target: "/nix/store/2", Kind: retention.Backup, Since: now},
			kindOf(pin, retention.Pinned),
		}},
		// The newer backup takes the place of the older one; a pin of the same stays.
		{func() error { return file.KeepBackup(system, generationOf(3, "/nix/store/3"), now) }, []retention.Entry{
			{Profile: system, Generation: 3, Target: "/nix/store/3", Kind: retention.Backup, Since: now},
			kindOf(pin, retention.Pinned),
		}},
		{func() error { return file.Unpin(system, 3) }, []retention.Entry{
			{Profile: system, Generation: 3, Target: "/nix/store/3", Kind: retention.Backup, Since: now},
		}},
		{func() error { return file.ReleaseBackup("/another") }, []retention.Entry{
			{Profile: system, Generation: 3, Target: "/nix/store/3", Kind: retention.Backup, Since: now},
		}},
		{func() error { return file.ReleaseBackup(system) }, []retention.Entry{}},
	} {
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		got, err := file.Read()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(step.want, got); diff != "" {
			t.Error(diff)
		}
	}
	for path, want := range map[string]os.FileMode{file.Path: 0o644, filepath.Dir(file.Path): 0o711} {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
}

func kindOf(e retention.Entry, kind retention.Reason) retention.Entry {
	e.Kind = kind
	return e
}

// What cannot be read is no reason to think that nothing is kept.
func TestFileThatIsNotUnderstood(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "{", `{"version":2,"kept":[]}`, `{"kept":[]}`} {
		file := retention.File{Path: filepath.Join(t.TempDir(), "kept.json")}
		if err := os.WriteFile(file.Path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if kept, err := file.Read(); err == nil {
			t.Errorf("%q reads as %v", text, kept)
		}
		if err := file.Unpin(system, 1); err == nil {
			t.Errorf("%q was replaced", text)
		}
	}
}

// What leads elsewhere, or nowhere, is no reason to think so either.
func TestFileIsNoLink(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	good := retention.File{Path: filepath.Join(dir, "good.json")}
	if err := good.Pin(retention.Entry{Profile: system, Generation: 1, Since: now}); err != nil {
		t.Fatal(err)
	}
	for _, target := range []string{good.Path, filepath.Join(dir, "none")} {
		file := retention.File{Path: filepath.Join(dir, "kept.json")}
		if err := errors.Join(os.RemoveAll(file.Path), os.Symlink(target, file.Path)); err != nil {
			t.Fatal(err)
		}
		if kept, err := file.Read(); err == nil {
			t.Errorf("a link to %s reads as %v", target, kept)
		}
		if err := file.Pin(retention.Entry{Profile: system, Generation: 2, Since: now}); err == nil {
			t.Errorf("a link to %s was replaced", target)
		}
	}
}

// Pins of several processes do not get lost.
func TestFileOfMany(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "kept.json")
	const many = 20
	var group sync.WaitGroup
	for n := range many {
		group.Go(func() {
			if err := (retention.File{Path: path}).Pin(retention.Entry{Profile: system, Generation: n + 1, Since: now}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	kept, err := retention.File{Path: path}.Read()
	if err != nil || len(kept) != many {
		t.Errorf("%d pins, %v", len(kept), err)
	}
}

// TestAlteredFile alters each byte of a file: what is read is what was written, or an error.
func TestAlteredFile(t *testing.T) {
	t.Parallel()
	file := retention.File{Path: filepath.Join(t.TempDir(), "kept.json")}
	if err := file.Pin(retention.Entry{Profile: system, Generation: 3, Target: "/nix/store/3", Since: now}); err != nil {
		t.Fatal(err)
	}
	want, err := file.Read()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file.Path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range text {
		for _, bit := range []byte{1, 2, 4, 8, 16, 32, 64} {
			altered := slices.Clone(text)
			altered[i] ^= bit
			if err := os.WriteFile(file.Path, altered, 0o600); err != nil {
				t.Fatal(err)
			}
			if got, err := file.Read(); err == nil && !cmp.Equal(got, want) {
				t.Fatalf("byte %d: %s is read as %v", i, altered, got)
			}
		}
	}
	if err := os.WriteFile(file.Path, []byte(`{"version":1,"kept":[{"profile":"/p","generation":2,"target":"/t","kind":"pinned","since":"2025-01-01T00:00:00Z"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := file.Read(); err != nil || len(got) != 1 {
		t.Errorf("a file without a sum: %v, %v", got, err)
	}
}
