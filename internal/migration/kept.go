package migration

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"luminousnix/internal/durable"
	"luminousnix/internal/operation"
)

// File is a file of ours as it was before, and as it was made.
type File struct {
	Path   string      `json:"path"`
	Backup string      `json:"backup"` // in which it is kept; "" if there was none
	Mode   fs.FileMode `json:"mode"`   // it had
	Folder string      `json:"folder"` // uppermost one that was made for it; "" is none
	Before []byte      `json:"-"`
	After  []byte      `json:"after"`
}

// Kept is a folder with how files were before one migration, and its name in the folder of
// all of them: the time.
type Kept struct {
	Dir   string
	Files []File
}

const (
	manifest = "manifest.json"
	restored = "restored.json" // the manifest, once all was put back
)

// New makes ready to keep files, below the folder of all. Nothing is written yet.
func New(all string, now time.Time) *Kept {
	return &Kept{Dir: filepath.Join(all, now.UTC().Format("20060102T150405.000000"))}
}

// ErrLink means that a file of settings is a symbolic link: whoever made it has the file
// elsewhere, as NixOS and home-manager do.
var ErrLink = errors.New("it is a link, so that its content comes from elsewhere")

// Add reads a file that is to be written, and takes what edit makes of it. A file that
// would stay as it is is not added. mode is for one that is not there yet.
func (k *Kept) Add(path string, mode fs.FileMode, edit func(before []byte) ([]byte, error)) error {
	f := File{Path: path, Mode: mode}
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		for dir := filepath.Dir(path); dir != "/" && missing(dir); dir = filepath.Dir(dir) {
			f.Folder = dir
		}
	case err != nil:
		return err
	case info.Mode()&fs.ModeSymlink != 0:
		return fmt.Errorf("%s: %w", path, ErrLink)
	default:
		if f.Before, err = os.ReadFile(path); err != nil {
			return err
		}
		f.Mode = info.Mode().Perm()
		f.Backup = filepath.Join(k.Dir, fmt.Sprintf("%d-%s", len(k.Files)+1, filepath.Base(path)))
	}
	if f.After, err = edit(f.Before); err != nil || bytes.Equal(f.Before, f.After) {
		return err
	}
	k.Files = append(k.Files, f)
	return nil
}

func missing(path string) bool {
	_, err := os.Lstat(path)
	return errors.Is(err, fs.ErrNotExist)
}

// Write keeps the files as they were, and only then writes them. Whatever ends it, all can
// be put back.
func (k *Kept) Write() error {
	if err := os.MkdirAll(k.Dir, 0o700); err != nil {
		return err
	}
	for _, f := range k.Files {
		if f.Backup != "" {
			if err := replace(f.Backup, f.Before, 0o600); err != nil {
				return err
			}
		}
	}
	text, err := json.MarshalIndent(k.Files, "", "  ")
	if err != nil {
		return err
	}
	if err := replace(filepath.Join(k.Dir, manifest), text, 0o600); err != nil {
		return err
	}
	for _, f := range k.Files {
		if now, err := current(f.Path); err != nil || !bytes.Equal(now, f.Before) {
			return errors.Join(err, fmt.Errorf("%s has changed meanwhile", f.Path))
		}
		if err := os.MkdirAll(filepath.Dir(f.Path), f.Mode|(f.Mode&0o444)>>2); err != nil {
			return err
		}
		if err := replace(f.Path, f.After, f.Mode); err != nil {
			return err
		}
	}
	return nil
}

// Last is the newest migration that was not taken back; the error matches
// [fs.ErrNotExist] if there is none.
func Last(all string) (*Kept, error) {
	names, err := filepath.Glob(filepath.Join(all, "*", manifest)) // by name, so by time
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, &fs.PathError{Op: "read", Path: all, Err: fs.ErrNotExist}
	}
	name := names[len(names)-1]
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	k := &Kept{Dir: filepath.Dir(name)}
	if err := json.Unmarshal(text, &k.Files); err != nil {
		return nil, operation.Errorf(operation.CodeFailed, "the list of what was migrated is damaged: %s: %w", name, err).
			WithHint("The files as they were before are in the folder of the list; put them back by hand.")
	}
	for i := range k.Files {
		if k.Files[i].Backup == "" {
			continue
		}
		if k.Files[i].Before, err = os.ReadFile(k.Files[i].Backup); err != nil {
			return nil, err
		}
	}
	return k, nil
}

// Now is the file as it is; nil if there is none.
func (f *File) Now() ([]byte, error) { return current(f.Path) }

func current(path string) ([]byte, error) {
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return content, err
}

// Later is where the file is kept as somebody has changed it since, when it is put back.
func (k *Kept) Later(f *File) string {
	return filepath.Join(k.Dir, "later-"+filepath.Base(f.Path))
}

// Restore puts the files back as they were, byte for byte, and removes those that were
// made, with their folders if nothing else is in them. It may be interrupted, and done
// again.
func (k *Kept) Restore() error {
	for i := range k.Files {
		if err := k.restore(&k.Files[i]); err != nil {
			return err
		}
	}
	if err := os.Rename(filepath.Join(k.Dir, manifest), filepath.Join(k.Dir, restored)); err != nil {
		return err
	}
	return durable.SyncFolder(k.Dir)
}

func (k *Kept) restore(f *File) error {
	now, err := f.Now()
	if err != nil {
		return err
	}
	if now != nil && !bytes.Equal(now, f.After) && !bytes.Equal(now, f.Before) {
		if err := replace(k.Later(f), now, 0o600); err != nil {
			return err
		}
	}
	if f.Backup != "" {
		return replace(f.Path, f.Before, f.Mode)
	}
	if err := os.Remove(f.Path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for dir := filepath.Dir(f.Path); f.Folder != "" && len(dir) >= len(f.Folder); dir = filepath.Dir(dir) {
		if os.Remove(dir) != nil { // something else is in it
			break
		}
	}
	return nil
}

// replace writes a file in one step, and has it reach the disk.
func replace(path string, content []byte, mode fs.FileMode) error {
	temporary := fmt.Sprintf("%s.%d", path, os.Getpid())
	file, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL|unix.O_NOFOLLOW, mode)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	err = errors.Join(err, file.Chmod(mode), file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(temporary, path)
	}
	if err != nil {
		return errors.Join(err, os.RemoveAll(temporary))
	}
	return durable.SyncFolder(filepath.Dir(path))
}
