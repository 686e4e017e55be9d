package storedb

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// scanProcesses finds what running programs use: their program, working
// directory, open and mapped files, and store paths in their environment. proc is
// /proc.
func (f *finder) scanProcesses(proc string) error {
	entries, err := os.ReadDir(proc)
	if err != nil {
		return err
	}
	// The kernel takes its time to tell what a process has mapped: half of them in a
	// goroutine of its own.
	other := finder{ctx: f.ctx, dir: f.dir}
	half := make(chan error, 1)
	go func() { half <- other.scanSome(proc, entries[:len(entries)/2]) }()
	err = f.scanSome(proc, entries[len(entries)/2:])
	if err = errors.Join(err, <-half); err != nil {
		return err
	}
	f.found = append(f.found, other.found...)
	return f.scanKernel(proc)
}

func (f *finder) scanSome(proc string, entries []fs.DirEntry) error {
	for _, entry := range entries {
		if err := f.ctx.Err(); err != nil {
			return err
		}
		if _, err := strconv.ParseUint(entry.Name(), 10, 32); err != nil {
			continue
		}
		// A process may end at any time, and not all may be looked at.
		err := f.scanProcess(filepath.Join(proc, entry.Name()))
		if err != nil && !unreadable(err) && !errors.Is(err, syscall.ESRCH) {
			return err
		}
	}
	return nil
}

func (f *finder) scanProcess(folder string) error {
	f.readLink(folder + "/exe")
	f.readLink(folder + "/cwd")
	open, err := os.ReadDir(folder + "/fd")
	if err != nil {
		return err // a process that does not show these shows no others
	}
	for _, file := range open {
		f.readLink(folder + "/fd/" + file.Name())
	}
	maps, err := os.ReadFile(folder + "/maps")
	if err != nil {
		return err
	}
	f.scanMaps(folder+"/maps", maps)
	environ, err := os.ReadFile(folder + "/environ")
	if err != nil {
		return err
	}
	f.scanText(folder+"/environ", environ)
	return nil
}

// scanKernel reads the settings that name programs the kernel starts.
func (f *finder) scanKernel(proc string) error {
	for _, name := range []string{"modprobe", "fbsplash", "poweroff_cmd"} {
		file := filepath.Join(proc, "sys/kernel", name)
		content, err := os.ReadFile(file)
		if unreadable(err) {
			continue
		}
		if err != nil {
			return err
		}
		f.add(file, string(content))
	}
	return nil
}

// readLink takes a link into the store. One that cannot be read is none: the
// process ended, closed the file, or is the kernel's.
func (f *finder) readLink(link string) {
	if target, err := os.Readlink(link); err == nil {
		f.add(link, target)
	}
}

// scanMaps takes the mapped files: the sixth and last field of a line. A file
// that was deleted has a seventh.
func (f *finder) scanMaps(name string, maps []byte) {
	inStore := []byte(string(f.dir) + "/")
	for line := range bytes.Lines(maps) {
		if !bytes.Contains(line, inStore) {
			continue
		}
		if fields := bytes.Fields(line); len(fields) == 6 {
			f.add(name, string(fields[5]))
		}
	}
}

// scanText takes all that looks like a store path, wherever it is in the text.
func (f *finder) scanText(name string, text []byte) {
	prefix := []byte(string(f.dir) + "/")
	for {
		at := bytes.Index(text, prefix)
		if at < 0 {
			return
		}
		end := at + len(prefix)
		for end < len(text) && isPathByte(text[end]) {
			end++
		}
		f.add(name, string(text[at:end]))
		text = text[end:]
	}
}

// isPathByte says whether a store path's name may contain c.
func isPathByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || bytes.IndexByte([]byte("+-._?="), c) >= 0
}
