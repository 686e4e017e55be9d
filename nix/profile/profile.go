// Package profile reads and changes Nix profiles natively, as nix-env does.
//
// A profile is a symbolic link, for example /nix/var/nix/profiles/system, to
// one of its generations beside it, system-42-link, which is a link into the
// store. A [Profile] is the path of the first; start with its Read:
//
//	p := profile.Locations{}.System()
//	state, err := p.Read()              // matches ErrNotExist if there is none
//	previous, err := state.Previous()   // ErrNoPrevious
//	err = p.Switch(ctx, previous.Number)
//
// The methods of a Profile and what they stand for:
//
//	Read                  nix-env --list-generations
//	Numbers, Generation   the same, of as little as is wanted
//	Create, CreateIf      nix-env --set; CreateIf only if nothing has changed
//	Switch, Rollback      nix-env --switch-generation, --rollback
//	Delete                nix-env --delete-generations; State.Select previews it
//
// [Locations] knows where the profiles of a machine and its users are, [Find]
// lists those below a folder, and [StateDir] makes and lists the links that
// keep the garbage collector from what profiles elsewhere use.
//
// Reading takes no lock and needs no right to write. Every change is made under
// Nix's own lock, waits for it as long as its context lets it ([ErrLocked]), is
// one atomic system call for those who read, and is on the disk when the method
// returns. A process may be killed at any moment: what it leaves is a whole
// profile, and at worst a generation that is not current or a temporary link,
// which a later change removes. nix-env --set itself takes no lock, so it alone
// can still get in the way of a change.
//
// Errors of the system are wrapped, so that fs.ErrPermission, fs.ErrNotExist and
// syscall.ENOSPC match. What a caller may want to tell apart has a type or a
// variable here: [ErrNotExist], [ErrNoPrevious], [ErrLocked],
// [ErrCurrentUnknown], [*NoGenerationError], [*NotLinkError], [*ChangedError],
// [*DeleteCurrentError] and [*SelectionError].
//
// Facts are from Nix's libstore/profiles.cc, pathlocks.cc and gc.cc, checked by
// experiment against Nix 2.8, 2.26 and 2.34.
package profile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
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

// NotLinkError means that there is something else where a profile's link should
// be. It is never replaced.
type NotLinkError struct{ Path string }

func (e *NotLinkError) Error() string { return e.Path + " is not a symbolic link" }

// Read reads the profile without taking its lock. The error matches
// [ErrNotExist] when there is no profile link, and is a [*NotLinkError] when it
// is not a link.
func (p Profile) Read() (State, error) {
	state, _, err := p.read()
	return state, err
}

// read is Read, with the base names of temporary links of the profile.
func (p Profile) read() (state State, temporary []string, err error) {
	target, err := p.readlink()
	if err != nil {
		return State{}, nil, err
	}
	folder, err := p.list()
	if err != nil {
		return State{}, nil, err
	}
	return State{Generations: folder.generations, Current: p.number(filepath.Base(target)), Target: target}, folder.temporary, nil
}

// Numbers reads which generations there are, lowest first, and which is the current one,
// 0 when the profile points at no generation of its own. It looks at no generation, so
// that some may be odd. Its errors are those of Read.
func (p Profile) Numbers() (numbers []int, current int, err error) {
	target, err := p.readlink()
	if err != nil {
		return nil, 0, err
	}
	names, err := p.names()
	if err != nil {
		return nil, 0, err
	}
	for _, name := range names {
		if number := p.number(name); number != 0 {
			numbers = append(numbers, number)
		}
	}
	slices.Sort(numbers)
	return numbers, p.number(filepath.Base(target)), nil
}

// Generation reads one generation and no other: the current one if number is 0. The error
// is a [*NoGenerationError] when there is none, and otherwise one of Read.
func (p Profile) Generation(number int) (Generation, error) {
	target, err := p.readlink()
	if err != nil {
		return Generation{}, err
	}
	if number == 0 {
		number = p.number(filepath.Base(target))
	}
	g := Generation{Number: number, Link: fmt.Sprintf("%s-%d-link", p, number)}
	if err := g.read(unix.AT_FDCWD, g.Link); errors.Is(err, fs.ErrNotExist) {
		return Generation{}, &NoGenerationError{p, number}
	} else if err != nil {
		return Generation{}, fmt.Errorf("reading generation %d: %w", number, err)
	}
	return g, nil
}

func (p Profile) readlink() (string, error) {
	target, err := os.Readlink(string(p))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("%s: %w", p, ErrNotExist)
	case errors.Is(err, unix.EINVAL):
		return "", &NotLinkError{string(p)}
	case err != nil:
		return "", fmt.Errorf("reading profile: %w", err)
	}
	return target, nil
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
