package storecheck

import (
	"errors"
	"io/fs"
	"os"
	"time"

	"luminousnix/internal/record"
	"luminousnix/nix/store"
)

// MaxAge is how long what a run has found is believed by a later one.
const MaxAge = 24 * time.Hour

// Journal is a file in which a run writes down what it has found, so that a later one
// need not look again.
type Journal struct{ File record.File }

// line is what a run has found of one path, or that it came to its end.
type line struct {
	Time     time.Time  `json:"time"`
	Path     store.Path `json:"path,omitempty"`
	Hash     string     `json:"hash,omitempty"` // that the path was to have
	Problem  string     `json:"problem,omitempty"`
	Complete bool       `json:"complete,omitempty"`
}

// Known is what is known of the soundness of paths: those that were found sound, with
// the hash that they were to have then.
type Known map[store.Path]string

// Has says whether the path was found sound as it is to be now.
func (k Known) Has(info *store.PathInfo) bool {
	hash, ok := k[info.Path]
	return ok && hash == info.NarHash.String()
}

// Known reads what earlier runs have found. That of a run which came to its end counts
// only if damaged is asked for, and it has found damage that is there still: then only
// that is to be looked at. What is older than [MaxAge], or from the future, does not count at all.
func (j Journal) Known(now time.Time, damaged bool) (Known, error) {
	lines, err := record.Read[line](j.File)
	if err != nil {
		return nil, err
	}
	known, problems := Known{}, map[store.Path]bool{}
	for _, l := range lines {
		age := now.Sub(l.Time)
		switch {
		case age > MaxAge || age < 0: // the clock was set back: nobody knows how old it is
		case l.Complete:
			if !damaged || len(problems) == 0 {
				clear(known)
				clear(problems)
			}
		case l.Problem == Sound:
			known[l.Path] = l.Hash
			delete(problems, l.Path)
		default:
			delete(known, l.Path)
			problems[l.Path] = true
		}
	}
	return known, nil
}

// Add writes down what was found.
func (j Journal) Add(f Finding, now time.Time) error {
	return j.File.Append(line{Time: now, Path: f.Info.Path, Hash: f.Info.NarHash.String(), Problem: f.Problem})
}

// Complete writes down that a run came to its end.
func (j Journal) Complete(now time.Time) error { return j.File.Append(line{Time: now, Complete: true}) }

// Forget removes the file.
func (j Journal) Forget() error {
	if err := os.Remove(j.File.Path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
