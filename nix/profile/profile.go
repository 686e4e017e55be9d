// Package profile reads and switches Nix profiles natively, as nix-env does.
//
// A profile is a symbolic link, for example /nix/var/nix/profiles/system, to
// one of its generations beside it, system-42-link, which is a link into the
// store. Reading takes no lock and needs no right to write; switching takes
// Nix's own lock, so that nix-env and ask-nix exclude each other.
//
// Facts are from Nix's libstore/profiles.cc and pathlocks.cc, checked by
// experiment against Nix 2.8, 2.26 and 2.34.
package profile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Profile is the absolute path of a profile link.
type Profile string

// Generation is one generation of a profile.
type Generation struct {
	Number  int
	Link    string    // absolute path of the generation's link
	Target  string    // what the link says, usually a store path
	Created time.Time // when the link was made
}

// State is a profile as it was read at one moment.
type State struct {
	// Generations by number, lowest first.
	Generations []Generation
	// Current is the number that the profile points at, 0 when it points at
	// no generation of its own.
	Current int
	// Target is what the profile link itself says.
	Target string
}

// ErrNotExist means that there is no such profile. It matches fs.ErrNotExist.
var ErrNotExist error = notExist{}

type notExist struct{}

func (notExist) Error() string { return "no such profile" }

func (notExist) Is(target error) bool { return target == fs.ErrNotExist }

// NoGenerationError means that a profile has no generation of that number.
type NoGenerationError struct {
	Profile Profile
	Number  int
}

func (e *NoGenerationError) Error() string {
	return fmt.Sprintf("profile %s has no generation %d", e.Profile, e.Number)
}

// ErrNoPrevious means that no generation is older than the current one.
var ErrNoPrevious = errors.New("there is no generation before the current one")

// Read reads the profile without taking its lock. The error matches
// [ErrNotExist] when there is no profile link.
func (p Profile) Read() (State, error) {
	target, err := os.Readlink(string(p))
	if errors.Is(err, fs.ErrNotExist) {
		return State{}, fmt.Errorf("%s: %w", p, ErrNotExist)
	}
	if err != nil {
		return State{}, fmt.Errorf("reading profile: %w", err)
	}
	generations, err := p.generations()
	if err != nil {
		return State{}, err
	}
	return State{Generations: generations, Current: p.number(filepath.Base(target)), Target: target}, nil
}

// generations lists the generation links beside the profile, lowest first. The
// links are read relative to their folder: a profile may have hundreds.
func (p Profile) generations() ([]Generation, error) {
	dir := filepath.Dir(string(p))
	folder, err := os.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("listing generations: %w", err)
	}
	defer folder.Close()
	names, err := folder.Readdirnames(-1)
	if err != nil {
		return nil, fmt.Errorf("listing generations: %w", err)
	}
	generations := make([]Generation, 0, len(names))
	for _, name := range names {
		number := p.number(name)
		if number == 0 {
			continue
		}
		generation := Generation{Number: number, Link: dir + "/" + name}
		if err := generation.read(int(folder.Fd()), name); errors.Is(err, fs.ErrNotExist) {
			continue // deleted since the folder was read
		} else if err != nil {
			return nil, fmt.Errorf("reading generation %d: %w", number, err)
		}
		generations = append(generations, generation)
	}
	slices.SortFunc(generations, func(a, b Generation) int { return a.Number - b.Number })
	return generations, nil
}

func (g *Generation) read(folder int, name string) error {
	var stat unix.Stat_t
	if err := unix.Fstatat(folder, name, &stat, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return err
	}
	g.Created = time.Unix(stat.Mtim.Unix())
	if stat.Mode&unix.S_IFMT != unix.S_IFLNK {
		return nil // odd, but there: a generation without a target
	}
	var target [unix.PathMax]byte
	n, err := unix.Readlinkat(folder, name, target[:])
	if err != nil {
		return err
	}
	g.Target = string(target[:n])
	return nil
}

// number parses <profile>-<N>-link; 0 when name is something else. A profile's
// own name may contain dashes.
func (p Profile) number(name string) int {
	digits, ok := strings.CutPrefix(name, filepath.Base(string(p))+"-")
	if !ok {
		return 0
	}
	digits, ok = strings.CutSuffix(digits, "-link")
	if !ok {
		return 0
	}
	n, err := strconv.ParseUint(digits, 10, 31)
	if err != nil {
		return 0
	}
	return int(n)
}

// Generation returns the generation of that number; the error is a
// [*NoGenerationError].
func (s State) Generation(p Profile, number int) (Generation, error) {
	for _, g := range s.Generations {
		if g.Number == number {
			return g, nil
		}
	}
	return Generation{}, &NoGenerationError{p, number}
}

// Previous returns the generation with the greatest number below the current
// one, the one that a rollback goes to; the error is [ErrNoPrevious].
func (s State) Previous() (Generation, error) {
	for _, g := range slices.Backward(s.Generations) {
		if g.Number < s.Current {
			return g, nil
		}
	}
	return Generation{}, ErrNoPrevious
}
