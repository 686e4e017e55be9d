package shelf

import (
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"luminousnix/nix/store"
)

// A revision is what a tree of nixpkgs tells of itself.
type revision struct {
	// name is the version with its suffix, as nixos-version prints it.
	name string
	date time.Time
	// id is the same for the same tree only; it is empty if there is nothing that
	// tells: files that somebody works on may change at any time.
	id string
}

// revisionOf reads the files that channels have at the top of a tree. A path in the
// store, which nobody changes, is a revision by itself.
func revisionOf(path string, dir store.Dir) revision {
	r := revision{name: "nixpkgs"}
	version := firstText(path, ".version", "lib/.version")
	suffix := firstText(path, ".version-suffix", "svn-revision")
	if version != "" {
		if suffix != "" && !strings.HasPrefix(suffix, "pre") && !strings.HasPrefix(suffix, ".") {
			suffix = "." + suffix
		}
		r.name += "-" + version + suffix
	}
	r.date = dateOf(path, suffix)
	if p, _, err := dir.Split(path); err == nil {
		r.id = string(p)
	} else if commit := firstText(path, ".git-revision"); commit != "" {
		r.id = commit
	}
	return r
}

// firstText returns the text of the first of some files that has any.
func firstText(dir string, names ...string) string {
	for _, name := range names {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if text := strings.TrimSpace(string(content)); err == nil && text != "" && len(text) < 100 {
			return text
		}
	}
	return ""
}

// dateOf is the day of a revision, as well as it is known: from the suffix of its
// version, where flakes have it; else when its newest file of those that change with
// every revision was written; else, in the store, which has no times of files, when
// the tree came to this machine.
func dateOf(path, suffix string) time.Time {
	for _, part := range strings.FieldsFunc(suffix, func(r rune) bool { return r < '0' || r > '9' }) {
		if day, err := time.Parse("20060102", part); err == nil {
			return day
		}
	}
	var newest time.Time
	for _, name := range []string{"default.nix", ".version-suffix", "svn-revision", ".git-revision", "pkgs/top-level/all-packages.nix", aliasesFile} {
		if info, err := os.Stat(filepath.Join(path, name)); err == nil && info.ModTime().After(newest) {
			newest = info.ModTime()
		}
	}
	if newest.Year() > 1980 {
		return newest
	}
	var stat unix.Stat_t
	if err := unix.Stat(path, &stat); err != nil {
		return time.Time{}
	}
	return time.Unix(stat.Ctim.Unix())
}
