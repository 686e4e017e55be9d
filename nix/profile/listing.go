package profile

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// maxNumber is the greatest number of a generation that is understood.
const maxNumber = math.MaxInt32

// listing is what a profile's folder has of it.
type listing struct {
	generations []Generation // lowest first
	temporary   []string     // base names of temporary links of this profile
	highest     int          // number that is taken, perhaps by a temporary link
}

// list reads the folder of the profile. The links are read relative to it, and several at
// once: a profile may have hundreds.
func (p Profile) list() (listing, error) {
	dir := filepath.Dir(string(p))
	folder, err := os.Open(dir)
	if err != nil {
		return listing{}, fmt.Errorf("listing generations: %w", err)
	}
	defer folder.Close()
	names, err := folder.Readdirnames(-1)
	if err != nil {
		return listing{}, fmt.Errorf("listing generations: %w", err)
	}
	found := listing{generations: make([]Generation, 0, len(names))}
	base, prefix := filepath.Base(string(p)), strings.TrimSuffix(dir, "/")+"/"
	for _, name := range names {
		number := numberOf(base, name)
		if number == 0 {
			if taken, ok := p.temporary(name); ok {
				found.temporary = append(found.temporary, name)
				found.highest = max(found.highest, taken)
			}
			continue
		}
		found.generations = append(found.generations, Generation{Number: number, Link: prefix + name})
		found.highest = max(found.highest, number)
	}
	if err := readAll(int(folder.Fd()), found.generations); err != nil {
		return listing{}, err
	}
	found.generations = slices.DeleteFunc(found.generations, func(g Generation) bool { return g.Created.IsZero() })
	slices.SortFunc(found.generations, func(a, b Generation) int { return a.Number - b.Number })
	return found, nil
}

// readAll reads the links of a folder, those of a part in another goroutine. One that was
// deleted since the folder was read stays without a time.
func readAll(folder int, generations []Generation) error {
	const worthwhile = 64
	var other chan error
	if n := len(generations); n > worthwhile {
		part := generations[:n/2]
		generations = generations[n/2:]
		other = make(chan error, 1)
		go func() { other <- readLinks(folder, part) }()
	}
	err := readLinks(folder, generations)
	if other != nil {
		err = errors.Join(err, <-other)
	}
	return err
}

func readLinks(folder int, generations []Generation) error {
	for i := range generations {
		g := &generations[i]
		if err := g.read(folder, filepath.Base(g.Link)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("reading generation %d: %w", g.Number, err)
		}
	}
	return nil
}

// names are all in the folder of the profile.
func (p Profile) names() ([]string, error) {
	folder, err := os.Open(filepath.Dir(string(p)))
	if err != nil {
		return nil, fmt.Errorf("listing generations: %w", err)
	}
	defer folder.Close()
	names, err := folder.Readdirnames(-1)
	if err != nil {
		return nil, fmt.Errorf("listing generations: %w", err)
	}
	return names, nil
}

func (g *Generation) read(folder int, name string) error {
	var stat unix.Stat_t
	if err := unix.Fstatat(folder, name, &stat, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return err
	}
	if stat.Mode&unix.S_IFMT == unix.S_IFLNK { // else odd, but there: without a target
		var target [unix.PathMax]byte
		n, err := unix.Readlinkat(folder, name, target[:])
		if err != nil {
			return err
		}
		g.Target = string(target[:n])
	}
	g.Created = time.Unix(stat.Mtim.Unix())
	return nil
}

// number parses <profile>-<N>-link; 0 when name is something else. A profile's
// own name may contain dashes.
func (p Profile) number(name string) int { return numberOf(filepath.Base(string(p)), name) }

func numberOf(base, name string) int {
	digits, ok := strings.CutPrefix(name, base)
	if !ok || !strings.HasPrefix(digits, "-") {
		return 0
	}
	digits = digits[1:]
	digits, ok = strings.CutSuffix(digits, "-link")
	if !ok {
		return 0
	}
	return parseNumber(digits)
}

// temporary reports whether name is that of a link on its way to become
// something of this profile: .<n>_<profile>, the profile itself, or
// <profile>-<N>-link.tmp-<pid>-<random>, with which nix-env makes generation N.
// Nix takes the second for a generation, which stops its deletions half-way.
func (p Profile) temporary(name string) (number int, ok bool) {
	base := filepath.Base(string(p))
	if digits, found := strings.CutSuffix(name, "_"+base); found && strings.HasPrefix(digits, ".") {
		_, err := strconv.ParseUint(digits[1:], 10, 31)
		return 0, err == nil
	}
	if link, _, found := strings.Cut(name, ".tmp-"); found {
		number = p.number(link)
	}
	return number, number != 0
}

// parseNumber parses a number as Nix prints it, without sign and leading zeros;
// 0 when it is not one.
func parseNumber(digits string) int {
	n, err := strconv.ParseUint(digits, 10, 31)
	if err != nil || digits[0] == '0' {
		return 0
	}
	return int(n)
}
