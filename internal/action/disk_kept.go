package action

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"luminousnix/internal/operation"
	"luminousnix/nix/profile"
	"luminousnix/nix/store"
	"luminousnix/nix/storedb"
)

// What takes the space of the store is kept twice. Under all that it depends on, which is
// the state of the database and all roots, it is exact and lasts. To find the roots means to
// look at all running programs, which takes longer than an answer should. So it is kept once
// more with a description of the links that are roots, which are looked at each time; what
// running programs use besides is believed for the time to live.

// diskKey names a kept answer: what it is about, and a version of the database.
func diskKey(m *Machine, args operation.Arguments, version string, more ...string) []string {
	derivations, outputs := m.Host.Keeps()
	return append([]string{
		string(operation.DiskUsage), m.Host.BootID(), m.Host.StateDir, string(m.Host.StoreDir), version,
		string(m.Host.Profile(args.Profile).Profile), fmt.Sprint(rows(args), derivations, outputs),
	}, more...)
}

// exactly is all roots, and all generations.
func exactly(view *storeView, state profile.State) (key []string) {
	for _, roots := range [][]store.Path{view.without(nil), view.without(state.Generations)} {
		slices.Sort(roots)
		key = append(key, "roots")
		for _, path := range slices.Compact(roots) { // of many processes that come and go
			key = append(key, string(path))
		}
	}
	key = append(key, "generations")
	for _, g := range state.Generations {
		key = append(key, g.Link, g.Target)
	}
	return key
}

// rootLinks describes the links that are roots, and those of the profile whose generations
// are told; "" where that cannot be told right now, or is of no use.
func rootLinks(ctx context.Context, m *Machine, args operation.Arguments) string {
	if !m.recalls() {
		return ""
	}
	profileFolder := filepath.Dir(string(m.Host.Profile(args.Profile).Profile))
	links, err := storedb.Links(ctx, storedb.Options{StateDir: m.Host.StateDir, StoreDir: m.Host.StoreDir}, profileFolder)
	if err != nil {
		return ""
	}
	return links
}

// withLinks is what is kept for a while: the length of the description, the description,
// and the rest.
func withLinks(links string, disk []byte) []byte {
	return append(fmt.Appendf(nil, "%d\n%s", len(links), links), disk...)
}

// recallLately takes all but the file systems from what is kept for a while.
func recallLately(m *Machine, key []string, data *operation.Disk) (ok bool) {
	text, ok := m.recallText(key)
	size, rest, _ := strings.Cut(string(text), "\n")
	length, err := strconv.Atoi(size)
	return ok && err == nil && length >= 0 && length <= len(rest) && storedb.SameLinks(rest[:length]) && decodeDisk(rest[length:], data)
}

// recallDisk takes all but the file systems from what is kept.
func recallDisk(m *Machine, key []string, data *operation.Disk) (ok bool) {
	text, ok := m.recallText(key)
	return ok && decodeDisk(string(text), data)
}

// encodeDisk writes all but the file systems: a line for the store, one for the profile and
// one for each generation and package, which begins with a letter. Fields are separated by
// tabs. To read this takes a tenth of what JSON does.
func encodeDisk(d *operation.Disk) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "s\t%d\t%d\t%d\n", d.StorePaths, d.StoreBytes, d.Dead)
	if d.Profile != "" {
		fmt.Fprintf(&b, "in\t%s\n", d.Profile)
	}
	for _, g := range d.Generations {
		fmt.Fprintf(&b, "g\t%d\t%d\t%d\n", g.Generation, g.Exclusive, g.Shared)
	}
	for _, p := range d.Packages {
		fmt.Fprintf(&b, "p\t%s\t%d\t%d\t%s\n", p.Name, p.Paths, p.Bytes, strings.Join(p.Versions, " "))
	}
	return b.Bytes()
}

// decodeDisk reads what encodeDisk has written. ok is false, and data as it was, for
// anything else.
func decodeDisk(text string, data *operation.Disk) (ok bool) {
	read := operation.Disk{FileSystems: data.FileSystems}
	read.Generations = make([]operation.GenerationSpace, 0, strings.Count(text, "\n"))
	for line := range strings.Lines(text) {
		line, ok = strings.CutSuffix(line, "\n")
		kind, rest, _ := strings.Cut(line, "\t")
		fields := strings.Split(rest, "\t")
		if !ok || !readDiskLine(kind, fields, &read) {
			return false
		}
	}
	if len(read.Generations) == 0 {
		read.Generations = nil
	}
	if ok {
		*data = read
	}
	return ok
}

func readDiskLine(kind string, fields []string, d *operation.Disk) (ok bool) {
	ok = true
	number := func(field string) int64 {
		n, err := strconv.ParseInt(field, 10, 64)
		ok = ok && err == nil
		return n
	}
	switch {
	case kind == "s" && len(fields) == 3:
		d.StorePaths, d.StoreBytes, d.Dead = number(fields[0]), number(fields[1]), number(fields[2])
	case kind == "in" && len(fields) == 1:
		d.Profile = fields[0]
	case kind == "g" && len(fields) == 3:
		d.Generations = append(d.Generations, operation.GenerationSpace{
			Generation: operation.GenerationNumber(number(fields[0])), Exclusive: number(fields[1]), Shared: number(fields[2]),
		})
	case kind == "p" && len(fields) == 4:
		d.Packages = append(d.Packages, operation.PackageSpace{
			Name: fields[0], Paths: int(number(fields[1])), Bytes: number(fields[2]), Versions: append([]string{}, strings.Fields(fields[3])...),
		})
	default:
		return false
	}
	return ok
}
