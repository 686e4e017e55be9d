// Package storecheck finds store paths whose content is not what it was when it was
// made, by hashing them all, as `nix-store --verify --check-contents` does. Unlike
// that it goes on past what cannot be read, works on several paths at a time, and,
// with a [Journal], goes on where an interrupted run has stopped.
//
// It only reads.
package storecheck

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"sync"

	"luminousnix/nix/nar"
	"luminousnix/nix/store"
)

// The problems that a path may have, besides one that begins with [Unreadable].
const (
	Sound   = ""
	Changed = "changed" // the content is another one
	Missing = "missing"
	// Unreadable comes before the reason why a path cannot be read to its end.
	Unreadable = "unreadable: "
)

// Finding is what became of the check of one path.
type Finding struct {
	Info    *store.PathInfo
	Problem string
}

// Look hashes a path and compares it with what Nix has written down of it.
func Look(info *store.PathInfo) Finding {
	hash, size, err := nar.Hash(string(info.Path))
	switch {
	case errors.Is(err, fs.ErrNotExist) && !exists(info.Path):
		return Finding{info, Missing}
	case err != nil:
		return Finding{info, Unreadable + err.Error()}
	case hash != info.NarHash || info.NarSize != 0 && info.NarSize != size:
		return Finding{info, Changed}
	}
	return Finding{info, Sound}
}

func exists(path store.Path) bool {
	_, err := os.Lstat(string(path))
	return !errors.Is(err, fs.ErrNotExist)
}

// Scan looks at all paths, as many at a time as there are processors, and gives what
// it found to each, which is called by one goroutine at a time and in no particular
// order. When ctx ends or each fails, no more paths are begun.
func Scan(ctx context.Context, infos []*store.PathInfo, each func(Finding) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	todo, found := make(chan *store.PathInfo), make(chan Finding)
	go func() {
		defer close(todo)
		for _, info := range infos {
			select {
			case todo <- info:
			case <-ctx.Done():
				return
			}
		}
	}()
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for info := range todo {
				found <- Look(info)
			}
		})
	}
	go func() {
		workers.Wait()
		close(found)
	}()
	for finding := range found {
		if err := each(finding); err != nil {
			cancel(fmt.Errorf("checking %s: %w", finding.Info.Path, err))
		}
	}
	return context.Cause(ctx)
}
