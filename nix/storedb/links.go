package storedb

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"luminousnix/nix/folder"
)

// Links describes what [DB.Roots] reads of links: each folder below gcroots and profiles,
// and those in others that are given, with the time of its last change, and each link
// elsewhere that a root leads through, with what it says. As long as [SameLinks] finds it
// all the same, the roots that are links are the same, and so is what the links in the
// given folders say: the system changes the time of a folder with each name in it, and a
// link cannot be changed but only replaced. Running programs and temporary roots are not in it.
//
// The error matches [ErrChanging] where a folder was changed so lately that its time does
// not tell one change from the next.
func Links(ctx context.Context, options Options, others ...string) (description string, err error) {
	return linksAt(ctx, time.Now(), options, others)
}

func linksAt(ctx context.Context, now time.Time, options Options, others []string) (description string, err error) {
	f := finder{ctx: ctx, dir: options.StoreDir, links: &links{}}
	for _, path := range others {
		f.links.folder(path)
	}
	for _, name := range []string{"gcroots", "profiles"} {
		top := filepath.Join(options.StateDir, name)
		f.links.folder(top) // it may be a link, or not be there
		if err := f.look(top); err != nil {
			return "", err
		}
	}
	if newest := f.links.newest; !newest.Settled(now) {
		return "", fmt.Errorf("%w: a link was, %v ago", ErrChanging, now.Sub(newest.Changed()))
	}
	return f.links.text.String(), nil
}

// SameLinks reports whether all is as a description by [Links] says.
func SameLinks(description string) bool {
	fields := strings.Split(description, "\x00")
	for ; len(fields) > 3; fields = fields[3:] {
		kind, path, want := fields[0], fields[1], fields[2]
		var is string
		switch kind {
		case folderKind:
			is, _ = folderState(path)
		case linkKind:
			is = linkState(path)
		}
		if is != want {
			return false
		}
	}
	return len(fields) == 1 && fields[0] == "" && description != ""
}

// Kinds of what a description has: each with a path and its state, all three ended by a
// zero byte, which is in no path.
const (
	folderKind = "folder"
	linkKind   = "link"
)

// links writes a description.
type links struct {
	text   strings.Builder
	newest folder.State // the one that was changed last
}

func (l *links) note(kind, path, state string) {
	for _, field := range [...]string{kind, path, state} {
		l.text.WriteString(field)
		l.text.WriteByte(0)
	}
}

// folder is to be called before the folder is read.
func (l *links) folder(path string) {
	text, state := folderState(path)
	if state.Changed().After(l.newest.Changed()) {
		l.newest = state
	}
	l.note(folderKind, path, text)
}

func (l *links) link(path string) { l.note(linkKind, path, linkState(path)) }

// folderState is a folder as it is; "" where there is none.
func folderState(path string) (text string, state folder.State) {
	state, ok := folder.At(path)
	if !ok {
		return "", state
	}
	return state.String(), state
}

// linkState is what a link says; "" where there is none.
func linkState(path string) string {
	target, _ := os.Readlink(path)
	return target
}
