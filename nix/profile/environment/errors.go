package environment

import (
	"errors"
	"fmt"

	"luminousnix/nix/store"
)

// ConflictError means that two packages of the same priority have the same file,
// or one has a file where the other has a link to a directory. Giving one of
// them another priority solves it; [ConflictError.Preferred] and
// [ConflictError.Deferred] suggest which.
type ConflictError struct {
	First, Second               string // absolute paths of the files
	FirstPackage, SecondPackage store.Path
	Priority                    int // of both
}

func (e *ConflictError) Error() string {
	return fmt.Sprintf("%s and %s would be the same file in the profile, as both packages have priority %d: give %s the priority %d to use its file, or %d to use that of %s",
		e.First, e.Second, e.Priority, e.SecondPackage.Base(), e.Preferred(), e.Deferred(), e.FirstPackage.Base())
}

// Preferred is a priority for either package with which its file is used.
func (e *ConflictError) Preferred() int { return e.Priority - 1 }

// Deferred is a priority for either package with which the other's file is used.
func (e *ConflictError) Deferred() int { return e.Priority + 1 }

// KindError means that a package has a directory where another one has a file.
// No priority solves it.
type KindError struct {
	Directory, File string // absolute paths
	// DirectoryOf and FileOf are the packages. Where several packages have the
	// directory, DirectoryOf is one of them.
	DirectoryOf, FileOf store.Path
}

func (e *KindError) Error() string {
	return fmt.Sprintf("%s is a directory, but %s is not: the packages %s and %s cannot be in one profile",
		e.Directory, e.File, e.DirectoryOf.Base(), e.FileOf.Base())
}

// TooManyError means that packages have more files than any profile can have,
// which is so when links between their directories lead in circles.
type TooManyError struct{ Package store.Path }

func (e *TooManyError) Error() string {
	return fmt.Sprintf("more than %d files to link, the last of them in %s", maxEntries, e.Package)
}

// NoManifestError means that what a profile points at was made neither by
// nix-env nor by `nix profile`, as after `nix-env --set`. `nix profile` would go
// on as if the profile were empty.
type NoManifestError struct{ Path store.Path }

func (e *NoManifestError) Error() string {
	return fmt.Sprintf("%s has no manifest.json and no manifest.nix: it does not tell which packages are in it", e.Path)
}

// ErrNoMatch means that nothing in the profile is to be removed.
var ErrNoMatch = errors.New("environment: no package in the profile matches")

// ErrNoPriorities means that a priority was given for a profile in the form of
// Nix 2.8, which knows none.
var ErrNoPriorities = errors.New("environment: Nix 2.8 knows no priorities in profiles")
