package profile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"
)

// maxLinks is how many links Linux follows in a path.
const maxLinks = 40

// Resolve follows links, such as ~/.nix-profile, to the profile that they lead
// to: the last link, which names a generation of its own. Where a link leads to
// something that is not there, that is the place of a profile still to be made.
// The error matches [ErrNotExist] if there is no such link, or it leads to
// something that is not a profile.
func Resolve(link string) (Profile, error) {
	for range maxLinks {
		p := Profile(link)
		target, err := p.readlink()
		if err != nil {
			return "", err
		}
		if p.number(filepath.Base(target)) != 0 {
			return p, nil
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(link), target)
		}
		info, err := os.Lstat(target)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return Profile(target), nil
		case err != nil:
			return "", fmt.Errorf("following %s: %w", link, err)
		case info.Mode()&fs.ModeSymlink == 0:
			return "", fmt.Errorf("%s leads to %s: %w", link, target, ErrNotExist)
		}
		link = target
	}
	return "", fmt.Errorf("following %s: %w", link, unix.ELOOP)
}

// Find lists the profiles in the folders and all folders below them, sorted and
// each once. Links to folders are not followed. Folders that are missing or may
// not be read are left out, as nix-collect-garbage does.
//
// A profile is a link that names a generation of its own, as `system` names
// system-42-link. nix-collect-garbage takes every link whose text contains
// "link", which also is true of links to the generations of others: it would
// delete generations that it cannot tell to be in use.
func Find(dirs ...string) ([]Profile, error) {
	var found []Profile
	for _, dir := range dirs {
		var err error
		if found, err = find(found, filepath.Clean(dir)); err != nil {
			return nil, fmt.Errorf("looking for profiles: %w", err)
		}
	}
	slices.Sort(found)
	return slices.Compact(found), nil
}

func find(found []Profile, dir string) ([]Profile, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return found, nil
	}
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		path := filepath.Join(dir, entry.Name())
		switch {
		case entry.IsDir():
			if found, err = find(found, path); err != nil {
				return nil, err
			}
		case entry.Type()&fs.ModeSymlink != 0:
			target, err := os.Readlink(path)
			if err == nil && Profile(path).number(filepath.Base(target)) != 0 {
				found = append(found, Profile(path))
			}
		}
	}
	return found, nil
}
