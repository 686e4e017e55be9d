// Package nixos knows NixOS systems: what a toplevel says of itself, how two of
// them differ and how one is activated.
//
// A toplevel is the store path that a NixOS configuration is built to; its files
// (nixos-version, kernel-modules, specialisation, sw, …) are those that
// nixos-rebuild and the boot loader read.
package nixos

import (
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"luminousnix/internal/operation"
)

// Facts is what a toplevel says of itself. What it does not say, or says in an
// odd way, is [operation.Unknown].
type Facts struct {
	NixosVersion          string
	KernelVersion         string
	ConfigurationRevision string
	Specialisations       []string // by name
}

// Complete reports whether the toplevel says what every NixOS system says, which
// an odd or half-deleted one does not, and has no tabs or line breaks in names.
func (f Facts) Complete() bool {
	return f.NixosVersion != operation.Unknown && f.KernelVersion != operation.Unknown &&
		!slices.ContainsFunc(f.Specialisations, func(name string) bool { return strings.ContainsAny(name, "\t\n") })
}

// IsSystem reports whether a path is the toplevel of a NixOS system, by the file that
// nixos-rebuild goes by.
func IsSystem(path string) bool {
	return unix.Access(path+"/nixos-version", unix.R_OK) == nil
}

// Read reads the facts of a toplevel. It never fails: a toplevel with missing
// or odd files is one of which less is known.
//
// It is called for hundreds of generations in a few milliseconds, so it uses
// plain system calls relative to the toplevel.
func Read(toplevel string) Facts {
	unknown := Facts{operation.Unknown, operation.Unknown, operation.Unknown, []string{}}
	dir, err := unix.Open(toplevel, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return unknown
	}
	defer unix.Close(dir)
	buf := make([]byte, 8<<10)
	return Facts{
		NixosVersion:          orUnknown(firstLine(readAt(dir, "nixos-version", buf))),
		KernelVersion:         orUnknown(first(listAt(dir, "kernel-modules/lib/modules", buf))),
		ConfigurationRevision: orUnknown(revision(readAt(dir, "sw/bin/nixos-version", buf))),
		Specialisations:       listAt(dir, "specialisation", buf),
	}
}

// readAt reads the start of a file, as much as fits into buf.
func readAt(dir int, name string, buf []byte) string {
	fd, err := unix.Openat(dir, name, unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return ""
	}
	defer unix.Close(fd)
	n, err := unix.Read(fd, buf)
	if err != nil {
		return ""
	}
	return string(buf[:n])
}

// listAt lists the names in a folder, sorted.
func listAt(dir int, name string, buf []byte) []string {
	names := []string{}
	fd, err := unix.Openat(dir, name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return names
	}
	defer unix.Close(fd)
	for {
		n, err := unix.ReadDirent(fd, buf)
		if err != nil || n <= 0 {
			slices.Sort(names)
			return names
		}
		_, _, names = unix.ParseDirent(buf[:n], -1, names)
	}
}

// revision finds the configuration revision in the script sw/bin/nixos-version:
// a literal in the object that the script prints for --json, or in older ones
// what it prints for --configuration-revision. A placeholder that was left in
// place when there was no revision has an @ in it.
func revision(script string) string {
	found := ""
	if _, after, ok := strings.Cut(script, `"configurationRevision":"`); ok {
		found, _, _ = strings.Cut(after, `"`)
	} else if _, branch, ok := strings.Cut(script, "--configuration-revision)"); ok {
		branch, _, _ = strings.Cut(branch, ";;")
		if _, after, ok := strings.Cut(branch, "\n    echo \""); ok {
			found, _, _ = strings.Cut(after, `"`)
		}
	}
	if strings.ContainsAny(found, "@$") {
		return ""
	}
	return found
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return strings.TrimSpace(line)
}

func first(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return names[0]
}

func orUnknown(s string) string {
	if s == "" || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return operation.Unknown
	}
	return s
}
