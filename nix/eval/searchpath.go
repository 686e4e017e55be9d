package eval

import (
	"context"
	"errors"
	"path/filepath"
	"strings"

	"luminousnix/nix/store"
)

// ParseSearchPath reads the value of NIX_PATH: elements of the form PATH or
// PREFIX=PATH with colons between, where a PATH may be a URL.
func ParseSearchPath(text string) []SearchEntry {
	var entries []SearchEntry
	for text != "" {
		end := strings.IndexByte(text, ':')
		if end < 0 {
			end = len(text)
		}
		// The colon may be that of a URL, which goes on to the next one.
		start := strings.LastIndexByte(text[:end], '=') + 1
		if rest := text[start:]; end < len(text) && (isURL(rest) || strings.HasPrefix(rest, "flake:")) {
			if next := strings.IndexByte(text[end+1:], ':'); next >= 0 {
				end += 1 + next
			} else {
				end = len(text)
			}
		}
		if element := text[:end]; element != "" {
			entries = append(entries, ParseSearchEntry(element))
		}
		text = strings.TrimPrefix(text[end:], ":")
	}
	return entries
}

// ParseSearchEntry reads one element of the search path, as -I takes it.
func ParseSearchEntry(text string) SearchEntry {
	if prefix, path, ok := strings.Cut(text, "="); ok {
		return SearchEntry{Prefix: prefix, Path: path}
	}
	return SearchEntry{Path: text}
}

// isURL says whether an entry of the search path, or a file on the command line,
// is to be downloaded.
func isURL(s string) bool {
	if strings.HasPrefix(s, "channel:") {
		return true
	}
	scheme, _, ok := strings.Cut(s, "://")
	if !ok {
		return false
	}
	switch scheme {
	case "http", "https", "file", "channel", "git", "s3", "ssh":
		return true
	}
	return false
}

// FindFile returns the absolute path of what a command line calls a file: a path,
// relative to BaseDir or not, <name> in the search path, or a URL, from which an
// archive is downloaded and put into the store. It need not exist. Errors are
// *Error.
func (ev *Evaluator) FindFile(ctx context.Context, name string) (string, error) {
	w := ev.worker(ctx)
	inner, isSearch := strings.CutPrefix(name, "<")
	if isSearch && len(name) > 2 && strings.HasSuffix(inner, ">") {
		return w.findFile(ev.options.SearchPath, strings.TrimSuffix(inner, ">"), noPos)
	}
	if isURL(name) {
		p, err := w.fetchTree(name)
		return string(p), err
	}
	if strings.HasPrefix(name, "flake:") {
		return "", w.notSupported("getFlake")
	}
	if !filepath.IsAbs(name) {
		name = filepath.Join(ev.baseDir(), name)
	}
	return filepath.Clean(name), nil
}

// fetchTree returns the store path of the archive at a URL that the user, and
// not an expression, has named. As in Nix, restricted evaluation may not read it.
func (w *worker) fetchTree(url string) (store.Path, error) {
	return w.fetched(download{builtin: "fetchTarball", method: store.Recursive, name: "source", url: resolveChannel(url)})
}

// foundEntry is where an entry of the search path leads.
type foundEntry struct {
	path string
	ok   bool // if it exists
}

// searched returns the path that an entry of the search path stands for. An entry
// that leads nowhere is left out, with a warning.
func (w *worker) searched(entry string, pos Pos) (string, bool, error) {
	found, err := w.made.searches.do(w.ctx, entry, func() (foundEntry, error) { return w.searchNow(entry, pos) })
	return found.path, found.ok, err
}

func (w *worker) searchNow(entry string, pos Pos) (foundEntry, error) {
	if strings.HasPrefix(entry, "flake:") {
		return foundEntry{}, w.notSupported("getFlake")
	}
	if isURL(entry) {
		p, err := w.fetchTree(entry)
		var unsupported *NotSupportedError
		switch {
		case err == nil:
			return foundEntry{string(p), true}, nil
		case w.ctx.Err() != nil, errors.As(err, &unsupported):
			return foundEntry{}, w.trace(err, pos, "while downloading the search path entry '"+entry+"'")
		}
		w.warn("Nix search path entry '" + entry + "' cannot be downloaded, ignoring: " + err.Error())
		return foundEntry{}, nil
	}
	name := entry
	if !filepath.IsAbs(name) {
		name = filepath.Join(w.options.BaseDir, name)
	}
	real, err := resolve(w.inputs, name, true)
	if err == nil {
		_, err = w.inputs.Lstat(real)
	}
	if err != nil {
		// Of a link that leads out of what may be read, Nix says the same as of one
		// that leads nowhere.
		if _, err := w.inputs.Lstat(name); restricted(err) {
			return foundEntry{}, w.readError(err, pos, name)
		}
		w.warn("Nix search path entry '" + entry + "' does not exist, ignoring")
	}
	return foundEntry{name, err == nil}, nil
}
