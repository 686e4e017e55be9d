package retention

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"luminousnix/internal/durable"
	"luminousnix/internal/lock"
	"luminousnix/internal/operation"
	"luminousnix/internal/own"
	"luminousnix/nix/profile"
)

// Entry is a generation that is to be kept.
type Entry struct {
	Profile    profile.Profile `json:"profile"`
	Generation int             `json:"generation"`
	// Target is where the generation leads: a later one that got its number is not
	// meant.
	Target string    `json:"target"`
	Kind   Reason    `json:"kind"` // Pinned or Backup
	Name   string    `json:"name,omitempty"`
	Note   string    `json:"note,omitempty"`
	Since  time.Time `json:"since"`
}

// Means says whether the entry is about this generation of the profile.
func (e Entry) Means(p profile.Profile, g profile.Generation) bool {
	return e.Profile == p && e.Generation == g.Number && e.Target == g.Target
}

// File keeps entries. It is replaced as a whole by one rename, and on the disk when
// a method returns. Its methods may be called by several processes at a time.
type File struct {
	Path string
	// Public lets everybody read it, and go through its folder.
	Public bool
}

// content is what the file says.
type content struct {
	Version int     `json:"version"`
	Sum     string  `json:"sum,omitempty"` // of the entries: an altered letter may be JSON still
	Kept    []Entry `json:"kept"`
}

// version is that of the file. The first one, which is read, too, had no sum.
const version = 2

// sumOf is the SHA-256 of entries as JSON without spaces, in hexadecimal.
func sumOf(kept []Entry) string {
	text, err := json.Marshal(kept)
	if err != nil {
		return "" // nothing in them fails
	}
	return fmt.Sprintf("%x", sha256.Sum256(text))
}

// Read returns the entries, by profile and number; none when there is no file. A file
// that is not understood is an error: nothing may be deleted then.
func (f File) Read() ([]Entry, error) {
	text, err := f.content()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading what is kept: %w", err)
	}
	var read content
	if err := json.Unmarshal(text, &read); err != nil {
		return nil, f.damaged(err)
	}
	switch {
	case read.Version == 1 && read.Sum == "":
	case read.Version != version:
		return nil, f.damaged(fmt.Errorf("it is of version %d, and %d is known", read.Version, version))
	case read.Sum != sumOf(read.Kept):
		return nil, f.damaged(errors.New("its sum is another one"))
	}
	return read.Kept, nil
}

// most is more than any such file has.
const most = 16 << 20

func (f File) content() ([]byte, error) {
	if f.Public && os.Geteuid() != 0 {
		return os.ReadFile(f.Path) // only root can have put it there
	}
	return own.ReadFile(f.Path, most)
}

func (f File) damaged(err error) error {
	return operation.Errorf(operation.CodeFailed, "the list of pins cannot be read: %s: %w", f.Path, err).
		WithHint("Nothing is deleted before that is mended. Put a copy of the file back, or move it away and pin again what is to stay; `ask-nix history` tells what was pinned.")
}

// Pin adds a pin, in place of one of the same generation.
func (f File) Pin(e Entry) error {
	e.Kind = Pinned
	return f.update(func(kept []Entry) []Entry {
		return append(without(kept, e.Profile, Pinned, e.Generation), e)
	})
}

// Unpin takes a pin away. That there is none is no error.
func (f File) Unpin(p profile.Profile, number int) error {
	return f.update(func(kept []Entry) []Entry { return without(kept, p, Pinned, number) })
}

// KeepBackup protects the generation that a switch leaves behind, in place of the one
// that an earlier switch of the profile left.
func (f File) KeepBackup(p profile.Profile, g profile.Generation, now time.Time) error {
	e := Entry{Profile: p, Generation: g.Number, Target: g.Target, Kind: Backup, Since: now}
	return f.update(func(kept []Entry) []Entry { return append(without(kept, p, Backup, 0), e) })
}

// ReleaseBackup lets go of what [File.KeepBackup] protects of the profile.
func (f File) ReleaseBackup(p profile.Profile) error {
	return f.update(func(kept []Entry) []Entry { return without(kept, p, Backup, 0) })
}

// without leaves out the entries of a kind, all of them for number 0.
func without(kept []Entry, p profile.Profile, kind Reason, number int) []Entry {
	return slices.DeleteFunc(kept, func(e Entry) bool {
		return e.Profile == p && e.Kind == kind && (number == 0 || e.Generation == number)
	})
}

// Hold calls do with the entries, which nobody changes until it returns.
func (f File) Hold(do func([]Entry) error) error {
	held, err := f.lock()
	if err != nil {
		return err
	}
	defer held.Close()
	kept, err := f.Read()
	if err != nil {
		return err
	}
	return do(kept)
}

func (f File) update(change func([]Entry) []Entry) error {
	return f.Hold(func(kept []Entry) error {
		changed := change(slices.Clone(kept))
		slices.SortStableFunc(changed, func(a, b Entry) int {
			return cmp.Or(cmp.Compare(a.Profile, b.Profile), cmp.Compare(a.Generation, b.Generation), cmp.Compare(a.Kind, b.Kind))
		})
		if slices.Equal(kept, changed) {
			return nil
		}
		if err := f.write(changed); err != nil {
			return fmt.Errorf("writing what is kept: %w", err)
		}
		return nil
	})
}

// lock makes the folder and waits for the lock beside the file. Closing lets it go.
func (f File) lock() (*os.File, error) {
	if err := f.makeFolder(); err != nil {
		return nil, fmt.Errorf("writing what is kept: %w", err)
	}
	file, err := own.Open(f.Path+".lock", os.O_RDWR|os.O_CREATE)
	if err != nil {
		return nil, fmt.Errorf("locking what is kept: %w", err)
	}
	if err := lock.Take(context.Background(), file, lock.Patience); err != nil {
		return nil, errors.Join(fmt.Errorf("locking what is kept: %w", err), file.Close())
	}
	return file, nil
}

// makeFolder makes the folder. One that is there already, and ours alone, lets others
// pass to a public file, whose name they have to know.
func (f File) makeFolder() error {
	dir := filepath.Dir(f.Path)
	if err := own.Folder(dir); err != nil || !f.Public {
		return err
	}
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if mode := info.Mode().Perm(); mode&0o011 != 0o011 {
		return os.Chmod(dir, mode|0o011)
	}
	return nil
}

func (f File) write(kept []Entry) error {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(content{version, sumOf(kept), kept}); err != nil {
		return err
	}
	mode := fs.FileMode(0o600)
	if f.Public {
		mode = 0o644
	}
	temporary := f.Path + ".new"
	file, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_TRUNC|unix.O_NOFOLLOW, mode)
	if err != nil {
		return err
	}
	_, err = file.Write(text.Bytes())
	err = errors.Join(err, file.Chmod(mode), file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(temporary, f.Path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temporary))
	}
	return durable.SyncFolder(filepath.Dir(f.Path))
}
